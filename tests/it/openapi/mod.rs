//! The document that tells what every route takes and answers: that it tells of every route, that it is what it says it
//! is, and that its examples are answered as it tells; over real sockets, every case on both stores.
//!
//! * [`routes`] — every route is in it, and nothing else
//! * [`structure`] — it is OpenAPI 3.1
//! * [`examples`] — every request that is an example, sent to a real server
//! * [`world`] — what there must be for an example to be about
//! * [`told`] — the document as tests read it

mod examples;
mod routes;
mod structure;
mod told;
mod world;

use crate::harness::Trials;

pub(crate) fn register(trials: &mut Trials) {
    routes::register(trials);
    structure::register(trials);
    examples::register(trials);
}
