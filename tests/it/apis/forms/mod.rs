//! The Forms API: HTML forms or JSON, with a session cookie or a Bearer JWT.

mod data;
mod refusals;
mod sequence;
mod sessions;

use serde_json::{Value, json};

use super::{PASSWORD, assert_says};
use crate::harness::ask::{Ask, post};
use crate::harness::http::{Answer, Http};
use crate::harness::{TestServer, Trials};

pub(super) fn register(trials: &mut Trials) {
    sequence::register(trials);
    refusals::register(trials);
    data::register(trials);
    sessions::register(trials);
}

/// How a body is spelled. Both mean the same.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spelling {
    Json,
    Form,
}

impl Spelling {
    const BOTH: [Self; 2] = [Self::Json, Self::Form];

    /// The request with these fields.
    fn of(self, request: Ask, fields: &[(&str, &str)]) -> Ask {
        let object = || fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        match self {
            Self::Json => request.json(Value::Object(object())),
            Self::Form => request.form(fields),
        }
    }
}

/// What somebody of this name registers with.
fn person(name: &str) -> [(&'static str, String); 6] {
    [
        ("username", name.to_owned()),
        ("email", format!("{name}@example.org")),
        ("password", PASSWORD.to_owned()),
        ("full_name", format!("{name} Müller & Sons")),
        ("age", "30".to_owned()),
        ("gender", "female".to_owned()),
    ]
}

/// The fields, with some of them changed, or left out where there is nothing in place of them.
fn changed<'f>(fields: &'f [(&'static str, String)], changes: &[(&str, Option<&'f str>)]) -> Vec<(&'f str, &'f str)> {
    let change = |name: &str| changes.iter().find(|(changed, _)| *changed == name).map(|(_, value)| *value);
    let all = fields.iter().map(|(name, value)| (*name, change(name).unwrap_or(Some(value))));
    all.filter_map(|(name, value)| Some((name, value?))).collect()
}

async fn register_person(http: &Http, name: &str) {
    let answer = post("/api/register").form(&changed(&person(name), &[])).ask(http).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[track_caller]
fn assert_success(answer: &Answer, message: &str) {
    assert_says(answer, 200, &json!({ "status": "success", "message": message }));
}

#[track_caller]
fn assert_data(answer: &Answer, message: &str, data: &Value) {
    assert_says(answer, 200, &json!({ "status": "success", "message": message, "data": data }));
}

#[track_caller]
fn assert_error(answer: &Answer, status: u16, code: &str, message: &str) {
    assert_says(answer, status, &json!({ "status": "error", "code": code, "message": message }));
}

/// That the token or the session is not good.
#[track_caller]
fn assert_invalid_token(answer: &Answer) {
    assert_error(answer, 401, "INVALID_TOKEN", "No valid credential was presented");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{answer:?}");
}

/// Every request that needs a credential, without one, in this spelling.
pub(super) fn guarded(spelling: Spelling) -> [Ask; 5] {
    let one = [("key", "one"), ("value", "changed")];
    [
        spelling.of(post("/api/data"), &one),
        crate::harness::ask::get("/api/data/retrieve?key=one"),
        spelling.of(post("/api/data/update"), &one),
        spelling.of(post("/api/data/delete"), &one[..1]),
        crate::harness::ask::get("/api/logout"),
    ]
}

/// A JWT of somebody who has the password of all.
async fn jwt(server: &TestServer<'_>, name: &str) -> String {
    super::forms_jwt(server, name, PASSWORD).await
}
