//! `keybin restore`: an embedded file from a backup.

use std::fs::File;
use std::io::{Read, stdin};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;

use super::backup::{embedded_file, finished, told};
use super::progress::over_bytes;
use super::{CliError, logger};
use crate::config::{Config, LogLevel};
use crate::store::embedded::backup::{self, Present};

/// Makes the embedded file of a backup. It is looked through as a whole before anything is changed.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The backup; - is the standard input
    file: PathBuf,
    /// Where there is a store already, keep it under another name and take the place of it; no server may have it open
    #[arg(long)]
    replace: bool,
}

impl Restore {
    pub(super) fn run(&self, config: &Config) -> Result<(), CliError> {
        logger::to_stderr(config.log_level().min(LogLevel::Warn));
        let store = embedded_file(config, "mongorestore takes in what mongodump wrote")?;
        let (source, bar) = self.source()?;
        let present = if self.replace { Present::Replace } else { Present::Refuse };
        let progress = |bytes| bar.set_position(bytes);
        let restored = backup::restore(source, store, config.store.cache_bytes, present, progress);
        let restored = finished(&bar, restored)?;
        eprintln!("restored {}, as they were at {}", told(&restored.summary), restored.summary.taken_at);
        if let Some(kept) = &restored.kept {
            eprintln!("what was there before is now {}", kept.display());
        }
        Ok(())
    }

    fn source(&self) -> Result<(Box<dyn Read>, ProgressBar), CliError> {
        if self.file == Path::new("-") {
            return Ok((Box::new(stdin()), over_bytes(None)));
        }
        let file = File::open(&self.file);
        let file = file.map_err(|error| CliError::Transfer(format!("cannot read {}: {error}", self.file.display())))?;
        let length = file.metadata().ok().map(|known| known.len());
        Ok((Box::new(file), over_bytes(length)))
    }
}
