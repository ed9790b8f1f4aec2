//! The Keybin API.

mod account;
mod bulk;
mod documents;
mod entrance;
mod listing;
mod patch;
mod tokens;
mod transfer;

use rocket::http::Method;

use super::operation::Operation;
use super::shape::{Shape, named};
use super::{Chapter, Documented, refusals};
use crate::http::api::keybin::Keybin;
use crate::http::problem::Said;
use crate::http::refusal::Refusal;
use crate::service::ServiceError;

impl Documented for Keybin {
    const NAME: &'static str = "Keybin";

    fn refusal() -> (&'static str, Shape) {
        ("application/problem+json", named("Problem"))
    }

    fn code(refusal: &Refusal, _: &str) -> Option<&'static str> {
        Some(Said::of(refusal).code)
    }
}

/// What there is.
pub(super) fn chapter() -> Chapter {
    let about = "JSON documents under keys. The token stands in the path, or in `Authorization: Bearer` where the path \
                 says `-`.";
    let operations = [
        entrance::operations(),
        documents::operations(),
        patch::operations(),
        bulk::operations(),
        listing::operations(),
        tokens::operations(),
        account::operations(),
        transfer::operations(),
    ];
    Chapter { name: Keybin::NAME, about, operations: operations.into_iter().flatten().collect() }
}

/// A route for those with a token.
fn inside(method: Method, path: &'static str, summary: &'static str) -> Operation {
    Operation::new::<Keybin>(method, path, summary)
}

/// What is refused about the key of a document, and about what it takes to reach it.
fn of_key() -> [Refusal; 2] {
    [Refusal::Key, ServiceError::NotGranted.into()]
}

/// What is refused about conditions.
fn of_conditions() -> [Refusal; 2] {
    [Refusal::Condition("If-Match"), ServiceError::Precondition(None).into()]
}

/// What is refused about a lifetime.
fn of_lifetime() -> Vec<Refusal> {
    refusals::of_query()
}
