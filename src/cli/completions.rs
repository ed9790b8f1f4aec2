//! `keybin completions`: completions for a shell.

use std::io;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Prints completions.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell to print them for
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) {
        clap_complete::generate(self.shell, &mut super::Cli::command(), "keybin", &mut io::stdout());
    }
}
