//! `keybin backup`: everything that the embedded file holds, also while a server has it open.

use std::io::{IsTerminal, stdout};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{HumanBytes, ProgressBar};

use super::CliError;
use super::logger;
use super::progress::{count, over_bytes};
use crate::config::{Config, LogLevel};
use crate::domain::SystemClock;
use crate::store::Location;
use crate::store::embedded::backup::{self, Summary};

/// Writes a backup of the embedded file, with all that was acknowledged before it began: accounts, tokens, documents and the
/// secrets of the installation. A server that has the file open goes on meanwhile.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write; a backup that is there is replaced when the new one is whole. - is the standard output
    file: PathBuf,
}

impl Backup {
    pub(super) fn run(&self, config: &Config) -> Result<(), CliError> {
        logger::to_stderr(config.log_level().min(LogLevel::Warn));
        let store = embedded_file(config, "mongodump makes backups of it (--oplog on a replica set)")?;
        let is_shown = self.file == Path::new("-");
        if is_shown && stdout().is_terminal() {
            return Err(CliError::Transfer(
                "a backup is nothing for a terminal; name a file, or use a pipe".to_owned(),
            ));
        }
        let bar = over_bytes(None);
        let progress = |bytes| bar.set_position(bytes);
        let (cache, clock) = (config.store.cache_bytes, &SystemClock);
        let taken = if is_shown {
            backup::take(store, cache, clock, stdout().lock(), progress)
        } else {
            backup::take_to_file(store, cache, clock, &self.file, progress)
        };
        let summary = finished(&bar, taken)?;
        eprintln!("backed up {}", told(&summary));
        Ok(())
    }
}

/// The file that the configuration names, or what to do where it names a database.
pub(super) fn embedded_file<'c>(config: &'c Config, instead: &str) -> Result<&'c Path, CliError> {
    match &config.store.location {
        Location::Embedded(path) => Ok(path),
        Location::Mongo(_) => Err(CliError::Transfer(format!(
            "the data is in MongoDB: {instead}; `keybin export` and `keybin import` move accounts and documents"
        ))),
    }
}

/// Takes the bar away, whatever became of it.
pub(super) fn finished<T, E>(bar: &ProgressBar, outcome: Result<T, E>) -> Result<T, E> {
    bar.finish_and_clear();
    outcome
}

/// What is in a backup, in words.
pub(super) fn told(summary: &Summary) -> String {
    let (accounts, tokens) = (count(summary.accounts(), "account"), count(summary.tokens(), "token"));
    format!("{accounts}, {tokens} and {} ({})", count(summary.documents(), "document"), HumanBytes(summary.bytes))
}
