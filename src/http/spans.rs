//! A span for each request, for whoever collects them (`[LOG] otlp`). Where nobody does, it costs next to nothing.
//!
//! Names are those of OpenTelemetry's conventions for HTTP servers. As in the access log, the template of the route stands for
//! the URL, which may hold a token. A request that is part of a trace (W3C Trace Context, `traceparent`) stays part of it.

use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use rocket::Request;
use rocket::http::{HeaderMap, Status};
use tracing::field::Empty;
use tracing::{Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::request_id::RequestId;

/// The span of a request.
pub(super) fn of(request: &Request<'_>) -> Span {
    let route = || request.route().map_or("-", |route| route.uri.as_str());
    let span = info_span!(
        target: "keybin::span",
        "request",
        otel.name = format!("{} {}", request.method(), route()),
        otel.kind = "server",
        http.request.method = request.method().as_str(),
        http.route = route(),
        keybin.request = RequestId::of(request).as_str(),
        http.response.status_code = Empty,
        otel.status_code = Empty,
    );
    if !span.is_disabled() {
        let parent = TraceContextPropagator::new().extract(&Headers(request.headers()));
        // Fails where spans are not sent after all.
        let _not_sent = span.set_parent(parent);
    }
    span
}

/// Notes what came of the request.
pub(super) fn close(span: &Span, status: Option<Status>) {
    let Some(status) = status else { return };
    span.record("http.response.status_code", status.code);
    if status.code >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

struct Headers<'r>(&'r HeaderMap<'r>);

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get_one(name)
    }

    /// The propagator asks by name only.
    fn keys(&self) -> Vec<&str> {
        Vec::new()
    }
}
