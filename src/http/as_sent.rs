//! Requests are taken as they were sent.
//!
//! * An empty segment in a path names nothing. Rocket looks for routes as if it were not there, so that
//!   `/user//<token>/keys` would lead somewhere. Only one slash at the end is let through.
//! * A form cannot change its method. Rocket makes a DELETE of a POST whose form begins with `_method=delete`, so that a
//!   page of another site could erase something with a password that the browser remembers.

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::Method;
use rocket::http::uri::Origin;
use rocket::{Data, Request};

/// Undoes what Rocket makes of requests.
pub(super) struct AsSent;

/// Longer than any route.
const NOWHERE: &str = "/-/-/-/-/-/-/-/-/-/-/-/-";

#[rocket::async_trait]
impl Fairing for AsSent {
    fn info(&self) -> Info {
        Info { name: "requests as they were sent", kind: Kind::Request }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        if request.uri().path().raw().as_str().contains("//")
            && let Ok(nowhere) = Origin::parse(NOWHERE)
        {
            request.set_uri(nowhere);
        }
        let is_form = request.content_type().is_some_and(|given| given.is_form());
        if is_form && matches!(request.method(), Method::Put | Method::Patch | Method::Delete) {
            request.set_method(Method::Post);
        }
    }
}
