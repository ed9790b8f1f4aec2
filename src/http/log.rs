//! The access log: one line for each request. It shows the template of the route, never the URL: that may hold a token.

use std::time::Instant;

use rocket::fairing::{Fairing, Info, Kind};
use rocket::{Data, Request, Response};
use tracing::info;

/// Writes the access log.
pub(super) struct AccessLog;

/// When the request came in.
struct Arrived(Instant);

#[rocket::async_trait]
impl Fairing for AccessLog {
    fn info(&self) -> Info {
        Info { name: "access log", kind: Kind::Request | Kind::Response }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        request.local_cache(|| Arrived(Instant::now()));
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let arrived = &request.local_cache(|| Arrived(Instant::now())).0;
        info!(
            target: "keybin::access",
            method = request.method().as_str(),
            route = request.route().map_or("-", |route| route.uri.as_str()),
            status = response.status().code,
            microseconds = arrived.elapsed().as_micros() as u64,
        );
    }
}
