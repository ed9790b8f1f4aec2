//! The log: what a line looks like, where lines and spans go, and what SIGHUP does.

use std::fs;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::client::Client;
use crate::harness::program::{Installation, Program};
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_embedded:
        lines_are_objects_where_they_are_wanted_so,
        no_line_is_lost_when_the_file_is_moved_away,
        a_log_that_cannot_be_written_is_told,
        the_lives_of_tokens_are_read_again,
        a_wrong_configuration_changes_nothing,
    );
    cases!(trials.in_both: requests_are_traced, a_collector_that_is_away_disturbs_nobody);
}

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until something is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn lines_are_objects_where_they_are_wanted_so(installation: &mut Installation) {
    installation.set("KEYBIN_LOG_FORMAT", "json");
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    let get = client.request(Method::GET, &format!("/user/{token}/store/k")).header("X-Request-Id", "find-me");
    assert_eq!(client.try_request(get).await.expect("an answer").status, 404);
    drop(client);
    assert!(program.terminate().await.success());

    let said = installation.said();
    assert!(!said.contains(&token), "{said}");
    let lines = said.lines().filter(|line| !line.starts_with("Keybin "));
    let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).expect(line)).collect();
    let line = lines.iter().find(|line| line["request"] == "find-me").expect("the line of the request");
    let expected = json!({
        "level": "INFO", "target": "keybin::access", "method": "GET", "route": "/user/<_>/store/<_>", "status": 404,
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(line[name], *value, "{line}");
    }
    assert!(line["microseconds"].as_u64().is_some() && line["timestamp"].as_str().is_some(), "{line}");
    assert!(lines.iter().any(|line| line["target"] == "keybin::audit" && line["event"] == "log-in"), "{said}");
}

async fn no_line_is_lost_when_the_file_is_moved_away(installation: &mut Installation) {
    installation.set("KEYBIN_LOG_FILE", "keybin.log");
    let (file, moved) = (installation.directory().join("keybin.log"), installation.directory().join("keybin.log.1"));
    let mut program = installation.serve().await;
    let client = Client::new(program.address());
    let ask = async |numbers: std::ops::Range<usize>| {
        for number in numbers {
            let request = client.request(Method::GET, "/healthz").header("X-Request-Id", format!("r{number}."));
            assert_eq!(client.try_request(request).await.expect("an answer").status, 200);
        }
    };
    ask(0..50).await;
    fs::rename(&file, &moved).expect("moves");
    ask(50..100).await;
    program.hang_up();
    until("there is a new file", async || file.exists()).await;
    ask(100..150).await;
    assert!(program.terminate().await.success());

    let read = |path| fs::read_to_string(path).expect("a log");
    let (before, after) = (read(&moved), read(&file));
    let all = format!("{before}{after}");
    for number in 0..150 {
        assert_eq!(all.matches(&format!("=r{number}. ")).count(), 1, "request {number}");
    }
    assert!(before.contains("=r99. ") && after.contains("=r149. "), "{all}");
    assert!(!installation.said().contains("keybin::access"));
}

async fn a_log_that_cannot_be_written_is_told(installation: &mut Installation) {
    installation.set("KEYBIN_LOG_FILE", "nowhere/keybin.log");
    let reason = installation.command(["serve", "--port", "0"]).output().await.reason();
    assert!(reason.starts_with("keybin: cannot write the log to nowhere/keybin.log: "), "{reason}");
}

/// How long a new token of the client id `phone` lives.
async fn life(client: &Client) -> Value {
    client.log_in("ann", "phone").await.good()["token"]["expire_seconds"].take()
}

async fn the_lives_of_tokens_are_read_again(installation: &mut Installation) {
    let file = installation.directory().join("store.cfg");
    let configure = |text: &str| fs::write(&file, text).expect("writes");
    configure("[TOKEN_EXPIRATION]\nphone=100\n");
    let mut program = installation.serve().await;
    let client = Client::new(program.address());
    client.register("ann").await.good();
    assert_eq!(life(&client).await, 100);

    configure("[APP]\ntrusted_proxies=10.0.0.1\n[STORE]\ntoken_expiration=7\n[TOKEN_EXPIRATION]\nphone=200\n");
    program.hang_up();
    until("a token lives longer", async || life(&client).await == 200).await;
    let other = client.log_in("ann", "fridge").await.good();
    assert_eq!(other["token"]["expire_seconds"], 7);
    // What else is different by now is told, and nothing else.
    let warned = program.stderr();
    assert!(warned.contains("[APP] trusted_proxies has another value now"), "{warned}");
    assert_eq!(warned.matches("has another value now").count(), 1, "{warned}");
}

