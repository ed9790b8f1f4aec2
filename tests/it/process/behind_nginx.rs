//! Behind nginx, as it is configured for operators: what Keybin cannot bound is bounded there, and nothing else is another.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::sleep;

use crate::harness::ask::{get, post, put};
use crate::harness::http::Http;
use crate::harness::nginx::Nginx;
use crate::harness::program::Installation;
use crate::harness::raw::Socket;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_embedded:
        the_apis_work_behind_nginx,
        slow_clients_end_at_nginx,
        one_address_does_not_take_every_connection,
    );
}

async fn the_apis_work_behind_nginx(installation: &mut Installation) {
    installation.set("KEYBIN_APP_TRUSTED_PROXIES", "127.0.0.1");
    installation.set("KEYBIN_STORE_MAX_VALUE_BYTES", "15728640");
    let program = installation.serve().await;
    let nginx = Nginx::start(program.address()).await;
    let http = Http::new(nginx.address());
    http.register("ann", "pw").await;
    let token = http.token("ann", "pw").await;
    // The largest value there is.
    let large = format!("\"{}\"", "x".repeat(15_728_638));
    http.put(&token, "large", &large).await;
    assert_eq!(http.get(&format!("/user/{token}/store/large")).await.json()["value"].to_string(), large);
    // An odd key arrives as it was sent.
    let odd = put("/api/stow/caf%C3%A9%20%2B").basic("ann", "pw").json(json!({ "value": 1 })).ask(&http).await;
    assert_eq!(odd.status, 200, "{odd:?}");
    assert!(http.keys(&token).await.contains(&"café +".to_owned()));
    let lines = "{\"key\":\"a\",\"value\":1}\n".repeat(3);
    let import =
        post(format!("/user/{token}/import?mode=overwrite")).body("application/x-ndjson", lines).ask(&http).await;
    assert_eq!(import.json()["written"], 3, "{import:?}");
    // What is for the operator stays inside.
    assert_eq!(http.get("/metrics").await.status, 404);
    assert_eq!(http.get("/metrics/").await.status, 404);
    // Nobody chooses the address that is counted.
    let forged = get("/api/stow").basic("ann", "wrong").header("X-Forwarded-For", "192.0.2.1").ask(&http).await;
    assert_eq!(forged.status, 401);
    let wrong =
        post("/token").header("X-Forwarded-For", "192.0.2.1").json(json!({ "username": "ann", "password": "no" }));
    assert_eq!(wrong.ask(&http).await.status, 403);
    assert!(program.terminate().await.success());
    let said = installation.said();
    assert!(said.contains("from=127.0.0.1") && !said.contains("192.0.2.1"), "{said}");
}

/// Heads, first bytes of bodies, and bodies that come a byte at a time or not at all.
async fn slow_clients_end_at_nginx(installation: &mut Installation) {
    let program = installation.serve().await;
    let nginx = Nginx::start(program.address()).await;
    let start = Instant::now();
    let head = "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let body = format!("{head}Content-Length: 1000\r\n\r\n");
    let some = format!("{body}{{\"username\":\"ann\",");
    let beginnings = ["", "GET /", head, &body, &some];
    let ends = beginnings.map(async |beginning| {
        let mut socket = Socket::open(nginx.address()).await;
        assert!(socket.send(beginning.as_bytes()).await);
        // An answer or none: it is over.
        socket.answer(false).await.map_or(0, |answer| answer.status)
    });
    for (status, beginning) in join_all(ends).await.into_iter().zip(beginnings) {
        assert!([0, 408].contains(&status), "{beginning}: {status}");
    }
    assert!(start.elapsed() < Duration::from_secs(25), "{:?}", start.elapsed());
}

async fn one_address_does_not_take_every_connection(installation: &mut Installation) {
    let program = installation.serve().await;
    let nginx = Nginx::start(program.address()).await;
    let http = Http::new(nginx.address());
    let mut taken = Vec::new();
    for _ in 0..64 {
        let mut socket = Socket::open(nginx.address()).await;
        let begun =
            "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
        assert!(socket.send(begun.as_bytes()).await);
        taken.push(socket);
    }
    let start = Instant::now();
    while get("/user/none/keys").ask(&http).await.status != 503 {
        assert!(start.elapsed() < Duration::from_secs(8), "everybody is let in");
        sleep(Duration::from_millis(10)).await;
    }
    drop(taken);
    while get("/user/none/keys").ask(&http).await.status != 403 {
        assert!(start.elapsed() < Duration::from_secs(20), "nobody is let in");
        sleep(Duration::from_millis(10)).await;
    }
}
