//! The bounds of every request: how slowly a body may come, and how many requests may be under way.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use crate::harness::ask::{Ask, get, post};
use crate::harness::raw::Socket;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_body_that_stops_arriving_is_not_waited_for,
        a_body_that_keeps_arriving_may_take_its_time,
        who_comes_when_every_turn_is_taken_is_told_to_come_again,
        a_request_has_a_name,
    );
}

/// The head of a request with a body of so many bytes, and the beginning of that.
fn begun(method_and_path: &str, headers: &str, length: usize, beginning: &str) -> Vec<u8> {
    let head = format!("{method_and_path} HTTP/1.1\r\nHost: keybin\r\n{headers}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), beginning.as_bytes()].concat()
}

async fn newcomer(server: &TestServer<'_>) -> String {
    server.register("ann", "pw").await;
    server.token("ann", "pw").await
}

/// Rocket waits for the first 14 bytes of every body before it asks anybody: that is not bounded.
const BEGINNING: &str = r#"{"username":"annabelle","#;

const JSON: &str = "Content-Type: application/json\r\n";

/// Everybody at once, because each of them waits for the same time.
async fn a_body_that_stops_arriving_is_not_waited_for(server: &mut TestServer<'_>) {
    let token = newcomer(server).await;
    let store = format!("POST /user/{token}/store/k");
    let import = format!("POST /user/{token}/import");
    let requests = [
        ("POST /register", JSON, BEGINNING),
        ("POST /token", JSON, BEGINNING),
        (&*store, JSON, BEGINNING),
        ("POST /api/user", JSON, BEGINNING),
        ("POST /api/register", JSON, BEGINNING),
        ("POST /auth/register", JSON, BEGINNING),
        ("POST /api/users", JSON, BEGINNING),
        ("POST /login", "Content-Type: application/x-www-form-urlencoded\r\n", "username=annabelle"),
        (&*import, "Content-Type: application/x-ndjson\r\n", BEGINNING),
    ];
    let address = server.address();
    let start = Instant::now();
    let waiting = requests.map(async |(line, headers, beginning)| {
        let mut socket = Socket::open(address).await;
        assert!(socket.send(&begun(line, headers, 1000, beginning)).await);
        let answer = socket.answer(false).await.unwrap_or_else(|end| panic!("{line}: {end:?}"));
        (line, answer)
    });
    for (line, answer) in futures_util::future::join_all(waiting).await {
        // An import tells how far it came.
        let told = line.contains("import").then(|| answer.json()["failed"][0]["reason"].to_string());
        match told {
            Some(reason) => assert!(reason.contains("timed out"), "{answer:?}"),
            None => assert_eq!(answer.status, 408, "{line}: {answer:?}"),
        }
    }
    // Not at once either: somebody's connection may be slow.
    assert!(start.elapsed() > Duration::from_secs(9), "{:?}", start.elapsed());
    assert_eq!(get(format!("/user/{token}/keys")).ask(server).await.json(), json!({ "keys": [] }));
}

async fn a_body_that_keeps_arriving_may_take_its_time(server: &mut TestServer<'_>) {
    let token = newcomer(server).await;
    let body = json!({ "value": "x".repeat(30_000) }).to_string();
    let mut socket = Socket::open(server.address()).await;
    assert!(socket.send(&begun(&format!("POST /user/{token}/store/k"), JSON, body.len(), "")).await);
    for piece in body.as_bytes().chunks(2000) {
        assert!(socket.send(piece).await);
        sleep(Duration::from_millis(900)).await;
    }
    let answer = socket.answer(false).await.expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
}

async fn who_comes_when_every_turn_is_taken_is_told_to_come_again(server: &mut TestServer<'_>) {
    server.restart_with("[LIMITS]\nrequests=2\nregistrations=0\nlog_ins=0\n").await;
    let token = newcomer(server).await;
    let body = r#"{"value":"more than a few bytes"}"#;
    let take = async || {
        let mut taken = Vec::new();
        for n in 0..2 {
            let mut socket = Socket::open(server.address()).await;
            assert!(
                socket.send(&begun(&format!("POST /user/{token}/store/k{n}"), JSON, body.len(), &body[..20])).await
            );
            taken.push(socket);
        }
        sleep(Duration::from_millis(200)).await;
        taken
    };
    let asks = || -> Vec<Ask> {
        vec![
            get(format!("/user/{token}/store/k0")),
            post("/token").json(json!({ "username": "ann", "password": "pw" })),
            get("/api/stow").basic("ann", "pw"),
            get("/login"),
        ]
    };
    // Whoever looks whether the turns are taken may take one at that very moment; then both are taken anew.
    let start = Instant::now();
    let mut taken = take().await;
    while asks()[0].ask(server).await.status != 503 {
        assert!(start.elapsed() < Duration::from_secs(30), "everybody is let in");
        drop(taken);
        taken = take().await;
    }
    for ask in asks() {
        let answer = ask.ask(server).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{ask}: {answer:?}");
    }
    for mut socket in taken {
        assert!(socket.send(&body.as_bytes()[20..]).await);
        assert_eq!(socket.answer(false).await.expect("an answer").status, 200);
    }
    assert_eq!(asks()[0].ask(server).await.json(), json!({ "value": "more than a few bytes" }));
}

/// A client may name its request; what is no name, and what has none, gets one.
async fn a_request_has_a_name(server: &mut TestServer<'_>) {
    const HEADER: &str = "x-request-id";
    let named = async |name: &str| {
        let answer = get("/user/none/keys").header(HEADER, name).ask(server).await;
        answer.header(HEADER).expect("a name").to_owned()
    };
    for good in ["a", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "trace_1.2"] {
        assert_eq!(named(good).await, good);
    }
    let long = "x".repeat(65);
    let mut made = Vec::new();
    for bad in ["", "a b", "a\"b", "é", &long, "a=b status=200"] {
        made.push(named(bad).await);
    }
    let nameless = get("/nowhere").ask(server).await;
    made.push(nameless.header(HEADER).expect("a name").to_owned());
    assert!(made.iter().all(|name| name.len() == 16 && name.bytes().all(|b| b.is_ascii_hexdigit())), "{made:?}");
    made.sort();
    made.dedup();
    assert_eq!(made.len(), 7, "{made:?}");
}
