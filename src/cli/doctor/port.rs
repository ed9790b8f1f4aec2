//! The port: free, or a Keybin answers at it.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};

use serde_json::Value as Json;

use super::super::asking::{Answer, ask, reach};
use super::finding::Finding;

pub(super) fn check(host: IpAddr, port: u16) -> Finding {
    if port == 0 {
        return Finding::ok("port", "any that is free");
    }
    let address = SocketAddr::new(host, port);
    // Asked before it is tried to listen there, which might be in the way of a server that starts.
    match reach(address) {
        Ok(connection) => listener(address, connection),
        Err(_) => match TcpListener::bind(address) {
            Ok(_) => Finding::ok("port", format!("nobody listens on {address}")),
            Err(error) => unusable(address, &error),
        },
    }
}

/// Who it is that listens.
fn listener(address: SocketAddr, connection: TcpStream) -> Finding {
    let version = ask(connection, "/version").ok().and_then(|answer| keybin_version(&answer.body));
    let Some(version) = version else {
        return Finding::problem(
            "port",
            format!("something else than Keybin listens on {address}"),
            "stop it, or set another [APP] port",
        );
    };
    match reach(address).and_then(|again| ask(again, "/readyz")) {
        Ok(Answer { status: 200, .. }) => {
            Finding::ok("port", format!("Keybin {version} listens on {address} and is ready"))
        }
        Ok(Answer { body, .. }) => Finding::problem(
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
