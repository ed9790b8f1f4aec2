//! The web interface: pages for people, and the forms on them.

use rocket::http::Method::{self, Get, Post};
use serde_json::{Map, Value as Json, json};

use super::common::{client_id, key};
use super::operation::Operation;
use super::refusals::{of_absence, of_password};
use super::shape::{Shape, and, any, either, exactly, list, object, text, text_like, whole, word};
use super::{Chapter, Documented};
use crate::domain::{InvalidClientId, Username};
use crate::http::doors::FORM_TOKEN;
use crate::http::refusal::Refusal;
use crate::http::web::Web;
use crate::service::ServiceError;

impl Documented for Web {
    const NAME: &'static str = "Web";

    fn refusal() -> (&'static str, Shape) {
        ("text/html", text())
    }
}

const JSON: &str = "application/json";

/// What there is.
pub(super) fn chapter() -> Chapter {
    let about = "Pages for people, in a session. Whoever has none is led to the log-in. Every form carries the form token \
                 of its session, or before one, of the cookie of the visit.";
    let parts = [entrance(), documents(), devices(), account(), accounts()];
    Chapter { name: Web::NAME, about, operations: parts.into_iter().flatten().collect() }
}

/// A page for those with a session.
fn page(path: &'static str, summary: &'static str) -> Operation {
    let limited = ServiceError::NotGranted.into();
    Operation::new::<Web>(Get, path, summary).answers_as(200, "The page.", "text/html", None).refuses([limited])
}

/// A page for everybody.
fn open_page(path: &'static str, summary: &'static str) -> Operation {
    shown(Operation::open::<Web>(Get, path, summary))
}

fn shown(operation: Operation) -> Operation {
    led_on(operation.answers_as(200, "The page.", "text/html", None))
}

fn led_on(operation: Operation) -> Operation {
    operation.answers_bare(303, "On to another page.").telling("Location", "The page to go on to.")
}

/// A form with these fields, as it is sent.
fn form<const N: usize>(operation: Operation, fields: [(&str, Shape, Json); N]) -> Operation {
    let token = (FORM_TOKEN, text_like("^[0-9a-f]{64}$", 64, 64), Json::from("0".repeat(64)));
    let mut example = Map::new();
    let mut shape = object([]);
    for (name, of, given) in [token].into_iter().chain(fields) {
        example.insert(name.trim_end_matches('?').to_owned(), given);
        shape = and(shape, name, of);
    }
    operation.body("application/x-www-form-urlencoded", shape, example).refuses([
        Refusal::FormToken,
        Refusal::Body,
        Refusal::BodyTooLarge(0),
    ])
}

/// A form of somebody with a session.
fn sent<const N: usize>(path: &'static str, summary: &'static str, fields: [(&str, Shape, Json); N]) -> Operation {
    let limited = ServiceError::NotGranted.into();
    shown(form(Operation::new::<Web>(Post, path, summary).refuses([limited]), fields))
}

/// The same page, with what is wrong.
fn or_again(operation: Operation) -> Operation {
    operation.answers_as(422, "The page again, with what is wrong.", "text/html", None)
}

fn entrance() -> Vec<Operation> {
    let foreign = || [Refusal::ForeignPage, Refusal::SeveralCredentials];
    let open_form = |path, summary| Operation::open::<Web>(Post, path, summary).refuses(foreign());
    let log_in = form(
        open_form("/login", "Logs in"),
        [
            ("username", text(), "ann".into()),
            ("password", text(), "Passw0rd!".into()),
            ("next?", text(), "/devices".into()),
        ],
    );
    let register = form(
        open_form("/register/account", "Registers an account, and logs in"),
        [
            ("username", text(), "ann".into()),
            ("email?", text(), "ann@example.org".into()),
            ("password", text(), "Passw0rd!".into()),
            ("repeated", text(), "Passw0rd!".into()),
        ],
    );
    vec![
        open_page("/", "The welcome"),
        open_page("/login", "The log-in")
            .asks("next", "The page to go on to then.", text())
            .refuses([Refusal::SeveralCredentials]),
        led_on(log_in).refuses(of_password()).telling("Set-Cookie", "The session."),
        open_page("/register", "The registration").refuses([Refusal::SeveralCredentials]),
        or_again(led_on(register).telling("Set-Cookie", "The session.")).refuses([ServiceError::Throttled(1).into()]),
        led_on(Operation::bare::<Web>(Get, "/register/account", "Leads to the registration")),
        sent("/logout", "Logs out", []),
    ]
}

