//! The Forms API.

use rocket::http::Method::{self, Get, Post};
use serde_json::{Value as Json, json};

use super::common::{email, key, password, username, value};
use super::operation::Operation;
use super::refusals::{of_absence, of_body, of_password, of_registration, of_value};
use super::shape::{
    Shape, as_form, either, exactly, meaning, object, or_null, text, text_like, whole, whole_up_to, word,
};
use super::{Chapter, Documented};
use crate::domain::{InvalidEmail, Key};
use crate::http::api::forms::{Forms, REGISTRATION, code};
use crate::http::refusal::Refusal;
use crate::service::ServiceError;

const FORM: &str = "application/x-www-form-urlencoded";

impl Documented for Forms {
    const NAME: &'static str = "Forms";

    fn refusal() -> (&'static str, Shape) {
        let refusal = exactly([("status", word(&["error"])), ("code", text()), ("message", text())]);
        ("application/json", refusal)
    }

    fn code(refusal: &Refusal, path: &str) -> Option<&'static str> {
        Some(code(refusal, path == REGISTRATION))
    }
}

/// What there is.
pub(super) fn chapter() -> Chapter {
    let about = "Values under keys, from HTML forms or JSON, in a session or with a token or JWT. A form that a browser \
                 sends in a session carries the `csrf_token` of the log-in, as a field or in `X-CSRF-Token`.";
    Chapter { name: Forms::NAME, about, operations: entrance().into_iter().chain(data()).collect() }
}

fn inside(method: Method, path: &'static str, summary: &'static str) -> Operation {
    let operation = Operation::new::<Forms>(method, path, summary);
    if method == Post { operation.refuses([Refusal::FormToken]) } else { operation }
}

/// A body as JSON or as a form.
fn with_body(operation: Operation, shape: Shape, form: Shape, example: Json) -> Operation {
    operation.body("application/json", shape, example.clone()).body(FORM, as_form(form), example).refuses(of_body())
}

fn success(operation: Operation, message: &str, data: Option<(Shape, Json)>) -> Operation {
    let (status, said) = (word(&["success"]), text());
    match data {
        None => {
            let shape = exactly([("status", status), ("message", said)]);
            operation.answers(200, "Done.", shape, json!({ "status": "success", "message": message }))
        }
        Some((shape, data)) => {
            let shape = exactly([("status", status), ("message", said), ("data", shape)]);
            operation.answers(200, "Done.", shape, json!({ "status": "success", "message": message, "data": data }))
        }
    }
}

fn sent_on(operation: Operation) -> Operation {
    operation
        .answers_bare(302, "A browser (`Accept: text/html`) is sent on.")
        .telling("Location", "The page to go on to.")
}

fn entrance() -> Vec<Operation> {
    let credentials = || object([("username", username()), ("password", password())]);
    let given = json!({ "username": "ann", "password": "Passw0rd!" });
    let jwt = exactly([("access_token", text()), ("expires_in", whole(1))]);
    let form_token = exactly([("csrf_token", text_like("^[0-9a-f]{64}$", 64, 64))]);
    let token = Operation::open::<Forms>(Post, "/api/token", "Fetches an access token");
    let login = Operation::open::<Forms>(Post, "/api/login", "Begins a session").refuses([Refusal::ForeignPage]);
    let logout = inside(Get, "/api/logout", "Ends the session, or the token").refuses([Refusal::ForeignPage]);
    let with_token = || {
        let second = meaning(or_null(text()), "A second proof, where it is there: an access token of the account.");
        object([("username", username()), ("password", password()), ("access_token?", second)])
    };
    vec![
        sent_on(registration()),
        success(
            with_body(token, credentials(), credentials(), given.clone()).refuses(of_password()),
            "Access token generated successfully.",
            Some((jwt, json!({ "access_token": "eyJ…", "expires_in": 3600 }))),
        ),
        sent_on(success(
            with_body(login, with_token(), with_token(), given).refuses(of_password()).refuses([Refusal::NotAdmitted]),
            "Login successful!",
            Some((form_token, json!({ "csrf_token": "0".repeat(64) }))),
        ))
        .telling("Set-Cookie", "The session."),
        sent_on(success(logout, "Logged out successfully.", None)),
    ]
}

fn registration() -> Operation {
    let operation = Operation::open::<Forms>(Post, REGISTRATION, "Registers an account").about(
        "A password has at least 8 characters here, among them an upper-case and a lower-case letter, a digit and \
                a special character.",
    );
    let filled = || text_like(r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$", 1, 255);
    let strong = || text_like(r"^[^\x00]+$", 8, 72);
    let shape = |age: Shape| {
        object([
            ("username", username()),
            ("email", email()),
            ("password", strong()),
            ("full_name", filled()),
            ("age", age),
            ("gender", filled()),
        ])
    };
    let age = || whole_up_to(1, u32::MAX.into());
    let example = json!({ "username": "ann", "email": "ann@example.org", "password": "Passw0rd!",
                          "full_name": "Ann Other", "age": 30, "gender": "female" });
    let data = exactly([
        ("user_id", whole(1)),
        ("username", username()),
        ("email", email()),
        ("full_name", text()),
        ("age", whole(1)),
        ("gender", text()),
    ]);
    let told = json!({ "user_id": 1, "username": "ann", "email": "ann@example.org", "full_name": "Ann Other",
                       "age": 30, "gender": "female" });
    let operation =
        with_body(operation, shape(either([age(), text_like("^0*[1-9][0-9]*$", 1, 9)])), shape(age()), example);
    success(operation, "User successfully registered!", Some((data, told))).refuses(of_registration()).refuses([
        ServiceError::EmailTaken.into(),
        ServiceError::Email(InvalidEmail).into(),
        ServiceError::Profile.into(),
        Refusal::Wrong("password", "is too weak"),
        Refusal::Wrong("age", "must be a positive integer"),
        Refusal::Missing("gender"),
    ])
}

fn data() -> Vec<Operation> {
    let pair = || object([("key", key()), ("value", value())]);
    let pair_form = || object([("key", key()), ("value", text())]);
    let of_key = || [Refusal::Key, ServiceError::NotGranted.into()];
    let writing = |path, summary, key: &str| {
        let example = json!({ "key": key, "value": "Paris" });
        with_body(inside(Post, path, summary), pair(), pair_form(), example).refuses(of_key()).refuses(of_value())
    };
    let key_alone = || object([("key", key())]);
    let found = exactly([("key", key()), ("value", value())]);
    let removing = inside(Post, "/api/data/delete", "Removes a value").refuses(of_key()).refuses(of_absence());
    let reading = inside(Get, "/api/data/retrieve", "Reads a value")
        .demands("key", "The key.", key(), "cities")
        .refuses(of_key())
        .refuses(of_absence())
        .refuses([Refusal::Missing("key"), Refusal::Repeated("key".to_owned())]);
    let there = Key::parse("cities").ok().map(|key| ServiceError::DocumentExists(key).into());
    vec![
        success(writing("/api/data", "Stores a value under a new key", "capital"), "Data stored successfully.", None)
            .refuses(there),
        success(
            reading,
            "Data retrieved successfully.",
            Some((found, json!({ "key": "cities", "value": ["Paris", "Rome"] }))),
        ),
        success(writing("/api/data/update", "Replaces a value", "cities"), "Data updated successfully.", None)
            .refuses(of_absence()),
        success(
            with_body(removing, key_alone(), key_alone(), json!({ "key": "cities" })),
            "Data deleted successfully.",
            None,
        ),
    ]
}
