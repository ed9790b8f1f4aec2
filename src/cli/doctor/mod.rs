//! `keybin doctor`: looks at everything that Keybin stands on, and says what to do. It changes nothing.
//!
//! One file for each subject; a check is a function that gives its findings. What only a store can know is found out in its
//! room.

mod configuration;
mod database;
mod file;
mod finding;
mod machine;
mod passwords;
mod port;

use std::io::{Write, stdout};

use clap::Args;

use self::finding::{Finding, State};
use super::progress::count;
use super::{CliError, logger};
use crate::app;
use crate::config::{Config, ConfigErrors, LogLevel};
use crate::store::Location;

/// Checks the configuration, the store, the port and the machine, and says what to do. Ends with 0 where there is no problem.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Look through the whole embedded file as well, where no server has it open
    #[arg(long)]
    deep: bool,
    /// Tell it as JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) fn run(&self, config: Result<Config, ConfigErrors>) -> Result<(), CliError> {
        logger::to_stderr(LogLevel::Error);
        let findings = match &config {
            Ok(config) => self.examine(config)?,
            Err(errors) => configuration::wrong(errors),
        };
        let told = if self.json { finding::as_json(&findings) } else { finding::as_text(&findings) };
        stdout().write_all(told.as_bytes())?;
        match findings.iter().filter(|finding| finding.state == State::Problem).count() {
            0 => Ok(()),
            problems => Err(CliError::Doctor(count(problems as u64, "problem"))),
        }
    }

    fn examine(&self, config: &Config) -> Result<Vec<Finding>, CliError> {
        let mut findings = configuration::check(config);
        findings.extend(passwords::check(config.password.bcrypt_cost));
        findings.extend(match &config.store.location {
            Location::Embedded(path) => file::check(path, config.store.cache_bytes, self.deep),
            Location::Mongo(_) => match app::mongo_options(config) {
                Some(options) => database::check(&options)?,
                None => Vec::new(),
            },
        });
        findings.push(port::check(config.app.host, config.app.port));
        findings.extend(machine::check(config));
        Ok(findings)
    }
}
