//! What whoever runs Keybin asks it about itself: whether it lives, whether it is ready, which one it is. Nobody has to say who
//! they are, and nobody waits for a turn.

use std::time::Duration;

use rocket::http::Status;
use rocket::tokio::time::timeout;
use rocket::{Route, State, get, routes};
use serde_json::{Value as Json, json};

use super::answer::Answer;
use super::problem;
use crate::service::Readiness;

/// How long the store may take for a sign of life.
const PATIENCE: Duration = Duration::from_secs(2);

/// What `/version` tells.
pub(super) struct Version(Json);

impl Version {
    /// Of this program, over a store of this kind, with these APIs open.
    pub(super) fn new(store: &str, apis: &[&str]) -> Self {
        // Builds that have no commit to tell may set it to nothing.
        let commit = option_env!("KEYBIN_COMMIT").filter(|commit| !commit.is_empty());
        Self(json!({ "version": env!("CARGO_PKG_VERSION"), "commit": commit, "store": store, "apis": apis }))
    }
}

/// The process lives.
#[get("/healthz")]
fn healthz() -> Answer {
    Answer::json(Status::Ok, &json!({ "status": "alive" }))
}

/// The store answers.
#[get("/readyz")]
async fn readyz(readiness: &State<Readiness>) -> Answer {
    let reason = match timeout(PATIENCE, readiness.check()).await {
        Ok(Ok(())) => return Answer::json(Status::Ok, &json!({ "status": "ready" })),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    tracing::warn!("not ready: {reason}");
    // What follows may name hosts, which are not for everybody.
    let short = reason.split(['.', '{']).next().unwrap_or_default();
    problem::problem(Status::ServiceUnavailable, "unavailable", &format!("The store does not answer: {short}"))
}

/// Which Keybin this is.
#[get("/version")]
fn version(version: &State<Version>) -> Answer {
    Answer::json(Status::Ok, &version.0)
}

pub(super) fn routes() -> Vec<Route> {
    routes![healthz, readyz, version]
}
