//! The web interface: pages for people, made on the server.
//!
//! * Every page works without scripts; `static/keybin.js` only makes some of them nicer.
//! * What changes something is a form with the form token of its session, and answers with a redirect, so that
//!   reloading repeats nothing.
//! * Whoever has no session is sent to log in, and back.
//!
//! ```text
//! visitor    who looks: with a session, or before one      form       what a form sends
//! page       the frame around every page                   notice     a message for the next page
//! assets     style sheet, scripts, icon                    text       sizes, times and previews for people
//! entrance, documents, devices, account, transfer, glance, accounts, docs    the pages themselves
//! ```

mod account;
mod accounts;
pub(super) mod assets;
mod devices;
pub(super) mod docs;
mod documents;
mod entrance;
mod failure;
mod form;
mod glance;
mod notice;
mod page;
mod text;
mod transfer;
mod visitor;

use rocket::http::Status;
use rocket::{Request, Route};

pub(super) use failure::of_status;
pub(super) use page::IsOpen;

use super::answer::Answer;
use super::api::{Api, Result as ApiResult};
use super::doors::Door;
use super::refusal::Refusal;
use crate::domain::Key;

/// The web interface, as one more API: one that answers in pages.
pub(in crate::http) struct Web;

/// What handlers of pages answer.
type Result<T = Answer> = ApiResult<T, Web>;

impl Api for Web {
    const DOORS: &'static [Door] = &[Door::Session];
    const FORMS: bool = true;

    fn key(text: &str) -> Option<Key> {
        Key::parse(text).ok()
    }

    fn status(refusal: &Refusal) -> Status {
        failure::status(refusal)
    }

    fn say(refusal: &Refusal, request: &Request<'_>) -> Answer {
        failure::of_refusal(refusal, request)
    }
}

/// The routes of all pages.
pub(super) fn routes() -> Vec<Route> {
    [
        entrance::routes(),
        documents::routes(),
        devices::routes(),
        account::routes(),
        transfer::routes(),
        glance::routes(),
        accounts::routes(),
    ]
    .concat()
}
