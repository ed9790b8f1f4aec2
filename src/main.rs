//! The `keybin` program: parses the arguments, runs the command, tells what went wrong.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use keybin::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("keybin: {}", with_causes(&failure));
            ExitCode::FAILURE
        }
    }
}

fn with_causes(failure: &dyn Error) -> String {
    let mut text = failure.to_string();
    let mut cause = failure.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
