//! The `keybin` program: parses the arguments, runs the command, tells what went wrong.

use std::process::ExitCode;

use clap::Parser;
use keybin::cli::Cli;
use keybin::domain::with_causes;
use mimalloc::MiMalloc;

/// A request makes and drops some hundred small things: with mimalloc it costs a tenth less than with glibc's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("keybin: {}", with_causes(&failure));
            ExitCode::FAILURE
        }
    }
}
