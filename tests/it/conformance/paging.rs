//! Paging while others come and go: what is there all along is neither missed nor repeated.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keybin::domain::{AccountId, Key, KeyRange, NameRange, Order, Precondition, Username};
use keybin::store::Store;
use tokio::task::JoinSet;

use crate::harness::samples::{NOW, key, register as registered, set};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        keys_are_paged_while_others_come_and_go,
        accounts_are_paged_while_others_come_and_go,
    );
}

/// How many stay, and how often all are paged through.
const STABLE: usize = 100;
const ROUNDS: usize = 5;
const PAGE: usize = 7;

async fn keys_are_paged_while_others_come_and_go(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let stable: Vec<Key> = (0..STABLE).map(|i| key(&format!("{i:03} stays"))).collect();
    for at in &stable {
        set(store, id, at.as_str(), "1").await.expect("writes");
    }
    let over = Arc::new(AtomicBool::new(false));
    let mut busy = JoinSet::new();
    for i in 0..4 {
        busy.spawn(documents_come_and_go(store.share(), id, i, over.clone()));
    }

    for _ in 0..ROUNDS {
        let mut seen: Vec<Key> = Vec::new();
        loop {
            let range =
                KeyRange { prefix: String::new(), after: seen.last().cloned(), limit: PAGE, order: Order::Ascending };
            let page = store.list_keys(id, &range, NOW).await.expect("lists");
            seen.extend(page.items);
            if !page.more {
                break;
            }
        }
        assert!(seen.is_sorted_by(|a, b| a < b), "out of order or repeated: {seen:?}");
        seen.retain(|key| key.as_str().ends_with("stays"));
        assert_eq!(seen, stable);
    }
    over.store(true, Ordering::SeqCst);
    assert!(busy.join_all().await.into_iter().all(|rounds| rounds > 0));
}

/// Writes and removes documents before, among and behind the others until it is over; how often.
async fn documents_come_and_go(store: Arc<dyn Store>, id: AccountId, which: usize, over: Arc<AtomicBool>) -> usize {
    let mut rounds = 0;
    while !over.load(Ordering::SeqCst) {
        let at: Vec<_> = (0..STABLE).step_by(9).map(|i| format!("{i:03} {which}")).collect();
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

async fn accounts_are_paged_while_others_come_and_go(store: &mut TestStore) {
    let stable: Vec<String> = (0..STABLE).map(|i| format!("{i:03} stays")).collect();
    for name in &stable {
        registered(store, name).await;
    }
    let over = Arc::new(AtomicBool::new(false));
    let mut busy = JoinSet::new();
    for i in 0..4 {
        busy.spawn(accounts_come_and_go(store.share(), i, over.clone()));
    }

    for _ in 0..ROUNDS {
        let mut seen: Vec<Username> = Vec::new();
        loop {
            let page = store.list_accounts(&NameRange::after(seen.last(), PAGE)).await.expect("lists");
            seen.extend(page.items.into_iter().map(|account| account.username));
            if !page.more {
                break;
            }
        }
        assert!(seen.is_sorted_by(|a, b| a < b), "out of order or repeated: {seen:?}");
        seen.retain(|name| name.as_str().ends_with("stays"));
        assert!(seen.iter().map(Username::as_str).eq(stable.iter().map(String::as_str)), "{seen:?}");
    }
    over.store(true, Ordering::SeqCst);
    assert!(busy.join_all().await.into_iter().all(|rounds| rounds > 0));
}

async fn accounts_come_and_go(store: Arc<dyn Store>, which: usize, over: Arc<AtomicBool>) -> usize {
    let mut rounds = 0;
    while !over.load(Ordering::SeqCst) {
        for i in (0..STABLE).step_by(25) {
            let account = registered(&store, &format!("{i:03} {which}")).await;
            assert!(store.erase_account(account.id).await.expect("erases"));
        }
        rounds += 1;
    }
    rounds
}
