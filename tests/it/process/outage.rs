//! A MongoDB that is away, goes away, hangs, and comes back: nobody is told anything but 503, or 504 where a write was
//! under way, nobody waits for more than 5 seconds, and afterwards everything works again by itself.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::client::{Answer, Client, PASSWORD};
use super::load::{Writers, assert_kept};
use crate::harness::mongod::Mongod;
use crate::harness::program::Installation;
use crate::harness::proxy::Proxy;
use crate::harness::replicas::UPDATE;
use crate::harness::{Backend, Harness, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_harness:
        a_server_starts_without_its_database,
        a_database_that_goes_away_under_load_comes_back,
        a_database_that_hangs_is_not_waited_for,
        a_connection_that_dies_without_a_word_holds_nobody_up,
    );
}

/// Within which everybody is answered.
const PROMISE: Duration = Duration::from_secs(5);

/// Within which a server works again after its database does.
const SOME_SECONDS: Duration = Duration::from_secs(15);

/// A database that may be taken away.
async fn own_mongod(harness: &Harness) -> Mongod {
    Mongod::start(harness.mongod_binary()).await.expect("starts")
}

/// A request of each kind: its method, its path, its body, and whether it would change something.
fn requests(token: &str) -> Vec<(Method, String, Option<Value>, bool)> {
    let ann = json!({ "username": "ann", "password": PASSWORD, "client_id": "other" });
    let fresh = json!({ "username": Uuid::new_v4().to_string(), "password": PASSWORD });
    vec![
        (Method::POST, "/register".to_owned(), Some(fresh), true),
        (Method::POST, "/token".to_owned(), Some(ann), true),
        (Method::GET, format!("/user/{token}/keys"), None, false),
        (Method::GET, format!("/user/{token}/store/k"), None, false),
        (Method::POST, format!("/user/{token}/store/k"), Some(json!({ "value": 1 })), true),
    ]
}

/// Sends a request of each kind at once.
async fn send_all(client: &Client, token: &str) -> Vec<(Answer, bool)> {
    let requests = requests(token);
    let sent = requests.iter().map(|(method, path, body, writes)| async move {
        (client.send(method.clone(), path, body.as_ref()).await, *writes)
    });
    join_all(sent).await
}

/// Checks an answer given while the database was away, or may have been.
fn assert_fair(answer: &Answer, writes: bool) {
    assert!(answer.took < PROMISE, "{answer:?}");
    match answer.status {
        200 => {}
        503 => assert_eq!(answer.headers["retry-after"], "1", "{answer:?}"),
        504 => assert!(writes, "{answer:?}"),
        _ => panic!("{answer:?}"),
    }
    if answer.status != 200 {
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{answer:?}");
        assert_eq!(answer.json()["status"], answer.status, "{answer:?}");
    }
}

