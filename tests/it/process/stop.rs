//! Stopping: asked to (SIGTERM), a server finishes what is under way; killed (SIGKILL), it has lost nothing that it
//! acknowledged.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use super::client::Client;
use super::load::{Attempt, Writers, assert_kept, pause_up_to};
use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

/// Within which a server ends that was asked to: those that Rocket gives to requests under way, and one more.
const A_FEW_SECONDS: Duration = Duration::from_secs(7);

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_both:
        a_server_under_load_stops_in_good_order,
        a_request_under_way_is_finished,
        no_acknowledged_write_is_lost_by_10_kills,
    );
    cases!(trials.in_mongo: a_server_that_waits_for_its_database_stops_as_well);
    cases!(trials.in_embedded: idle_connections_do_not_delay_the_end, a_client_that_never_ends_cannot_keep_a_server_up);
}

/// The same token for each of 8 writers.
fn for_8(token: &str) -> Vec<String> {
    vec![token.to_owned(); 8]
}

async fn a_server_under_load_stops_in_good_order(installation: &mut Installation) {
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    let writers = Writers::start(&client, &for_8(&token), "w");
    writers.acknowledge(100).await;
    let start = Instant::now();
    let status = program.terminate().await;
    assert_eq!((status.code(), start.elapsed() < A_FEW_SECONDS), (Some(0), true), "{:?}", start.elapsed());
    let attempts = writers.broken().await;
    assert!(attempts.iter().all(|attempt| matches!(attempt.status(), None | Some(200))), "{attempts:?}");

    let program = installation.serve().await;
    let kept = assert_kept(&Client::new(program.address()), &token, &attempts).await;
    assert!(kept >= 75, "{kept} keys");
}

async fn a_request_under_way_is_finished(installation: &mut Installation) {
    let mut program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    let mut request = HalfSent::begin(program.address(), &token, "k");
    program.ask_to_stop();
    let start = Instant::now();
    // Whoever comes at this very moment must not change how it stops.
    while TcpStream::connect(program.address()).is_ok() {
        assert!(start.elapsed() < A_FEW_SECONDS, "a server that stops takes new connections");
        sleep(Duration::from_millis(1)).await;
    }
    let answer = request.end();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}\n{}", program.stderr());
    let (status, took) = (program.ended().await, start.elapsed());
    assert!(status.success() && took < A_FEW_SECONDS, "{status}, {took:?}");

    let program = installation.serve().await;
    assert_eq!(Client::new(program.address()).value(&token, "k").await, json!("half and half"));
}

async fn a_server_that_waits_for_its_database_stops_as_well(installation: &mut Installation) {
    installation.set("KEYBIN_STORE_HOST", "mongodb://127.0.0.1:1/");
    let program = installation.launch();
    let start = Instant::now();
    while !program.stderr().contains("MongoDB is not ready") {
        assert!(start.elapsed() < Duration::from_secs(30), "{}", program.stderr());
        sleep(Duration::from_millis(20)).await;
    }
    let start = Instant::now();
    let status = program.terminate().await;
    assert!(status.success() && start.elapsed() < A_FEW_SECONDS, "{status}, {:?}", start.elapsed());
}

async fn idle_connections_do_not_delay_the_end(installation: &mut Installation) {
    let program = installation.serve().await;
    let client = Client::new(program.address());
    client.register("ann").await.good();
    let start = Instant::now();
    assert!(program.terminate().await.success());
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    drop(client);
}

async fn a_client_that_never_ends_cannot_keep_a_server_up(installation: &mut Installation) {
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    let request = HalfSent::begin(program.address(), &token, "k");
    let start = Instant::now();
    program.terminate().await;
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    drop(request);

    let program = installation.serve().await;
    assert_eq!(Client::new(program.address()).get(&token, "k").await.status, 404);
}

async fn no_acknowledged_write_is_lost_by_10_kills(installation: &mut Installation) {
    let mut program = installation.serve().await;
    let token = Client::new(program.address()).newcomer("ann").await;
    let mut attempts: Vec<Attempt> = Vec::new();
    for round in 0..10 {
        let writers = Writers::start(&Client::new(program.address()), &for_8(&token), &format!("r{round}"));
        writers.acknowledge(1).await;
        pause_up_to(Duration::from_millis(300)).await;
        program.kill().await;
        attempts.extend(writers.broken().await);
        program = installation.serve().await;
    }
    assert_kept(&Client::new(program.address()), &token, &attempts).await;
}

/// A request whose body the server has begun to read, and only half of which was sent.
struct HalfSent(TcpStream);

impl HalfSent {
    fn begin(address: SocketAddr, token: &str, key: &str) -> Self {
        let mut stream = TcpStream::connect(address).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        let length = [FIRST_HALF, SECOND_HALF].concat().len();
        let head = format!(
            "POST /user/{token}/store/{key} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("sends");
        // The server says so when it begins to read the body.
        let (expected, mut go_on) = (b"HTTP/1.1 100 Continue\r\n\r\n", [0; 25]);
        stream.read_exact(&mut go_on).expect("answers");
        assert_eq!(&go_on, expected);
        stream.write_all(FIRST_HALF.as_bytes()).expect("sends");
        Self(stream)
    }

    /// Sends the rest and gives the answer.
    fn end(&mut self) -> String {
        self.0.write_all(SECOND_HALF.as_bytes()).expect("sends");
        let mut answer = String::new();
        self.0.read_to_string(&mut answer).expect("answers");
        answer
    }
}

const FIRST_HALF: &str = "{\"value\":\"half and";
const SECOND_HALF: &str = " half\"}";
