//! The `keybin` program: parses the arguments, runs the command, tells what went wrong.

use std::process::ExitCode;

use clap::Parser;
use keybin::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("keybin: {failure}");
            ExitCode::FAILURE
        }
    }
}
