//! `keybin health`: asks a running server whether it is ready.
//!
//! An image needs nothing but the program to be looked after.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use clap::Args;

use super::CliError;
use super::asking::{PATIENCE, ask, reach};
use crate::config::{Config, Overrides};

/// Asks the server that listens where the configuration says whether it and its store answer.
#[derive(Debug, Args)]
pub(super) struct Health {
    /// The address that the server listens on
    #[arg(long, value_name = "ADDRESS")]
    host: Option<String>,
    /// The port that the server listens on
    #[arg(long, value_name = "PORT")]
    port: Option<String>,
}

impl Health {
    pub(super) fn add_to(&self, overrides: &mut Overrides) {
        overrides.host.clone_from(&self.host);
        overrides.port.clone_from(&self.port);
    }
}

pub(super) fn run(config: &Config) -> Result<(), CliError> {
    let address = SocketAddr::new(config.app.host, config.app.port);
    if address.port() == 0 {
        let what = "any free port is configured; name the one that was taken with --port";
        return Err(CliError::Health(what.to_owned()));
    }
    match reach(address).and_then(|connection| ask(connection, "/readyz")) {
        Ok(answer) if answer.status == 200 => {
            println!("ready");
            Ok(())
        }
        Ok(answer) => Err(not(match answer.body["detail"].as_str() {
            Some(detail) => detail.to_owned(),
            None => format!("{address} says so"),
        })),
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(not(format!("{address} is no Keybin"))),
        Err(error) => Err(not(format!("{address} does not answer: {}", in_words(&error)))),
    }
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => format!("nothing within {} s", PATIENCE.as_secs()),
        _ => error.to_string(),
    }
}

fn not(reason: String) -> CliError {
    CliError::Health(format!("not ready: {reason}"))
}