/// Waits until everything works; until then, every answer is a fair one.
async fn works_again(client: &Client, token: &str) {
    let start = Instant::now();
    loop {
        let answers = send_all(client, token).await;
        for (answer, writes) in &answers {
            assert_fair(answer, *writes);
        }
        if answers.iter().all(|(answer, _)| answer.status == 200) {
            return;
        }
        assert!(start.elapsed() < SOME_SECONDS, "{answers:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn a_server_starts_without_its_database(harness: &Harness) {
    let mut mongod = own_mongod(harness).await;
    mongod.kill();
    let installation = Installation::new(Backend::Mongo, &mongod, "late");
    let program = installation.listen().await;
    let client = Client::new(program.address());
    let nobody = Uuid::new_v4().to_string();
    let mut answers: Vec<Answer> = send_all(&client, &nobody).await.into_iter().map(|(answer, _)| answer).collect();
    answers.push(client.unregister("ann").await);
    let keys = client.request(Method::GET, "/user/-/keys").bearer_auth(&nobody);
    answers.push(client.try_request(keys).await.expect("an answer"));
    for answer in answers {
        assert_fair(&answer, false);
        assert_eq!(answer.status, 503, "{answer:?}");
    }
    let status = async |path| client.send(Method::GET, path, None).await.status;
    assert_eq!(client.send(Method::GET, "/version", None).await.good()["store"], "mongodb");
    assert_eq!([status("/healthz").await, status("/readyz").await, status("/version").await], [200, 503, 200]);
    let port = program.address().port().to_string();
    let reason = installation.command(["health", "--port", &port]).output().await.reason();
    assert!(reason.starts_with("keybin: not ready: The store does not answer"), "{reason}");
    // A credential that can be no token needs no database to be refused.
    assert_eq!(client.get("nonsense", "k").await.status, 403);

    mongod.restart().await.expect("starts again");
    let start = Instant::now();
    let mut registered = client.register("ann").await;
    while registered.status != 200 {
        assert_fair(&registered, true);
        assert!(start.elapsed() < SOME_SECONDS, "{registered:?}");
        sleep(Duration::from_millis(50)).await;
        registered = client.register("ann").await;
    }
    let token = client.token("ann", "default").await;
    client.put(&token, "k", &json!(1)).await.good();
    works_again(&client, &token).await;
    assert_eq!(client.send(Method::GET, "/readyz", None).await.status, 200);
}

async fn a_database_that_goes_away_under_load_comes_back(harness: &Harness) {
    let mut mongod = own_mongod(harness).await;
    let installation = Installation::new(Backend::Mongo, &mongod, "away");
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    client.put(&token, "k", &json!(1)).await.good();

    let writers = Writers::start(&client, &vec![token.clone(); 8], "w");
    writers.acknowledge(100).await;
    mongod.kill();
    // Those who come when it is known to be away, and those who come in between.
    for _ in 0..2 {
        for (answer, writes) in send_all(&client, &token).await {
            assert_fair(&answer, writes);
            assert_ne!(answer.status, 200, "{answer:?}");
        }
    }
    mongod.restart().await.expect("starts again");
    works_again(&client, &token).await;
    writers.acknowledge(100).await;
    let attempts = writers.end().await;
    let mut refused = 0;
    for attempt in &attempts {
        let answer = attempt.answer.as_ref().expect("every request is answered");
        assert_fair(answer, true);
        refused += usize::from(answer.status != 200);
    }
    assert!(refused > 0, "nobody noticed the outage");
    assert_kept(&client, &token, &attempts).await;
}

async fn a_database_that_hangs_is_not_waited_for(harness: &Harness) {
    let mut mongod = own_mongod(harness).await;
    let installation = Installation::new(Backend::Mongo, &mongod, "hung");
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    client.put(&token, "k", &json!(1)).await.good();

    let writers = Writers::start(&client, &vec![token.clone(); 8], "w");
    writers.acknowledge(20).await;
    mongod.pause();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(6) {
        for (answer, writes) in send_all(&client, &token).await {
            assert_fair(&answer, writes);
            assert_ne!(answer.status, 200, "{answer:?}");
        }
    }
    mongod.resume();
    works_again(&client, &token).await;
    writers.acknowledge(20).await;
    let attempts = writers.end().await;
    for attempt in &attempts {
        assert_fair(attempt.answer.as_ref().expect("every request is answered"), true);
    }
    assert_kept(&client, &token, &attempts).await;
}

async fn a_connection_that_dies_without_a_word_holds_nobody_up(harness: &Harness) {
    let mongod = own_mongod(harness).await;
    let proxy = Proxy::start(mongod.address().parse().expect("an address"), 0).await.expect("a proxy");
    let mut installation = Installation::new(Backend::Mongo, &mongod, "stranded");
    installation.set("KEYBIN_STORE_HOST", &format!("mongodb://{}/?directConnection=true", proxy.address()));
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    client.put(&token, "k", &json!(1)).await.good();

    let writers = Writers::start(&client, &vec![token.clone(); 8], "w");
    // More often than there are ways to write.
    for _ in 0..4 {
        writers.acknowledge(20).await;
        proxy.strand_next(UPDATE);
        while !proxy.has_stranded() {
            sleep(Duration::from_millis(1)).await;
        }
    }
    works_again(&client, &token).await;
    writers.acknowledge(20).await;
    let attempts = writers.end().await;
    for attempt in &attempts {
        assert_fair(attempt.answer.as_ref().expect("every request is answered"), true);
    }
    assert!(attempts.iter().any(|attempt| attempt.status() == Some(504)), "no answer was missed");
    assert_kept(&client, &token, &attempts).await;
}
