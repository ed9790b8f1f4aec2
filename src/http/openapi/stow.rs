//! The Stow API.

use rocket::http::Method::{self, Delete, Get, Post, Put};
use serde_json::json;

use super::common::{key, message, password, stow_time, username, value};
use super::operation::Operation;
use super::refusals::{of_absence, of_body, of_registration, of_value};
use super::shape::{Shape, by_name, exactly, formatted, matching, meaning, object, or_null, whole};
use super::{Chapter, Documented};
use crate::http::api::stow::Stow;
use crate::http::refusal::Refusal;
use crate::service::ServiceError;

const ENTRY: &str = "/api/stow/{key}";

impl Documented for Stow {
    const NAME: &'static str = "Stow";

    fn refusal() -> (&'static str, Shape) {
        ("application/json", message())
    }
}

/// What there is.
pub(super) fn chapter() -> Chapter {
    let about = "Entries under keys, by HTTP Basic. The name may be a token, and then the password does not matter. \
                 Times are UTC.";
    Chapter { name: Stow::NAME, about, operations: account().into_iter().chain(entries()).collect() }
}

fn inside(method: Method, path: &'static str, summary: &'static str) -> Operation {
    Operation::new::<Stow>(method, path, summary)
}

fn account() -> Vec<Operation> {
    let user = exactly([("id", whole(1)), ("name", username()), ("created", stow_time())]);
    let token = exactly([("token", formatted("uuid")), ("duration", whole(1))]);
    let limited = || -> [Refusal; 1] { [ServiceError::NotGranted.into()] };
    vec![
        Operation::open::<Stow>(Post, "/api/user", "Registers a user")
            .json(
                object([("name", username()), ("password", password())]),
                json!({ "name": "ann", "password": "Passw0rd!" }),
            )
            .answers(201, "Registered.", message(), json!({ "message": "User 'ann' registered" }))
            .refuses(of_registration()),
        inside(Get, "/api/user", "Tells of the user")
            .answers(200, "The user.", user, json!({ "id": 1, "name": "ann", "created": "2018-03-10T10:25:35.576296" }))
            .refuses(limited()),
        inside(Delete, "/api/user", "Erases the user and every entry")
            .answers(200, "Erased.", message(), json!({ "message": "User deleted" }))
            .refuses(limited()),
        inside(Get, "/api/token", "Fetches a token")
            .answers(
                200,
                "The token, and the seconds that it lives.",
                token,
                json!({ "token": "4d1c0ff0-95c8-4f3b-9a1e-0a3f6a1d8c52", "duration": 3600 }),
            )
            .refuses([Refusal::ForeignPage]),
    ]
}

fn entries() -> Vec<Operation> {
    let one = json!({ "value": ["Paris", "Rome"], "modified": "2018-03-10T10:25:35.576296",
                      "created": "2018-03-10T10:25:35.576296" });
    let modified = "When the client changed it. A zone counts, and a fraction may be missing.";
    let asked = object([("value", value()), ("modified?", meaning(or_null(given_time()), modified))]);
    vec![
        entry(Put, "Stores an entry")
            .json(asked, json!({ "value": ["Paris", "Rome"] }))
            .answers(200, "Stored.", message(), json!({ "message": "Entry stored successfully" }))
            .refuses(of_body())
            .refuses(of_value())
            .refuses([Refusal::Wrong("modified", "must be a time"), ServiceError::NotNewer.into()]),
        entry(Get, "Reads an entry").answers(200, "The entry.", entry_shape(), one.clone()).refuses(of_absence()),
        inside(Get, "/api/stow", "Lists all entries").answers(
            200,
            "The entries. The list is sent as it is read: where something goes wrong, it is not closed.",
            exactly([("entries", by_name(entry_shape()))]),
            json!({ "entries": { "cities": one } }),
        ),
        entry(Delete, "Removes an entry")
            .answers(200, "Removed.", message(), json!({ "message": "Entry deleted" }))
            .refuses(of_absence()),
    ]
}

fn entry(method: Method, summary: &'static str) -> Operation {
    let limited = ServiceError::NotGranted.into();
    inside(method, ENTRY, summary).segment("key", "The key.", key(), "cities").refuses([Refusal::Key, limited])
}

fn entry_shape() -> Shape {
    exactly([("value", value()), ("modified", stow_time()), ("created", stow_time())])
}

/// A time as clients may write it.
fn given_time() -> Shape {
    const DATE: &str = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
    const CLOCK: &str = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?";
    const ZONE: &str = "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?";
    matching(&format!("^{DATE}T{CLOCK}{ZONE}$"))
}
