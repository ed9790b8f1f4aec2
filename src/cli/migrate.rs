//! `keybin migrate`: brings a database of the original Keybin to today's shape.

use clap::Args;
use tokio::runtime::Runtime;

use super::{CliError, logger};
use crate::app::{self, StartError};
use crate::config::Config;
use crate::domain::SystemClock;
use crate::store::mongo;

/// Adopts a database of the original Keybin.
#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// Only tell what would be done
    #[arg(long)]
    check: bool,
}

impl Migrate {
    pub(super) fn run(&self, config: &Config) -> Result<(), CliError> {
        logger::to_stderr(config.log_level());
        let Some(options) = app::mongo_options(config) else {
            println!("{} needs no migration", config.store.location);
            return Ok(());
        };
        let adoption = Runtime::new()?.block_on(mongo::migrate(&options, self.check, &SystemClock));
        let adoption = adoption.map_err(StartError::from)?;
        match (adoption.is_empty(), self.check) {
            (true, _) => println!("there is nothing to migrate"),
            (false, true) => println!("would be adopted: {adoption}"),
            (false, false) => println!("adopted: {adoption}"),
        }
        Ok(())
    }
}