fn documents() -> Vec<Operation> {
    let listed = |path, summary| {
        page(path, summary)
            .asks("prefix", "Only keys that begin with it.", text())
            .asks("after", "The page after this key.", text())
            .asks("before", "The page before this key.", text())
    };
    let one = |method: Method, path, summary| {
        keyed(Operation::new::<Web>(method, path, summary)).refuses([ServiceError::NotGranted.into()])
    };
    let kinds = || word(&["json", "text"]);
    vec![
        listed("/dashboard", "The documents"),
        listed("/home", "The documents, as they were called before"),
        page("/documents/new", "The form of a new document").asks("key", "What to fill in as the key.", text()),
        or_again(sent(
            "/documents/new",
            "Creates a document",
            [
                ("key", text(), "capital".into()),
                ("value", text(), "\"Paris\"".into()),
                ("spelling?", kinds(), "json".into()),
                ("expires?", text(), "".into()),
            ],
        ))
        .answers_as(409, "The page again: there is a document already.", "text/html", None),
        shown(one(Get, "/documents/view", "A document")),
        shown(one(Get, "/documents/edit", "The form of a document")),
        or_again(shown(form(
            one(Post, "/documents/edit", "Writes a document"),
            [
                ("value", text(), "[\"Paris\"]".into()),
                ("revision?", text(), "".into()),
                ("expires?", text(), "".into()),
            ],
        )))
        .answers_as(409, "The page of both versions: somebody else was faster.", "text/html", None),
        one(Get, "/documents/raw", "The value of a document").answers_bare(200, "The value.").or(JSON, any()),
        sent(
            "/documents/delete",
            "Removes documents, once it is confirmed",
            [("key?", either([text(), list(text())]), "cities".into()), ("confirmed?", text(), "yes".into())],
        ),
        led_on(Operation::bare::<Web>(Get, "/documents/delete", "Leads to the documents")),
        page("/glance", "What takes the space"),
    ]
}

fn keyed(operation: Operation) -> Operation {
    operation
        .demands("key", "The key of the document.", key(), "cities")
        .refuses([Refusal::Key, Refusal::Missing("key"), Refusal::Repeated("key".to_owned())])
        .refuses(of_absence())
}

fn devices() -> Vec<Operation> {
    let device = ("client_id", text(), Json::from("phone"));
    vec![
        page("/devices", "The tokens of the account"),
        or_again(sent("/devices/issue", "Issues a token", [device])),
        sent("/devices/revoke", "Ends a token", [("client_id", client_id(), Json::from("phone"))])
            .refuses([ServiceError::ClientId(InvalidClientId).into()]),
        sent("/devices/revoke-others", "Ends all other tokens, once it is confirmed", [confirmed()]),
        again("/devices/issue"),
        again("/devices/revoke"),
        again("/devices/revoke-others"),
    ]
}

fn confirmed() -> (&'static str, Shape, Json) {
    ("confirmed?", text(), Json::from("yes"))
}

fn account() -> Vec<Operation> {
    let file = "multipart/form-data";
    let failed = exactly([("line", whole(1)), ("reason", text())]);
    let report = exactly([("summary", text()), ("failed", list(failed))]);
    let import = Operation::new::<Web>(Post, "/account/import", "Brings documents in")
        .about("The form token first, the file last.")
        .body(
            file,
            object([(FORM_TOKEN, text()), ("mode?", text()), ("file", text())]),
            json!({ FORM_TOKEN: "0".repeat(64), "mode": "skip", "file": "{\"key\":\"a\",\"value\":1}\n" }),
        )
        .refuses([Refusal::FormToken, Refusal::Missing("file"), ServiceError::NotGranted.into()]);
    vec![
        page("/account", "The account"),
        or_again(sent(
            "/account/profile",
            "Changes the profile",
            [
                ("email?", text(), "ann@example.org".into()),
                ("full_name?", text(), "Ann Other".into()),
                ("age?", text(), "30".into()),
                ("gender?", text(), "female".into()),
            ],
        )),
        or_again(sent(
            "/account/password",
            "Changes the password",
            [
                ("current", text(), "Passw0rd!".into()),
                ("password", text(), "An0ther one".into()),
                ("repeated", text(), "An0ther one".into()),
            ],
        ))
        .refuses([ServiceError::Throttled(1).into()]),
        or_again(sent("/account/delete", "Erases the account", [("name", text(), "ann".into())])),
        again("/account/profile"),
        again("/account/password"),
        again("/account/delete"),
        again("/account/import"),
        Operation::new::<Web>(Get, "/account/export", "Takes all documents along")
            .answers_as(200, "A line of JSON for each.", "application/x-ndjson", None)
            .refuses([ServiceError::NotGranted.into()]),
        led_on(import.answers_as(200, "What was not taken; for programs as JSON.", "text/html", None).or(JSON, report)),
    ]
}

fn accounts() -> Vec<Operation> {
    let username = || ("username", text(), Json::from("bob"));
    let not_there = || Username::parse("bob").ok().map(|name| ServiceError::NoAccount(name).into());
    let only = || [ServiceError::NotAllowed("only administrators may do this").into()];
    vec![
        page("/accounts", "All accounts, for administrators")
            .asks("prefix", "Only names that begin with it.", text())
            .asks("after", "The page after this name.", text())
            .refuses(only()),
        sent("/accounts/password", "Resets the password of an account", [username()])
            .refuses(only())
            .refuses(not_there()),
        or_again(sent(
            "/accounts/remove",
            "Removes an account, once its name is repeated",
            [username(), ("name?", text(), "bob".into())],
        ))
        .refuses(only())
        .refuses(not_there()),
        again("/accounts/password"),
        again("/accounts/remove"),
    ]
}

/// The address of a form, for whoever loads it again.
fn again(path: &'static str) -> Operation {
    led_on(Operation::bare::<Web>(Get, path, "Leads to the page with the form"))
}