async fn a_wrong_configuration_changes_nothing(installation: &mut Installation) {
    let file = installation.directory().join("store.cfg");
    fs::write(&file, "[TOKEN_EXPIRATION]\nphone=100\n").expect("writes");
    let mut program = installation.serve().await;
    let client = Client::new(program.address());
    client.register("ann").await.good();
    fs::write(&file, "[TOKEN_EXPIRATION]\nphone=soon\n").expect("writes");
    program.hang_up();
    until("it is told", async || program.stderr().contains("everything stays as it is")).await;
    assert!(program.stderr().contains("phone"), "{}", program.stderr());
    assert_eq!(life(&client).await, 100);
}

/// A collector: what is posted to it, each with the head of its request.
async fn collector() -> (u16, mpsc::UnboundedReceiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (posted, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let posted = posted.clone();
            tokio::spawn(async move { collect(connection, posted).await });
        }
    });
    (port, received)
}

/// Reads one request after the other.
async fn collect(mut connection: TcpStream, posted: mpsc::UnboundedSender<(String, Vec<u8>)>) -> Option<()> {
    let mut read = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            if connection.read_buf(&mut read).await.ok()? == 0 {
                return None;
            }
        };
        let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
        let length = head.split_once("content-length: ")?.1.split_once("\r\n")?.0.parse::<usize>().ok()?;
        while read.len() < end + length {
            connection.read_buf(&mut read).await.ok()?;
        }
        posted.send((head, read[end..end + length].to_vec())).ok()?;
        read.drain(..end + length);
        let answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
        connection.write_all(answer).await.ok()?;
    }
}

async fn requests_are_traced(installation: &mut Installation) {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let (port, mut received) = collector().await;
    installation.set("KEYBIN_LOG_OTLP", &format!("http://127.0.0.1:{port}"));
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    let get = client.request(Method::GET, &format!("/user/{token}/store/secretkey"));
    let get = get.header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"));
    assert_eq!(client.try_request(get).await.expect("an answer").status, 404);
    drop(client);
    // At the end, whatever is left is sent.
    assert!(program.terminate().await.success());

    let mut spans = Vec::new();
    while let Ok(Some((head, body))) = timeout(Duration::from_millis(100), received.recv()).await {
        assert!(head.starts_with("post /v1/traces "), "{head}");
        spans.extend(body);
    }
    let contains = |what: &[u8]| spans.windows(what.len()).any(|part| part == what);
    for name in ["GET /user/<_>/store/<_>", "POST /register", "password", "store read_by_token", "store create_account"]
    {
        assert!(contains(name.as_bytes()), "{name}");
    }
    let trace: Vec<u8> = (0..16).map(|i| u8::from_str_radix(&TRACE[2 * i..2 * i + 2], 16).expect("hex")).collect();
    assert!(contains(&trace), "the trace of the caller goes on");
    for secret in [&token[..], "secretkey", super::client::PASSWORD] {
        assert!(!contains(secret.as_bytes()), "{secret}");
    }
}

async fn a_collector_that_is_away_disturbs_nobody(installation: &mut Installation) {
    // Nobody listens on the port of a listener that is gone.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    installation.set("KEYBIN_LOG_OTLP", &format!("http://127.0.0.1:{port}"));
    installation.set("OTEL_BSP_SCHEDULE_DELAY", "50");
    let program: Program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    client.put(&token, "k", &json!(1)).await.good();
    until("it is told", async || program.stderr().contains("spans were not taken by http://127.0.0.1:")).await;
    assert_eq!(client.value(&token, "k").await, json!(1));
    drop(client);
    assert!(program.terminate().await.success());
}
