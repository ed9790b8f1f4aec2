//! The logger: only Keybin's own records.
//!
//! Rocket logs whole URLs and request headers. Its records, and those of the HTTP library, are dropped at every level:
//! a URL may hold a token. They come through the `log` crate, to which nothing listens.

mod lines;
mod shape;

use std::panic;

use tracing::error;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;

pub(super) use self::lines::Lines;
use self::shape::Shape;
use crate::config::LogLevel;

/// The access log and the audit log, as `http` names them: what there may be a line of for each request.
const ACCESS: &str = "keybin::access";
const AUDIT: &str = "keybin::audit";

/// Starts logging to stderr. Does nothing when it was started before. Whoever serves flushes the lines at the end: some of
/// the access log may still be gathered.
pub(super) fn start(level: LogLevel) -> Lines {
    let level = match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    // Code that Rocket generates within ours logs under our modules, with `_` behind them.
    let ours = filter_fn(move |record| {
        let target = record.target();
        target.starts_with("keybin") && !target.ends_with("::_") && *record.level() <= level
    });
    let lines = Lines::to(std::io::stderr());
    let written = fmt::layer().event_format(Shape::default()).with_writer(lines.clone()).with_ansi(false);
    let subscriber = tracing_subscriber::registry().with(written.with_filter(ours));
    // Not `try_init`, which would also have every record of the `log` crate made, only to be dropped.
    let _started_before = tracing::subscriber::set_global_default(subscriber);
    panic::set_hook(Box::new(|panic| {
        // The message is left out: it may quote what a client sent.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        error!(target: "keybin::panic", place);
    }));
    lines
}
