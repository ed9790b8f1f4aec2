//! What was counted, for whoever collects it: as Prometheus has it, or as OpenMetrics where that is asked for. Nobody has to
//! say who they are, so that an address of its own, or a proxy, has to keep it from strangers.

use std::sync::Arc;

use rocket::http::{Accept, ContentType, Status};
use rocket::tokio::task::spawn_blocking;
use rocket::{Route, State, get, routes};

use super::answer::Answer;
use crate::metrics::{Format, Metrics};

#[get("/metrics")]
async fn metrics(accept: Option<&Accept>, metrics: &State<Arc<Metrics>>) -> Result<Answer, Status> {
    let format = if accept.is_some_and(wants_open_metrics) { Format::OpenMetrics } else { Format::Prometheus };
    let metrics = Arc::clone(metrics);
    // It reads files of the system, of which one may be long.
    let text = spawn_blocking(move || metrics.text(format)).await;
    let text = text.ok().and_then(Result::ok).ok_or(Status::InternalServerError)?;
    Ok(Answer::new(Status::Ok, content_type(format), text.into_bytes()))
}

fn wants_open_metrics(accept: &Accept) -> bool {
    accept.media_types().any(|wanted| wanted.top() == "application" && wanted.sub() == "openmetrics-text")
}

fn content_type(format: Format) -> ContentType {
    let (top, sub, version) = match format {
        Format::Prometheus => ("text", "plain", "0.0.4"),
        Format::OpenMetrics => ("application", "openmetrics-text", "1.0.0"),
    };
    ContentType::new(top, sub).with_params([("version", version), ("charset", "utf-8")])
}

/// The route.
pub(super) fn routes() -> Vec<Route> {
    routes![metrics]
}
