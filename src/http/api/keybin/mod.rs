//! The Keybin API: the contract of the original, as it was.
//!
//! Refusals are problem documents (RFC 9457). Everything under `/user/<token>/` also works as `/user/-/` with
//! `Authorization: Bearer <token>`.
//!
//! ```text
//! entrance     registering, and fetching a token      documents    reading and writing under keys
//! patch        changing what is under a key           bulk, task   many at once
//! listing      keys and documents, page by page
//! tokens       listing, ending and renewing tokens     account      what it is, and its password
//! transfer     export and import
//! ```

mod account;
mod bulk;
mod documents;
mod entrance;
mod listing;
mod patch;
mod task;
mod tokens;
mod transfer;

#[cfg(any(test, fuzzing))]
pub(in crate::http) use listing::fuzzing;

use rocket::http::{ContentType, Status};
use rocket::{Request, Route};

use super::{Api, Result};
use crate::domain::Key;
use crate::http::answer::Answer;
use crate::http::doors::Door;
use crate::http::problem;
use crate::http::refusal::Refusal;

/// This API.
pub(in crate::http) struct Keybin;

impl Api for Keybin {
    const DOORS: &'static [Door] = &[Door::Path, Door::Bearer];
    const FORMS: bool = false;

    fn key(text: &str) -> Option<Key> {
        Key::parse_plain(text).ok()
    }

    fn status(refusal: &Refusal) -> Status {
        problem::Said::of(refusal).status
    }

    fn say(refusal: &Refusal, _: &Request<'_>) -> Answer {
        problem::of_refusal(refusal)
    }
}

/// The routes of this API.
pub(in crate::http) fn routes() -> Vec<Route> {
    [
        entrance::routes(),
        documents::routes(),
        patch::routes(),
        bulk::routes(),
        listing::routes(),
        tokens::routes(),
        account::routes(),
        transfer::routes(),
    ]
    .concat()
}

fn done() -> Answer {
    Answer::new(Status::Ok, ContentType::JSON, br#"{"result":"ok"}"#.to_vec())
}
