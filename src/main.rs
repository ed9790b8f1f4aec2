//! The `keybin` program: parses the arguments, runs the command, tells what went wrong.

use std::process::ExitCode;

use clap::Parser;
use keybin::cli::Cli;
use keybin::domain::with_causes;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("keybin: {}", with_causes(&failure));
            ExitCode::FAILURE
        }
    }
}
