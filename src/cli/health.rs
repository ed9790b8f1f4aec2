//! `keybin health`: asks a running server whether it is ready.
//!
//! One request over a plain connection, so that an image needs nothing but the program to be looked after.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use clap::Args;
use serde_json::Value as Json;

use super::CliError;
use crate::config::{Config, Overrides};

/// How long the server may take to listen, and then to answer. It gives its store two seconds.
const PATIENCE: Duration = Duration::from_secs(4);

/// More than an answer has.
const LONGEST: u64 = 64 * 1024;

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
    let address = reachable(config.app.host, config.app.port)?;
    let answer = asked(address).map_err(|error| not(format!("{address} does not answer: {}", in_words(&error))))?;
    match status(&answer) {
        Some("200") => {
            println!("ready");
            Ok(())
        }
        Some(_) => Err(not(detail(&answer).unwrap_or_else(|| format!("{address} says so")))),
        None => Err(not(format!("{address} is no Keybin"))),
    }
}

/// Where a server is found that listens here.
fn reachable(host: IpAddr, port: u16) -> Result<SocketAddr, CliError> {
    if port == 0 {
        return Err(CliError::Health(
            "any free port is configured; name the one that was taken with --port".to_owned(),
        ));
    }
    let host = match host {
        IpAddr::V4(every) if every.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(every) if every.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        one => one,
    };
    Ok(SocketAddr::new(host, port))
}

/// The whole answer to `GET /readyz`.
fn asked(address: SocketAddr) -> io::Result<String> {
    let mut connection = TcpStream::connect_timeout(&address, PATIENCE)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    // HTTP/1.0, so that the answer comes in one piece and ends with the connection.
    connection.write_all(format!("GET /readyz HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    connection.take(LONGEST).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn status(answer: &str) -> Option<&str> {
    answer.strip_prefix("HTTP/1.")?.split(' ').nth(1)
}

/// What the server says is the matter.
fn detail(answer: &str) -> Option<String> {
    let (_, body) = answer.split_once("\r\n\r\n")?;
    let problem: Json = serde_json::from_str(body).ok()?;
    Some(problem["detail"].as_str()?.to_owned())
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
