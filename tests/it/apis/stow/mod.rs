//! The Stow API: accounts over HTTP Basic, and entries with their times.

mod account;
mod entries;
mod keys;
mod times;

use crate::harness::http::Answer;
use crate::harness::{TestServer, Trials};

use crate::harness::ask::{Ask, delete, get, put};

pub(super) fn register(trials: &mut Trials) {
    account::register(trials);
    entries::register(trials);
    keys::register(trials);
    times::register(trials);
}

const STORED: &str = "Entry stored successfully";
const DELETED: &str = "Entry deleted";

/// Every request that needs a credential, without one.
pub(super) fn guarded() -> [Ask; 7] {
    [
        get("/api/user"),
        get("/api/token"),
        put("/api/stow/one").json(r#"{"value":"changed"}"#),
        get("/api/stow/one"),
        get("/api/stow"),
        delete("/api/stow/one"),
        delete("/api/user"),
    ]
}

/// That nobody was let in, and how one comes in.
#[track_caller]
fn assert_unauthorized(answer: &Answer) {
    super::assert_message(answer, 401, "Unauthorized access");
    let scheme = "Basic realm=\"keybin\", charset=\"UTF-8\"";
    assert_eq!(answer.header("www-authenticate"), Some(scheme), "{answer:?}");
}

/// Stores a value as ann, who has the password `pw`.
async fn store(server: &TestServer<'_>, key: &str, body: &str) {
    let answer = put(format!("/api/stow/{key}")).basic("ann", "pw").json(body).ask(server).await;
    super::assert_message(&answer, 200, STORED);
}
