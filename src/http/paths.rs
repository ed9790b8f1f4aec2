//! Paths are taken as they are: an empty segment names nothing.
//!
//! Rocket looks for routes as if empty segments were not there, so that `/user//<token>/keys` would lead somewhere. Only
//! one slash at the end is let through.

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::uri::Origin;
use rocket::{Data, Request};

/// Sends requests for paths with empty segments to where nothing is.
pub(super) struct NoEmptySegments;

/// Longer than any route.
const NOWHERE: &str = "/-/-/-/-/-/-/-/-/-/-/-/-";

#[rocket::async_trait]
impl Fairing for NoEmptySegments {
    fn info(&self) -> Info {
        Info { name: "no empty segments", kind: Kind::Request }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        if request.uri().path().raw().as_str().contains("//")
            && let Ok(nowhere) = Origin::parse(NOWHERE)
        {
            request.set_uri(nowhere);
        }
    }
}
