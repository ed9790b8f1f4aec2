//! `keybin man`: the manual, made from what the commands say of themselves.

use std::fs;
use std::io::stdout;
use std::path::PathBuf;

use clap::{Args, CommandFactory};

use super::CliError;

/// Prints the manual page of the program, or writes the pages of all commands.
#[derive(Debug, Args)]
pub(super) struct Man {
    /// Write the page of the program and one for each command into this folder
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(&self) -> Result<(), CliError> {
        // `keybin help` says the same as `--help` and the manual.
        let program = super::Cli::command().disable_help_subcommand(true);
        let Some(folder) = &self.output else {
            return Ok(clap_mangen::Man::new(program).render(&mut stdout())?);
        };
        let written = fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(program, folder));
        written.map_err(|error| CliError::Transfer(format!("cannot write to {}: {error}", folder.display())))
    }
}
