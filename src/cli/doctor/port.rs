//! The port: free, or a Keybin answers at it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use serde_json::Value as Json;

use super::finding::Finding;

/// How long a server may take to be reached, and to answer. It gives its store two seconds.
const PATIENCE: Duration = Duration::from_secs(4);

/// More than an answer has.
const LONGEST: u64 = 64 * 1024;

pub(super) fn check(host: IpAddr, port: u16) -> Finding {
    if port == 0 {
        return Finding::ok("port", "any that is free");
    }
    let address = SocketAddr::new(host, port);
    // Asked before it is tried to listen there, which might be in the way of a server that starts.
    match TcpStream::connect_timeout(&reachable(address), PATIENCE) {
        Ok(connection) => listener(address, connection),
        Err(_) => match TcpListener::bind(address) {
            Ok(_) => Finding::ok("port", format!("nobody listens on {address}")),
            Err(error) => unusable(address, &error),
        },
    }
}

/// Where a server is found that listens here.
fn reachable(address: SocketAddr) -> SocketAddr {
    let host = match address.ip() {
        IpAddr::V4(every) if every.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(every) if every.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        one => one,
    };
    SocketAddr::new(host, address.port())
}

/// Who it is that listens.
fn listener(address: SocketAddr, connection: TcpStream) -> Finding {
    let version = ask(connection, "/version").ok().and_then(|(_, body)| keybin_version(&body));
    let Some(version) = version else {
        return Finding::problem(
            "port",
            format!("something else than Keybin listens on {address}"),
            "stop it, or set another [APP] port",
        );
    };
    let ready = TcpStream::connect_timeout(&reachable(address), PATIENCE).and_then(|again| ask(again, "/readyz"));
    match ready {
        Ok((200, _)) => Finding::ok("port", format!("Keybin {version} listens on {address} and is ready")),
        Ok((_, body)) => Finding::problem(
            "port",
            format!(
                "Keybin {version} listens on {address} and is not ready: {}",
                body["detail"].as_str().unwrap_or("no reason")
            ),
            "its log says more",
        ),
        Err(error) => Finding::problem(
            "port",
            format!("Keybin {version} listens on {address} and does not say whether it is ready: {error}"),
            "its log says more",
        ),
    }
}

/// The version, where it is a Keybin that answered.
fn keybin_version(body: &Json) -> Option<String> {
    body["apis"].as_array()?;
    Some(body["version"].as_str()?.to_owned())
}

fn unusable(address: SocketAddr, error: &io::Error) -> Finding {
    let advice = match error.kind() {
        ErrorKind::AddrNotAvailable => "set [APP] host to an address of this machine",
        ErrorKind::PermissionDenied => "set an [APP] port from 1024 on",
        ErrorKind::AddrInUse => "stop who listens there, or set another [APP] port",
        _ => "set another [APP] host or port",
    };
    Finding::problem("port", format!("nobody can listen on {address}: {error}"), advice)
}

/// The status and the body of an answer.
fn ask(mut connection: TcpStream, path: &str) -> io::Result<(u16, Json)> {
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
    Ok((status, serde_json::from_str(body).unwrap_or_default()))
}
