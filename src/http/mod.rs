//! HTTP: Rocket, its guards and responders, and the APIs.
//!
//! The way of a request: `log` (request id, time) → door (who is calling) → parameters → body → handler → service →
//! answer → `headers`. Whatever is refused on the way leaves as a `Refusal`, in the words of its API.

mod answer;
pub mod api;
mod as_sent;
mod body;
mod catchers;
mod doors;
mod headers;
mod log;
mod params;

mod problem;
mod refusal;

use rocket::shield::Shield;
use rocket::{Build, Rocket};

use crate::service::Services;

/// What the HTTP side is set to.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// Whether the Keybin API is open.
    pub keybin: bool,
}

/// Room in a body beside the largest value: braces, a member name, white space.
pub const ENVELOPE_BYTES: usize = 4096;

/// Mounts everything on `rocket`.
#[must_use]
pub fn mount(rocket: Rocket<Build>, services: Services, settings: Settings) -> Rocket<Build> {
    let Services { accounts, tokens, documents, doorkeeper } = services;
    let rocket = rocket
        .manage(accounts)
        .manage(tokens)
        .manage(documents)
        .manage(doorkeeper)
        .manage(body::Limit(settings.max_body_bytes))
        // `headers` sets these and more, on error answers too.
        .attach(Shield::new())
        .attach(log::AccessLog)
        .attach(as_sent::AsSent)
        .attach(headers::SafeHeaders)
        .register("/", catchers::catchers());
    if settings.keybin { rocket.mount("/", api::keybin::routes()) } else { rocket }
}
