//! The command line: one file for each command. They go through the services, as the APIs do.

mod asking;
mod backup;
mod check_config;
mod completions;
mod context;
mod doctor;
mod export;
mod health;
mod import;
mod logger;
mod man;
mod metrics;
mod migrate;
mod progress;
mod prompt;
mod reload;
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

use self::reload::Sources;
use crate::app::StartError;
use crate::config::{self, ConfigErrors, Environment, Overrides};
use crate::service::ServiceError;
use crate::store::embedded::backup::{BackupError, RestoreError};

/// What the long help and the manual end with.
const CONFIGURATION: &str = "\
The configuration is read from store.cfg in the working directory, or from the file that --config or KEYBIN_CONFIG names. \
The environment is stronger (KEYBIN_<SECTION>_<KEY>, such as KEYBIN_APP_PORT), and the command line is stronger still. \
`keybin check-config` shows what is in effect and where each value came from.

A command ends with 0, or with 1 and a reason on the standard error.";

/// A self-hosted document store with an HTTP API.
#[derive(Parser)]
#[command(name = "keybin", version, max_term_width = 100, after_long_help = CONFIGURATION)]
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
    /// Ask a running server whether it is ready
    Health(health::Health),
    /// Check everything that Keybin stands on, and say what to do
    Doctor(doctor::Doctor),
    /// Print completions for a shell
    Completions(completions::Completions),
    /// Print the manual, or write a page for each command
    Man(man::Man),
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
    /// The server that was asked is not ready.
    #[error("{0}")]
    Health(String),
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
        match &command {
            Command::Serve(serve) => serve.add_to(&mut overrides),
            Command::Health(health) => health.add_to(&mut overrides),
            // What follows may be wanted where nothing is set up yet.
            Command::Completions(completions) => {
                completions.run();
                return Ok(());
            }
            Command::Man(man) => return man.run(),
            _ => {}
        }
        let sources = Sources { overrides, directory: config::working_directory()? };
        let config = sources.load();
        if let Command::Doctor(doctor) = &command {
            return doctor.run(config);
        }
        let config = config?;
        let history = Environment::of_process().shell_history();
        match command {
            Command::Serve(_) => serve::run(&config, &sources),
            Command::User(user) => context::run(&config, async |services| user.run(services).await),
            Command::Token(token) => context::run(&config, async |services| token.run(services).await),
            Command::Shell => context::run(&config, async |services| shell::run(services, history).await),
            Command::Export(export) => context::run(&config, async |services| export.run(services).await),
            Command::Import(import) => context::run(&config, async |services| import.run(services).await),
            Command::Backup(backup) => backup.run(&config),
            Command::Restore(restore) => restore.run(&config),
            Command::Migrate(migrate) => migrate.run(&config),
            Command::CheckConfig => check_config::run(&config),
            Command::Health(_) => health::run(&config),
            Command::Completions(_) | Command::Doctor(_) | Command::Man(_) => Ok(()),
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
