//! Paging while others come and go: what is there all along is neither missed nor repeated.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinSet;

use keybin::domain::{AccountId, Precondition};
use keybin::store::Store;

use super::{ann, ann_id, encoded, keys_on, pages, write_all};
use crate::harness::samples::{NOW, key, set};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served: what_stays_is_on_one_page_each_time);
}

/// How many stay.
const STABLE: usize = 200;

async fn what_stays_is_on_one_page_each_time(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let id = ann_id(server).await;
    let stable: Vec<String> = (0..STABLE).map(|n| format!("{n:03}.stays")).collect();
    write_all(server, id, stable.iter().map(|key| (key.clone(), r#"{"stays":true}"#.to_owned()))).await;
    let over = Arc::new(AtomicBool::new(false));
    let mut busy = JoinSet::new();
    for which in 0..3 {
        busy.spawn(come_and_go(server.store().share(), id, which, over.clone()));
    }
    for query in
        ["keys", "keys?limit=7", "keys?limit=13&order=desc", "documents?limit=11", "documents?limit=9&order=desc"]
    {
        let mut seen = keys_on(&pages(server, &format!("/user/{token}/{query}"), &[]).await);
        if query.ends_with("desc") {
            seen.reverse();
        }
        assert!(seen.is_sorted_by(|a, b| a < b), "{query}: out of order or repeated");
        seen.retain(|key| key.ends_with("stays"));
        assert_eq!(seen, stable, "{query}");
    }
    let filter = encoded(r#"{"stays":true}"#);
    let path = format!("/user/{token}/documents?limit=7&where={filter}");
    assert_eq!(keys_on(&pages(server, &path, &[]).await), stable);
    over.store(true, Ordering::SeqCst);
    assert!(busy.join_all().await.into_iter().all(|rounds| rounds > 0));
}

/// Writes and removes documents among the others until it is over; how often.
async fn come_and_go(store: Arc<dyn Store>, id: AccountId, which: usize, over: Arc<AtomicBool>) -> usize {
    let mut rounds = 0;
    while !over.load(Ordering::SeqCst) {
        let at: Vec<_> = (0..STABLE).step_by(9).map(|n| format!("{n:03}.{which}")).collect();
        for at in &at {
            set(&store, id, at, "1").await.expect("writes");
        }
        for at in &at {
            assert!(store.delete(id, &key(at), Precondition::None, NOW).await.expect("removes"));
        }
        rounds += 1;
    }
    rounds
}
