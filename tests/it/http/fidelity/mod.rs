//! What was written comes back equal, to the last digit, or was refused with 422.

mod exact;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prop_assert_eq;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tokio::runtime::Handle as Runtime;

use crate::harness::any_json::any_spelling;
use crate::harness::http::Http;
use crate::harness::{TestServer, Trials, cases};
use exact::{Json, can_be_kept};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served: any_json_comes_back_or_is_refused);
    exact::register(trials);
}

/// How many values were kept, and how many refused.
#[derive(Default)]
struct Counts {
    kept: AtomicUsize,
    refused: AtomicUsize,
}

async fn any_json_comes_back_or_is_refused(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let path = format!("/user/{}/store/one", server.token("ann", "pw").await);
    let (http, runtime, counts) = (server.http(), Runtime::current(), Arc::new(Counts::default()));
    let counted = Arc::clone(&counts);
    // The runner is not asynchronous, so it gets a thread on which it may block.
    let run = move || {
        let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
        TestRunner::new(config)
            .run(&any_spelling(), |text| runtime.block_on(there_and_back(&http, &path, &text, &counted)))
    };
    if let Err(failure) = tokio::task::spawn_blocking(run).await.expect("the runner ends") {
        panic!("{failure}");
    }
    let (kept, refused) = (counts.kept.load(Ordering::SeqCst), counts.refused.load(Ordering::SeqCst));
    assert!(kept > 30 && refused > 5, "kept {kept}, refused {refused}: one of the two was hardly tried");
}

async fn there_and_back(http: &Http, path: &str, text: &str, counts: &Counts) -> Result<(), TestCaseError> {
    let sent = Json::parse(text);
    let answer = http.post(path, format!("{{\"value\":{text}}}")).await;
    if !can_be_kept(text) {
        counts.refused.fetch_add(1, Ordering::SeqCst);
        prop_assert_eq!((answer.status, answer.code()), (422, Some("unsupported_value".to_owned())));
        return Ok(());
    }
    counts.kept.fetch_add(1, Ordering::SeqCst);
    prop_assert_eq!((answer.status, answer.text()), (200, super::OK));
    let answer = http.get(path).await;
    prop_assert_eq!(answer.status, 200);
    prop_assert_eq!(Json::parse(answer.text()), Json::Object(vec![("value".to_owned(), sent)]));
    Ok(())
}
