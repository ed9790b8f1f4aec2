//! `keybin health`, which asks a server whether it is ready.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;

use crate::harness::program::{Installation, Output};
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_both: a_server_that_is_ready_is_told_from_one_that_is_gone);
    cases!(trials.in_embedded: what_cannot_be_asked_is_told, what_is_no_keybin_is_told);
}

async fn asked(installation: &Installation, address: SocketAddr) -> Output {
    let port = address.port().to_string();
    installation.command(["health", "--host", &address.ip().to_string(), "--port", &port]).output().await
}

async fn a_server_that_is_ready_is_told_from_one_that_is_gone(installation: &mut Installation) {
    let program = installation.serve().await;
    let address = program.address();
    assert_eq!(asked(installation, address).await.good(), "ready\n");
    // As where it listens everywhere, and as a container has it: from the environment.
    installation.set("KEYBIN_APP_HOST", "0.0.0.0");
    installation.set("KEYBIN_APP_PORT", &address.port().to_string());
    assert_eq!(installation.command(["health"]).output().await.good(), "ready\n");
    assert!(program.terminate().await.success());
    let reason = asked(installation, address).await.reason();
    assert!(reason.starts_with(&format!("keybin: not ready: {address} does not answer: ")), "{reason}");
}

async fn what_cannot_be_asked_is_told(installation: &mut Installation) {
    let reason = installation.command(["health", "--port", "0"]).output().await.reason();
    assert_eq!(reason, "keybin: any free port is configured; name the one that was taken with --port\n");
    let reason = installation.command(["health", "--port", "many"]).output().await;
    assert!(reason.stderr.contains("command line --port"), "{reason:?}");
}

async fn what_is_no_keybin_is_told(installation: &mut Installation) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    let greeting = thread::spawn(move || listener.accept().map(|(mut socket, _)| socket.write_all(b"220 hello\r\n")));
    let reason = asked(installation, address).await.reason();
    assert!(reason.starts_with("keybin: not ready: "), "{reason}");
    let _ = greeting.join().expect("it ends");
}
