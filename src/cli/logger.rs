//! The logger: only Keybin's own records.
//!
//! Rocket logs whole URLs and request headers. Its records, and those of the HTTP library, are dropped at every level:
//! a URL may hold a token.

use std::panic;

use tracing::error;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogLevel;

/// Starts logging to stderr. Does nothing when it was started before.
pub(super) fn start(level: LogLevel) {
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
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let _started_before = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
    panic::set_hook(Box::new(|panic| {
        // The message is left out: it may quote what a client sent.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        error!(target: "keybin::panic", place);
    }));
}
