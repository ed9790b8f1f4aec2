//! Many who change one document at the same moment: nothing is lost, and nothing is done twice.

use std::sync::Arc;

use keybin::domain::{AccountId, Precondition};
use keybin::store::mongo::{MongoStore, Options};
use keybin::store::{Store, StoreError};

use super::edits::{add, merge};
use crate::harness::race::race;
use crate::harness::samples::{NOW, json, key, register as registered, set, write};
use crate::harness::{Backend, Harness, TestStore, Trials, cases, trial_name};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        of_32_000_increments_none_is_lost,
        of_patches_of_different_members_none_is_lost,
        of_patches_of_a_large_document_none_is_lost,
        increments_and_writes_by_revision_do_not_lose_each_other,
        each_increment_answers_another_number,
    );
    cases!(trials.on_harness: through_two_stores_on_one_database_nothing_is_lost);
}

const CLIENTS: usize = 32;

async fn of_32_000_increments_none_is_lost(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    count(&[store.share()], id, 1000).await;
    assert_eq!(json(store, id, "sum").await.as_deref(), Some("32000"));
}

/// All clients add one to the same number, so often each.
async fn count(stores: &[Arc<dyn Store>], id: AccountId, times: usize) {
    race(CLIENTS, |client| {
        let store = Arc::clone(&stores[client % stores.len()]);
        async move {
            for _ in 0..times {
                store.change(id, &key("sum"), &add("1"), Precondition::None, NOW).await.expect("counts");
            }
        }
    })
    .await;
}

async fn of_patches_of_different_members_none_is_lost(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    patch_members(store, &[store.share()], id, 50).await;
}

/// Each client writes a member of its own, again and again; a change that was lost would leave an older number.
async fn patch_members(store: &TestStore, stores: &[Arc<dyn Store>], id: AccountId, times: usize) {
    set(store, id, "members", "{}").await.expect("writes");
    race(CLIENTS, |client| {
        let store = Arc::clone(&stores[client % stores.len()]);
        async move {
            for n in 0..times {
                let change = merge(&format!(r#"{{"c{client}_{n}":{n}}}"#));
                store.change(id, &key("members"), &change, Precondition::None, NOW).await.expect("patches");
            }
        }
    })
    .await;
    let there = json(store, id, "members").await.expect("is there");
    let there: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&there).expect("an object");
    assert_eq!(there.len(), CLIENTS * times);
}

async fn of_patches_of_a_large_document_none_is_lost(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "k", &format!(r#"{{"large":"{}"}}"#, "x".repeat(400_000))).await.expect("writes");
    let shared = store.share();
    race(8, |client| {
        let store = shared.clone();
        async move {
            for n in 0..4 {
                let change = merge(&format!(r#"{{"c{client}_{n}":{n}}}"#));
                store.change(id, &key("k"), &change, Precondition::None, NOW).await.expect("patches");
            }
        }
    })
    .await;
    let there = json(store, id, "k").await.expect("is there");
    let there: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&there).expect("an object");
    assert_eq!(there.len(), 1 + 8 * 4);
}

async fn increments_and_writes_by_revision_do_not_lose_each_other(store: &mut TestStore) {
    const TIMES: usize = 20;
    let id = registered(store, "ada").await.id;
    set(store, id, "sum", "0").await.expect("writes");
    let shared = store.share();
    race(8, |client| {
        let store = shared.clone();
        async move {
            let mut done = 0;
            while done < TIMES {
                if client % 2 == 0 {
                    store.change(id, &key("sum"), &add("1"), Precondition::None, NOW).await.expect("counts");
                    done += 1;
                    continue;
                }
                let there = store.get(id, &key("sum"), NOW).await.expect("reads").expect("is there");
                let text = String::from_utf8(there.value.to_json().expect("renders")).expect("UTF-8");
                let sum: u32 = text.parse().expect("a number");
                let next = write(&(sum + 1).to_string());
                match store.put(id, &key("sum"), &next, Precondition::Revision(there.revision), NOW).await {
                    Ok(_) => done += 1,
                    Err(StoreError::Precondition(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        }
    })
    .await;
    assert_eq!(json(store, id, "sum").await, Some((8 * TIMES).to_string()));
}

async fn each_increment_answers_another_number(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let shared = store.share();
    let answers = race(100, |_| {
        let store = shared.clone();
        async move {
            let there = store.change(id, &key("sum"), &add("1"), Precondition::None, NOW).await.expect("counts");
            String::from_utf8(there.value.to_json().expect("renders")).expect("UTF-8").parse().expect("a number")
        }
    })
    .await;
    let mut answers: Vec<usize> = answers;
    answers.sort_unstable();
    assert_eq!(answers, (1..=100).collect::<Vec<_>>());
}

async fn through_two_stores_on_one_database_nothing_is_lost(harness: &Harness) {
    let name = trial_name(module_path!(), "through_two_stores");
    let store = TestStore::open(Backend::Mongo, harness.mongod(), &name).await;
    let id = registered(&store, "ada").await.id;
    let database = store.database().expect("a database").name().to_owned();
    let options = Options::new(harness.mongod().uri(), database);
    let second: Arc<dyn Store> =
        Arc::new(MongoStore::open(&options, store.share_clock()).await.expect("the database opens"));
    while second.ping().await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let both = [store.share(), Arc::clone(&second)];
    count(&both, id, 250).await;
    assert_eq!(json(&store, id, "sum").await.as_deref(), Some("8000"));
    patch_members(&store, &both, id, 25).await;
    drop(both);
    second.close().await;
    store.remove().await;
}
