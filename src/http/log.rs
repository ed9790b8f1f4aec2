//! The access log: one line for each request. It shows the template of the route, never the URL: that may hold a token.

use std::fmt;
use std::sync::OnceLock;
use std::time::Instant;

use rocket::fairing::{Fairing, Info, Kind};
use rocket::{Data, Request, Response};
use tracing::info;

use super::request_id::{self, RequestId};
use super::{audit, counted};
use crate::domain::AccountId;

/// Writes the access log.
pub(super) struct AccessLog;

/// When the request came in.
struct Arrived(Instant);

/// The account whose request it is; `-` while nobody was let in.
#[derive(Default)]
pub(super) struct Whose(OnceLock<AccountId>);

impl Whose {
    /// Notes who was let in. Of two, the first counts.
    pub(super) fn is(request: &Request<'_>, account: AccountId) {
        let _second = request.local_cache(Self::default).0.set(account);
    }
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.get() {
            Some(account) => account.fmt(f),
            None => f.write_str("-"),
        }
    }
}

#[rocket::async_trait]
impl Fairing for AccessLog {
    fn info(&self) -> Info {
        Info { name: "access log", kind: Kind::Request | Kind::Response }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        request.local_cache(|| Arrived(Instant::now()));
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let took = request.local_cache(|| Arrived(Instant::now())).0.elapsed();
        let whose = request.local_cache(Whose::default);
        let id = RequestId::of(request);
        response.set_raw_header(request_id::HEADER, id.as_str().to_owned());
        counted::note(request, response.status(), took);
        audit::note(request, response.status(), whose);
        info!(
            target: "keybin::access",
            method = request.method().as_str(),
            route = request.route().map_or("-", |route| route.uri.as_str()),
            account = %whose,
            request = %id,
            status = response.status().code,
            microseconds = took.as_micros() as u64,
        );
    }
}
