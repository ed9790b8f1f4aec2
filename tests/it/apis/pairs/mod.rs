//! The Pairs API: accounts with a Bearer JWT, and pairs with ids and dates.

mod account;
mod items;
mod refusals;

use serde_json::{Value, json};

use crate::harness::Trials;
use crate::harness::ask::{Ask, delete, get, post, put};
use crate::harness::http::{Answer, Http};

pub(super) fn register(trials: &mut Trials) {
    account::register(trials);
    items::register(trials);
    refusals::register(trials);
}

const NOW: &str = "Mon, 02 Jan 2040 03:04:05 GMT";

/// Every request that needs a credential, without one.
pub(super) fn guarded() -> [Ask; 7] {
    [
        post("/keyvaluepairs/").json(r#"{"key_name":"one","value_name":"changed"}"#),
        get("/keyvaluepairs/one"),
        put("/keyvaluepairs/one").json(r#"{"value_name":"changed"}"#),
        delete("/keyvaluepairs/one"),
        get("/get?key=one"),
        post("/set").json(r#"{"key":"one","value":"changed"}"#),
        post("/auth/logout"),
    ]
}

/// Registers somebody and gives a JWT.
async fn jwt(http: &Http, name: &str) -> String {
    http.register(name, "pw").await;
    super::pairs_jwt(http, name, "pw").await
}

/// That nobody was let in, and how one comes in.
#[track_caller]
fn assert_unauthorized(answer: &Answer) {
    assert_refused(answer, "Invalid token. Please register or login");
}

#[track_caller]
fn assert_refused(answer: &Answer, message: &str) {
    super::assert_message(answer, 401, message);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{answer:?}");
}

/// A pair as it is answered, with the id and the account that the answer itself tells.
#[track_caller]
fn assert_pair(answer: &Answer, status: u16, key: &str, value: &Value, created: &str, modified: &str) {
    let pair = answer.json();
    let expected = json!({
        "id": pair["id"], "key_name": key, "value_name": value, "date_created": created, "date_modified": modified,
        "created_by": pair["created_by"],
    });
    super::assert_says(answer, status, &expected);
    assert!(pair["id"].as_u64().is_some_and(|id| id < 1 << 53), "{pair}");
    assert!(pair["created_by"].as_u64().is_some_and(|number| number > 0), "{pair}");
}
