//! HTTP: Rocket, its guards and responders, and the APIs.
//!
//! The way of a request: `log` (time) → `as_sent` → door (who is calling) → parameters → body → handler → service →
//! answer → `headers`. Whatever is refused on the way leaves as a `Refusal`, in the words of its API.

mod answer;
mod api;
mod as_sent;
mod audit;
mod body;
mod catchers;
mod conditions;
mod cors;
mod document;
mod doors;
mod headers;
mod lifetime;
mod log;
mod ndjson;
mod openapi;
mod params;
mod pieces;
mod problem;
mod ranks;
mod reader;
mod refusal;
mod session;
mod status;
mod web;

use std::sync::Arc;

use ipnet::IpNet;
use rocket::shield::Shield;
use rocket::{Build, Rocket, Route};

use crate::service::Services;

/// What the HTTP side is set to.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// Which APIs are open.
    pub open: Open,
    /// Whether everybody may see everybody in the list of users.
    pub open_directory: bool,
    /// The proxies that may say for whom they ask.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins whose pages may use the APIs.
    pub allowed_origins: Vec<String>,
}

/// Which APIs are open. A closed one answers like an unknown path.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    /// The Keybin API.
    pub keybin: bool,
    /// The Stow API.
    pub stow: bool,
    /// The Forms API.
    pub forms: bool,
    /// The Pairs API.
    pub pairs: bool,
    /// The Users API.
    pub users: bool,
    /// The web interface.
    pub web: bool,
}

/// Room in a body beside the largest value: braces, a member name, white space.
pub const ENVELOPE_BYTES: usize = 4096;

/// Mounts everything on `rocket`.
#[must_use]
pub fn mount(rocket: Rocket<Build>, services: Services, settings: Settings) -> Rocket<Build> {
    let Services { accounts, tokens, documents, administration, doorkeeper, operator: _ } = services;
    let mut rocket = rocket
        .manage(accounts)
        .manage(tokens)
        .manage(documents)
        .manage(administration)
        .manage(doorkeeper)
        .manage(api::users::OpenDirectory(settings.open_directory))
        .manage(body::Limit(settings.max_body_bytes))
        .manage(doors::TrustedProxies(settings.trusted_proxies))
        // `headers` sets these and more, on error answers too.
        .attach(Shield::new())
        .attach(log::AccessLog)
        .attach(as_sent::AsSent)
        .attach(headers::SafeHeaders)
        .attach(cors::Cors { origins: settings.allowed_origins })
        .register("/", catchers::catchers());
    let Open { keybin, stow, forms, pairs, users, web } = settings.open;
    let assets = Arc::new(web::assets::Assets::new());
    rocket = rocket.manage(openapi::Told::of(settings.open, Arc::clone(&assets))).manage(assets);
    if web {
        rocket = rocket.manage(web::IsOpen);
    }
    rocket = rocket.mount("/", ALWAYS.into_iter().flat_map(|routes| routes()).collect::<Vec<Route>>());
    for (is_open, routes) in [keybin, stow, forms, pairs, users, web].into_iter().zip(ROUTES) {
        if is_open {
            rocket = rocket.mount("/", routes().into_iter().map(ranks::ranked).collect::<Vec<Route>>());
        }
    }
    rocket
}

/// The routes of each API, in the order of [`Open`].
const ROUTES: [fn() -> Vec<Route>; 6] =
    [api::keybin::routes, api::stow::routes, api::forms::routes, api::pairs::routes, api::users::routes, web::routes];

/// The routes that are there whatever is open.
const ALWAYS: [fn() -> Vec<Route>; 2] = [openapi::routes, web::assets::routes];

/// Every route there is.
#[cfg(test)]
fn routes() -> Vec<Route> {
    ROUTES.into_iter().chain(ALWAYS).flat_map(|routes| routes()).map(ranks::ranked).collect()
}
