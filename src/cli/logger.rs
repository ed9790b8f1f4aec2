//! The logger: only Keybin's own records.
//!
//! Rocket logs whole URLs and request headers. Its records, and those of the HTTP library, are dropped at every level:
//! a URL may hold a token. They come through the `log` crate, to which nothing listens.

mod lines;
mod shape;
mod spans;

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::{io, panic};

use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, dispatcher, error};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry, fmt};

use self::lines::Lines;
use self::shape::Shape;
use self::spans::Spans;
use super::CliError;
use crate::config::{Config, LogFormat, LogLevel};

/// The access log and the audit log, as `http` names them: what there may be a line of for each request.
const ACCESS: &str = "keybin::access";
const AUDIT: &str = "keybin::audit";

/// What spans are for: where the time of a request went.
const SPANS: &str = "keybin::span";

/// The log of a server, while it runs.
pub(super) struct Log {
    lines: Lines,
    file: Option<PathBuf>,
    spans: Option<Spans>,
}

/// Logs to stderr, as commands do. Does nothing where there is a log already.
pub(super) fn to_stderr(level: LogLevel) {
    install(level, Shape::of(LogFormat::Text), &Lines::to(io::stderr()), None);
}

/// Logs as it is configured.
///
/// # Errors
/// When the file cannot be written, or the name of the collector is of no use.
pub(super) fn start(config: &Config) -> Result<Log, CliError> {
    let file = config.log.file.clone();
    let lines = match &file {
        None => Lines::to(io::stderr()),
        Some(path) => Lines::to(open(path).map_err(|error| CliError::Serve(unwritable(path, &error)))?),
    };
    let spans = config.log.otlp.as_deref().map(Spans::to).transpose().map_err(CliError::Serve)?;
    install(config.log_level(), Shape::of(config.log.format), &lines, spans.as_ref());
    Ok(Log { lines, file, spans })
}

impl Log {
    /// Opens the file anew, which somebody may have moved away. Where that fails, the log goes on in the old one.
    pub(super) fn reopen(&self) {
        let Some(path) = &self.file else { return };
        match open(path) {
            Ok(file) => self.lines.go_on_in(file),
            Err(error) => error!("{}", unwritable(path, &error)),
        }
    }

    /// Writes what was gathered, and sends the last spans.
    pub(super) fn end(self) {
        if let Some(spans) = self.spans {
            spans.end();
        }
        self.lines.flush();
    }
}

/// A file to write on in. Who may read it else is for the umask: there is no secret in it.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

fn unwritable(path: &Path, error: &io::Error) -> String {
    format!("cannot write the log to {}: {error}", path.display())
}

fn install(level: LogLevel, shape: Shape, lines: &Lines, spans: Option<&Spans>) {
    // Not `try_init`, which would also have every record of the `log` crate made, only to be dropped.
    let _started_before = dispatcher::set_global_default(dispatch(level, shape, lines, spans));
    panic::set_hook(Box::new(|panic| {
        // The message is left out: it may quote what a client sent.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        error!(target: "keybin::panic", place);
    }));
}

/// Where records and spans go.
fn dispatch(level: LogLevel, shape: Shape, lines: &Lines, spans: Option<&Spans>) -> Dispatch {
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
        target.starts_with("keybin") && !target.ends_with("::_") && target != SPANS && *record.level() <= level
    });
    let written = fmt::layer().event_format(shape).with_writer(lines.clone()).with_ansi(false).with_filter(ours);
    let registry = Registry::default().with(written);
    match spans {
        // Not an `Option` of a layer: with that, every span would be made, for nobody.
        None => Dispatch::new(registry),
        Some(spans) => {
            Dispatch::new(registry.with(spans.layer().with_filter(filter_fn(|record| record.target() == SPANS))))
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing::{dispatcher, info_span};

    use super::*;

    #[test]
    fn spans_are_made_only_for_a_collector() {
        let is_made = |spans: Option<&Spans>| {
            let dispatch = dispatch(LogLevel::Trace, Shape::of(LogFormat::Text), &Lines::to(io::sink()), spans);
            dispatcher::with_default(&dispatch, || !info_span!(target: "keybin::span", "request").is_disabled())
        };
        let collector = Spans::to("http://127.0.0.1:9").expect("a collector");
        assert!(is_made(Some(&collector)));
        assert!(!is_made(None));
    }
}
