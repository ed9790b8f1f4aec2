//! Erasure from outside: whatever is under way, and whenever the power fails, nothing of an account is left.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use tokio::time::sleep;

use super::client::Client;
use super::load::{Writers, pause_up_to};
use super::prepared::{prepare, prepared_keys};
use crate::harness::program::{Installation, Program};
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_both:
        an_account_of_10_000_documents_goes_under_the_hands_of_8_writers,
        a_killed_erasure_is_finished_or_had_not_begun,
    );
}

/// How long the remains of a broken-off erasure may be there after a start.
const SOME_SECONDS: Duration = Duration::from_secs(10);

/// Somebody else, who stays; and how many rows there are with nobody but her.
async fn bystander(installation: &Installation) -> (String, u64) {
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("grace").await;
    client.put(&token, "k", &json!("kept")).await.good();
    program.kill().await;
    (token, installation.rows().await)
}

async fn an_account_of_10_000_documents_goes_under_the_hands_of_8_writers(installation: &mut Installation) {
    let (grace, rows) = bystander(installation).await;
    let tokens = prepare(installation, "ann", 10_000).await;

    let program = installation.serve().await;
    let client = Client::new(program.address());
    let writers = Writers::start(&client, &tokens, "w");
    writers.acknowledge(50).await;
    client.unregister("ann").await.good();
    assert_no_door_opens(&client, &tokens).await;
    // For a while they go on, as programs do that were not told.
    pause_up_to(Duration::from_millis(200)).await;
    let attempts = writers.end().await;
    assert!(attempts.iter().all(|attempt| matches!(attempt.status(), Some(200 | 403))), "{attempts:?}");
    assert_no_door_opens(&client, &tokens).await;
    program.kill().await;
    assert_eq!(installation.rows().await, rows);

    let program = installation.serve().await;
    let client = Client::new(program.address());
    assert_no_door_opens(&client, &tokens).await;
    assert_eq!(client.log_in("ann", "writer/0").await.status, 403);
    let again = client.newcomer("ann").await;
    assert_eq!(client.keys(&again).await, [""; 0]);
    assert_no_door_opens(&client, &tokens).await;
    assert_eq!(client.value(&grace, "k").await, json!("kept"));
}

async fn assert_no_door_opens(client: &Client, tokens: &[String]) {
    for token in tokens {
        for key in ["d000000", "w.0.0"] {
            assert_eq!(client.get(token, key).await.status, 403);
        }
        assert_eq!(client.put(token, "new", &json!(1)).await.status, 403);
        let keys = client.request(Method::GET, "/user/-/keys").bearer_auth(token);
        assert_eq!(client.try_request(keys).await.expect("an answer").status, 403);
    }
}

async fn a_killed_erasure_is_finished_or_had_not_begun(installation: &mut Installation) {
    const DOCUMENTS: usize = 3_000;
    let (_, rows) = bystander(installation).await;
    for most in [0, 10, 20, 40, 60, 80, 120, 200].map(Duration::from_millis) {
        let tokens = prepare(installation, "ann", DOCUMENTS).await;
        let program = installation.serve().await;
        let client = Client::new(program.address());
        let erasure = tokio::spawn(async move { client.unregister("ann").await });
        let pause = pause_up_to(most).await;
        program.kill().await;
        // It may have been answered before.
        drop(erasure.await);

        let program = installation.serve().await;
        let client = Client::new(program.address());
        let whole = client.log_in("ann", "writer/0").await.status == 200;
        if whole {
            let keys = client.keys(&tokens[1]).await;
            assert!(keys.iter().eq(prepared_keys(DOCUMENTS).collect::<Vec<_>>().iter()), "killed after {pause:?}");
            client.unregister("ann").await.good();
        }
        let program = cleared(installation, program, rows).await;
        let client = Client::new(program.address());
        assert_no_door_opens(&client, &tokens).await;
        assert_eq!(client.log_in("ann", "writer/0").await.status, 403);
        let again = client.newcomer("ann").await;
        assert_eq!(client.keys(&again).await, [""; 0], "killed after {pause:?}");
        client.unregister("ann").await.good();
        program.kill().await;
        assert_eq!(installation.rows().await, rows, "killed after {pause:?}");
    }
}

/// Waits until there are no more than so many rows. An embedded file shows them only while no server runs.
async fn cleared(installation: &Installation, mut program: Program, rows: u64) -> Program {
    let start = Instant::now();
    loop {
        sleep(Duration::from_millis(50)).await;
        let found = if installation.database().is_some() {
            installation.rows().await
        } else {
            program.kill().await;
            let found = installation.rows().await;
            program = installation.serve().await;
            found
        };
        if found == rows {
            return program;
        }
        assert!(start.elapsed() < SOME_SECONDS, "{found} rows are left where {rows} were");
    }
}
