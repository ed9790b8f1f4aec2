//! The command line: one file for each command. They go through the services, as the APIs do.

mod backup;
mod check_config;
mod completions;
mod context;
mod doctor;
mod export;
mod import;
mod logger;
mod migrate;
mod progress;
mod prompt;
mod restore;
mod serve;
mod shell;
mod stop;
mod token;
mod user;

use std::io;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use thiserror::Error;

use crate::app::StartError;
use crate::config::{self, Config, ConfigErrors, Environment, Overrides};
use crate::service::ServiceError;
use crate::store::embedded::backup::{BackupError, RestoreError};

/// A self-hosted document store with an HTTP API.
#[derive(Parser)]
#[command(name = "keybin", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What holds for every command.
#[derive(Args)]
struct Options {
    /// The configuration file, in place of ./store.cfg
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the data is: embedded:PATH or mongodb://…
    #[arg(long, global = true, value_name = "LOCATION")]
    store: Option<String>,
    /// The database within MongoDB
    #[arg(long, global = true, value_name = "NAME")]
    database: Option<String>,
    /// What is logged: error, warn, info, debug, trace or off
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the APIs (this is also what happens without a command)
    Serve(serve::Serve),
    /// Manage accounts
    #[command(subcommand)]
    User(user::User),
    /// Manage tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Manage accounts and tokens at a prompt, or from a pipe
    Shell,
    /// Write the documents of an account, or everything, as lines of JSON
    Export(export::Export),
    /// Take in what an export wrote
    Import(import::Import),
    /// Write a backup of the embedded file, also while a server runs
    Backup(backup::Backup),
    /// Make the embedded file of a backup
    Restore(restore::Restore),
    /// Bring a database of the original Keybin to today's shape (serve does it too)
    Migrate(migrate::Migrate),
    /// Show the effective configuration and where each value came from
    CheckConfig,
    /// Check everything that Keybin stands on, and say what to do
    Doctor(doctor::Doctor),
    /// Print completions for a shell
    Completions(completions::Completions),
}

/// Why a command was not carried out.
#[derive(Debug, Error)]
pub enum CliError {
    /// Something needed is missing or wrong at the start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The service refused.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The server stopped with an error, or could not listen.
    #[error("{0}")]
    Serve(String),
    /// The shell does not understand a line, or some of its commands failed.
    #[error("{0}")]
    Shell(String),
    /// A file cannot be read or written, or lines of it were not taken.
    #[error("{0}")]
    Transfer(String),
    /// Something must be mended, as was told.
    #[error("{0} found")]
    Doctor(String),
    /// No backup was taken.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// No backup was restored.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The person did not want it after all.
    #[error("nothing was done")]
    Declined,
}

impl From<ConfigErrors> for CliError {
    fn from(errors: ConfigErrors) -> Self {
        Self::Start(errors.into())
    }
}

impl Cli {
    /// Carries the command out.
    ///
    /// # Errors
    /// [`CliError`], to be shown as it is.
    pub fn run(self) -> Result<(), CliError> {
        let command = self.command.unwrap_or_else(|| Command::Serve(serve::Serve::default()));
        let mut overrides = self.options.overrides();
        if let Command::Serve(serve) = &command {
            serve.add_to(&mut overrides);
        }
        if let Command::Completions(completions) = &command {
            completions.run();
            return Ok(());
        }
        let environment = Environment::of_process();
        let config = Config::load(&overrides, &environment, config::working_directory()?);
        if let Command::Doctor(doctor) = &command {
            return doctor.run(config);
        }
        let config = config?;
        let history = environment.shell_history();
        match command {
            Command::Serve(_) => serve::run(&config),
            Command::User(user) => context::run(&config, async |services| user.run(services).await),
            Command::Token(token) => context::run(&config, async |services| token.run(services).await),
            Command::Shell => context::run(&config, async |services| shell::run(services, history).await),
            Command::Export(export) => context::run(&config, async |services| export.run(services).await),
            Command::Import(import) => context::run(&config, async |services| import.run(services).await),
            Command::Backup(backup) => backup.run(&config),
            Command::Restore(restore) => restore.run(&config),
            Command::Migrate(migrate) => migrate.run(&config),
            Command::CheckConfig => check_config::run(&config),
            Command::Completions(_) | Command::Doctor(_) => Ok(()),
        }
    }
}

impl Options {
    fn overrides(self) -> Overrides {
        Overrides {
            config: self.config,
            store: self.store,
            database: self.database,
            log_level: self.log_level,
            ..Overrides::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
