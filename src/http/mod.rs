//! HTTP: Rocket, its guards and responders, and the APIs.
//!
//! The way of a request: `log` (time) → `as_sent` → door (who is calling) → parameters → body → handler → service →
//! answer → `headers`. Whatever is refused on the way leaves as a `Refusal`, in the words of its API.

mod answer;
mod api;
mod as_sent;
mod audit;
mod body;
mod bounds;
mod catchers;
mod conditions;
mod cors;
mod document;
mod doors;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod headers;
mod health;
mod lifetime;
mod log;
mod ndjson;
mod openapi;
mod paced;
mod params;
mod pieces;
mod problem;
mod ranks;
mod reader;
mod refusal;
mod request_id;
mod seldom;
mod session;
mod spans;
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
    /// Which kind of store is below.
    pub store: &'static str,
    /// The most requests under way at once; 0 for no bound.
    pub max_requests: u32,
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

impl Open {
    /// The names of those that are open.
    fn names(self) -> Vec<&'static str> {
        let Self { keybin, stow, forms, pairs, users, web } = self;
        let all =
            [(keybin, "keybin"), (stow, "stow"), (forms, "forms"), (pairs, "pairs"), (users, "users"), (web, "web")];
        all.into_iter().filter(|(is_open, _)| *is_open).map(|(_, name)| name).collect()
    }
}

/// Room in a body beside the largest value: braces, a member name, white space.
pub const ENVELOPE_BYTES: usize = 4096;

/// Mounts everything on `rocket`.
#[must_use]
pub fn mount(rocket: Rocket<Build>, services: Services, settings: Settings) -> Rocket<Build> {
    let Services { accounts, tokens, documents, administration, readiness, doorkeeper, operator: _ } = services;
    let mut rocket = rocket
        .manage(accounts)
        .manage(tokens)
        .manage(documents)
        .manage(administration)
        .manage(doorkeeper)
        .manage(readiness)
        .manage(health::Version::new(settings.store, &settings.open.names()))
        .manage(api::users::OpenDirectory(settings.open_directory))
        .manage(body::Limit(settings.max_body_bytes))
        .manage(request_id::RequestIds::new())
        .manage(seldom::Seldom::default())
        .manage(bounds::Turns::new(settings.max_requests))
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
    rocket = rocket.mount("/", health::routes());
    for api in &ALWAYS {
        rocket = rocket.mount("/", api.routes());
    }
    for (is_open, api) in [keybin, stow, forms, pairs, users, web].into_iter().zip(&APIS) {
        if is_open {
            rocket = rocket.mount("/", api.routes());
        }
    }
    rocket
}

/// An API, as it is mounted.
struct Mounted {
    routes: fn() -> Vec<Route>,
    words: bounds::Words,
}

impl Mounted {
    fn routes(&self) -> Vec<Route> {
        (self.routes)().into_iter().map(ranks::ranked).map(|route| bounds::bounded(route, self.words)).collect()
    }
}

/// All APIs, in the order of [`Open`].
const APIS: [Mounted; 6] = [
    Mounted { routes: api::keybin::routes, words: api::say::<api::keybin::Keybin> },
    Mounted { routes: api::stow::routes, words: api::say::<api::stow::Stow> },
    Mounted { routes: api::forms::routes, words: api::say::<api::forms::Forms> },
    Mounted { routes: api::pairs::routes, words: api::say::<api::pairs::Pairs> },
    Mounted { routes: api::users::routes, words: api::say::<api::users::Users> },
    Mounted { routes: web::routes, words: api::say::<web::Web> },
];

/// The routes that are there whatever is open.
const ALWAYS: [Mounted; 2] = [
    Mounted { routes: openapi::routes, words: api::say::<api::keybin::Keybin> },
    Mounted { routes: web::assets::routes, words: api::say::<web::Web> },
];

/// Every route there is.
#[cfg(test)]
fn routes() -> Vec<Route> {
    APIS.iter().chain(&ALWAYS).flat_map(Mounted::routes).chain(health::routes()).collect()
}
