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
mod counted;
mod document;
mod doors;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod headers;
mod health;
mod lifetime;
mod log;
mod metrics;
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

use crate::metrics::{Metrics, Traffic};
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
    /// What counts the requests, if something does.
    pub metrics: Option<Arc<Metrics>>,
    /// Whether the metrics are told here, and not elsewhere.
    pub tells_metrics: bool,
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
    let Services { accounts, tokens, documents, administration, readiness, doorkeeper, operator: _, observer: _ } =
        services;
    let unseen = Traffic::default();
    let traffic = settings.metrics.as_deref().map_or(&unseen, Metrics::traffic);
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
        .manage(bounds::Turns::new(settings.max_requests, traffic))
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
    let tells_metrics = settings.tells_metrics && settings.metrics.is_some();
    rocket = rocket.manage(openapi::Told::of(settings.open, tells_metrics, Arc::clone(&assets))).manage(assets);
    if web {
        rocket = rocket.manage(web::IsOpen);
    }
    let mut mounted = vec![(SERVER, health::routes())];
    if tells_metrics {
        mounted.push((SERVER, metrics::routes()));
    }
    mounted.extend(ALWAYS.iter().map(|api| (api.name, api.routes())));
    let open = [keybin, stow, forms, pairs, users, web].into_iter().zip(&APIS).filter(|(is_open, _)| *is_open);
    mounted.extend(open.map(|(_, api)| (api.name, api.routes())));
    let mut counted = counted::Counted::new(traffic);
    for (name, routes) in mounted {
        counted.add(traffic, name, &routes);
        rocket = rocket.mount("/", routes);
    }
    match settings.metrics {
        Some(metrics) => rocket.manage(metrics).manage(counted),
        None => rocket,
    }
}

/// Mounts what was counted, and nothing else, on a Rocket of its own.
#[must_use]
pub fn mount_metrics(rocket: Rocket<Build>, metrics: Arc<Metrics>) -> Rocket<Build> {
    rocket
        .manage(metrics)
        .attach(Shield::new())
        .attach(headers::SafeHeaders)
        .register("/", catchers::catchers())
        .mount("/", metrics::routes())
}

/// What stands for the API of those routes that belong to none.
const SERVER: &str = "server";

/// An API, as it is mounted.
struct Mounted {
    /// What it is called in the metrics.
    name: &'static str,
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
    Mounted { name: "keybin", routes: api::keybin::routes, words: api::say::<api::keybin::Keybin> },
    Mounted { name: "stow", routes: api::stow::routes, words: api::say::<api::stow::Stow> },
    Mounted { name: "forms", routes: api::forms::routes, words: api::say::<api::forms::Forms> },
    Mounted { name: "pairs", routes: api::pairs::routes, words: api::say::<api::pairs::Pairs> },
    Mounted { name: "users", routes: api::users::routes, words: api::say::<api::users::Users> },
    Mounted { name: "web", routes: web::routes, words: api::say::<web::Web> },
];

/// The routes that are there whatever is open.
const ALWAYS: [Mounted; 2] = [
    Mounted { name: SERVER, routes: openapi::routes, words: api::say::<api::keybin::Keybin> },
    Mounted { name: SERVER, routes: web::assets::routes, words: api::say::<web::Web> },
];

/// Every route there is.
#[cfg(test)]
fn routes() -> Vec<Route> {
    APIS.iter().chain(&ALWAYS).flat_map(Mounted::routes).chain(health::routes()).chain(metrics::routes()).collect()
}
