//! A question to a server that runs: one request over a plain connection, so that nothing but the program is needed for it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value as Json;

/// How long a server may take to be reached, and to answer. It gives its store two seconds.
pub(super) const PATIENCE: Duration = Duration::from_secs(4);

/// More than an answer has.
const LONGEST: u64 = 64 * 1024;

/// What a server answered.
pub(super) struct Answer {
    pub(super) status: u16,
    /// `null` where it is no JSON.
    pub(super) body: Json,
}

/// Reaches whoever listens at this address; at one that stands for every interface, on this machine.
pub(super) fn reach(address: SocketAddr) -> io::Result<TcpStream> {
    let host = match address.ip() {
        IpAddr::V4(every) if every.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(every) if every.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        one => one,
    };
    TcpStream::connect_timeout(&SocketAddr::new(host, address.port()), PATIENCE)
}

/// Asks for a path. An answer that is none of HTTP is [`ErrorKind::InvalidData`].
pub(super) fn ask(mut connection: TcpStream, path: &str) -> io::Result<Answer> {
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    // HTTP/1.0, so that the answer comes in one piece and ends with the connection.
    connection.write_all(format!("GET {path} HTTP/1.0\r\nHost: keybin\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    connection.take(LONGEST).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1)?.parse().ok());
    let status = status.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "it speaks no HTTP"))?;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    Ok(Answer { status, body: serde_json::from_str(body).unwrap_or_default() })
}
