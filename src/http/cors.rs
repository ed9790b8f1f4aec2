//! Pages of other sites that may use the APIs (Fetch standard, "CORS protocol"). None unless it was configured.
//!
//! They bring a token of their own. No answer ever allows credentials, so that a browser adds neither its session nor its
//! password; and the doors refuse those from other sites all the same.

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::{Method, Status};
use rocket::{Request, Response};

/// What a page may send beside what every page may.
const REQUEST_HEADERS: &str = "Authorization, Content-Type, If-Match, If-None-Match";

/// What a page may see beside what every page may.
const ANSWER_HEADERS: &str =
    "Accept-Patch, ETag, Keybin-Created, Keybin-Expires, Keybin-Total, Link, Location, Retry-After, WWW-Authenticate";

/// For how many seconds a browser need not ask again.
const MAX_AGE: &str = "600";

/// Lets pages of these origins use the APIs. An origin is compared as it is.
pub(super) struct Cors {
    pub(super) origins: Vec<String>,
}

#[rocket::async_trait]
impl Fairing for Cors {
    fn info(&self) -> Info {
        Info { name: "pages of other sites", kind: Kind::Response }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        if self.origins.is_empty() {
            return;
        }
        response.adjoin_raw_header("Vary", "Origin");
        let Some(origin) = self.allowed(request) else { return };
        response.set_raw_header("Access-Control-Allow-Origin", origin.to_owned());
        match preflight(request, response) {
            Some(methods) => {
                response.set_status(Status::NoContent);
                response.set_sized_body(0, std::io::Cursor::new(""));
                response.remove_header("Content-Type");
                response.set_raw_header("Access-Control-Allow-Methods", methods);
                response.set_raw_header("Access-Control-Allow-Headers", REQUEST_HEADERS);
                response.set_raw_header("Access-Control-Max-Age", MAX_AGE);
            }
            None => {
                response.set_raw_header("Access-Control-Expose-Headers", ANSWER_HEADERS);
            }
        }
    }
}

impl Cors {
    /// The origin of the page, if that is one of those that may.
    fn allowed<'r>(&self, request: &'r Request<'_>) -> Option<&'r str> {
        let mut given = request.headers().get("Origin");
        match (given.next(), given.next()) {
            (Some(origin), None) if self.origins.iter().any(|allowed| allowed == origin) => Some(origin),
            _ => None,
        }
    }
}

/// What a browser is told that asks before it sends the request of a page: the methods of the path, which every path that
/// is there tells whoever comes with another one.
fn preflight(request: &Request<'_>, response: &Response<'_>) -> Option<String> {
    let asks = request.method() == Method::Options && request.headers().contains("Access-Control-Request-Method");
    let methods = response.headers().get_one("Allow").filter(|_| response.status() == Status::MethodNotAllowed);
    methods.filter(|_| asks).map(str::to_owned)
}
