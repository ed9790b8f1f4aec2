//! What a line looks like.
//!
//! All lines have the shape that tracing gives them. Those of the access log as text, one for each request, are spelt by
//! hand, which costs a third.

use std::fmt::{self, Debug};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Json, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::ACCESS;
use crate::config::LogFormat;
use crate::domain::SystemClock;

/// The shape of lines.
pub(super) enum Shape {
    Text(Format),
    Json(Format<Json>),
}

impl Shape {
    pub(super) fn of(format: LogFormat) -> Self {
        match format {
            LogFormat::Text => Self::Text(Format::default()),
            LogFormat::Json => Self::Json(Format::default().json().flatten_event(true)),
        }
    }
}

impl<S, N> FormatEvent<S, N> for Shape
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        match self {
            Self::Json(json) => return json.format_event(context, line, event),
            Self::Text(text) if event.metadata().target() != ACCESS => {
                return text.format_event(context, line, event);
            }
            Self::Text(_) => {}
        }
        line.write_str(&SystemClock.now_exactly().with_micros())?;
        line.write_str("  INFO keybin::access:")?;
        let mut fields = Fields(line, Ok(()));
        event.record(&mut fields);
        fields.1?;
        fields.0.write_char('\n')
    }
}

/// Writes ` name=value` for each field.
struct Fields<'l>(Writer<'l>, fmt::Result);

impl Fields<'_> {
    fn put(&mut self, parts: [&str; 5]) {
        for part in parts {
            if self.1.is_ok() {
                self.1 = self.0.write_str(part);
            }
        }
    }
}

impl Visit for Fields<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        let mut digits = itoa::Buffer::new();
        self.put([" ", field.name(), "=", digits.format(value), ""]);
    }

    /// Methods and templates of routes, in which there is nothing to escape.
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put([" ", field.name(), "=\"", value, "\""]);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put([" ", field.name(), "=", &format!("{value:?}"), ""]);
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::layer;
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::{Layer, Registry, registry};

    use super::*;
    use crate::domain::Timestamp;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is written of one record of the access log.
    fn written(layer: impl FnOnce(Written) -> Box<dyn Layer<Registry> + Send + Sync>) -> String {
        let written = Written::default();
        tracing::subscriber::with_default(registry().with(layer(written.clone())), || {
            tracing::info!(target: ACCESS, method = "GET", route = "/user/<_>", status = 200_u16, microseconds = 7_u64);
        });
        let bytes = written.0.lock().expect("no panic").clone();
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn the_access_log_looks_as_tracing_would_write_it() {
        let by_hand = written(|to| {
            Box::new(layer().with_ansi(false).event_format(Shape::of(LogFormat::Text)).with_writer(move || to.clone()))
        });
        let by_tracing = written(|to| Box::new(layer().with_ansi(false).with_writer(move || to.clone())));
        let time = "2018-03-10T10:25:35.576296Z".len();
        assert_eq!(by_hand[time..], by_tracing[time..]);
        assert!(Timestamp::parse(&by_hand[..time]).is_some(), "{by_hand}");
    }
}
