//! Alive, ready, and which one it is. What they say while the database is away is in `process::outage`.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::harness::ask::get;
use crate::harness::raw::Socket;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_server_says_that_it_lives_and_is_ready,
        a_server_says_which_one_it_is,
        a_probe_waits_for_no_turn,
    );
}

async fn a_server_says_that_it_lives_and_is_ready(server: &mut TestServer<'_>) {
    for (path, status) in [("/healthz", "alive"), ("/readyz", "ready")] {
        let answer = get(path).ask(server).await;
        assert_eq!((answer.status, answer.json()), (200, json!({ "status": status })), "{path}");
    }
}

async fn a_server_says_which_one_it_is(server: &mut TestServer<'_>) {
    let told = get("/version").ask(server).await.json();
    let all = json!(["keybin", "stow", "forms", "pairs", "users", "web"]);
    assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(told["apis"], all);
    assert!(told.get("commit").is_some(), "{told}");
    server.restart_with("[API]\nstow=off\nweb=off\n").await;
    assert_eq!(get("/version").ask(server).await.json()["apis"], json!(["keybin", "forms", "pairs", "users"]));
}

async fn a_probe_waits_for_no_turn(server: &mut TestServer<'_>) {
    server.restart_with("[LIMITS]\nrequests=1\n").await;
    let begun = "POST /token HTTP/1.1\r\nHost: keybin\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n";
    let begun = format!("{begun}{{\"username\":\"annabelle\",");
    let mut taken = Vec::new();
    // Whoever looks whether the turn is taken may take it at that very moment.
    while get("/user/none/keys").ask(server).await.status != 503 {
        let mut socket = Socket::open(server.address()).await;
        assert!(socket.send(begun.as_bytes()).await);
        taken.push(socket);
        sleep(Duration::from_millis(200)).await;
    }
    for path in ["/healthz", "/readyz", "/version"] {
        assert_eq!(get(path).ask(server).await.status, 200, "{path}");
    }
}
