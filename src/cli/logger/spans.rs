//! Spans on their way to a collector, over OTLP (OpenTelemetry protocol, HTTP with protobuf).
//!
//! They are gathered, and sent on a thread of their own; where the collector is away, they are dropped, and requests notice
//! nothing of it. How much is gathered and how often it is sent, `OTEL_BSP_*` say, as with every exporter of that kind.

use std::fmt;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter as Exporter};
use tracing::{Subscriber, warn};
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

/// How long the collector may take for what it is sent.
const PATIENCE: Duration = Duration::from_secs(5);

/// The spans of this process.
pub(super) struct Spans(SdkTracerProvider);

impl Spans {
    /// To the collector at this URL, which has no path.
    pub(super) fn to(collector: &str) -> Result<Self, String> {
        let exporter = SpanExporter::builder().with_http().with_endpoint(format!("{collector}/v1/traces"));
        let exporter = exporter.with_timeout(PATIENCE).build();
        let exporter = exporter.map_err(|error| format!("cannot send spans to {collector}: {error}"))?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name("keybin").with_attribute(version).build();
        let sending = Sending { exporter, collector: collector.to_owned() };
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(sending).with_resource(resource).build()))
    }

    /// What takes them from the program.
    pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        let tracer = self.0.tracer("keybin");
        tracing_opentelemetry::layer().with_location(false).with_threads(false).with_tracer(tracer)
    }

    /// Sends what is left.
    pub(super) fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(PATIENCE) {
            warn!("the last spans were not sent: {error}");
        }
    }
}

/// An exporter that says where spans were lost. The library says it to its own log, to which nobody listens.
struct Sending {
    exporter: SpanExporter,
    collector: String,
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("collector", &self.collector).finish_non_exhaustive()
    }
}

impl Exporter for Sending {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let number = batch.len();
        let sent = self.exporter.export(batch).await;
        if let Err(error) = &sent {
            warn!("{number} spans were not taken by {}: {error}", self.collector);
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
