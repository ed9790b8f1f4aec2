//! The queue and the writer.

use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::mpsc;

use futures_util::future::join_all;

use super::*;

/// Keeps the writer busy until the sender is dropped; done when the writer has begun.
pub(super) async fn occupy(store: &EmbeddedStore) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (begin, begun) = tokio::sync::oneshot::channel();
    let queue = store.queue.clone();
    tokio::spawn(async move {
        queue
            .look(move |_| {
                let _ = begin.send(());
                let _ = released.recv();
                Ok(())
            })
            .await
    });
    begun.await.expect("begins");
    release
}

fn commits(store: &EmbeddedStore) -> u64 {
    store.commits.load(Ordering::Relaxed)
}

#[tokio::test]
async fn writes_that_wait_share_a_commit() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    let before = commits(&store);
    let puts = (0..1000).map(|n| {
        let store = &store;
        async move { put(store, ada, &format!("k{n:03}"), &n.to_string()).await }
    });
    join_all(puts).await;
    assert!(commits(&store) - before < 50, "{} commits", commits(&store) - before);
    assert_eq!(keys(&store, ada).await.len(), 1000);
    assert_eq!(get_json(&store, ada, "k777").await.as_deref(), Some("777"));
}

#[tokio::test]
async fn a_lone_write_is_done_at_once_and_by_itself() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    let before = commits(&store);
    for n in 0..20 {
        put(&store, ada, "k", &n.to_string()).await;
    }
    assert_eq!(commits(&store) - before, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn whoever_reads_after_an_answer_finds_what_was_written() {
    const LAST: usize = 300;
    let home = Home::new();
    let store = Arc::new(home.open());
    let ada = register(&store, "ada").await;
    put(&store, ada, "k", "0").await;
    let answered = Arc::new(AtomicUsize::new(0));
    let readers = [(); 2].map(|()| {
        let (store, answered) = (Arc::clone(&store), Arc::clone(&answered));
        tokio::spawn(async move {
            let mut least = 0;
            while least < LAST {
                least = answered.load(Ordering::SeqCst);
                let found = get_json(&store, ada, "k").await.and_then(|json| json.parse::<usize>().ok());
                assert!(found >= Some(least), "{found:?} after {least}");
                tokio::task::yield_now().await;
            }
        })
    });
    for n in 1..=LAST {
        put(&store, ada, "k", &n.to_string()).await;
        answered.store(n, Ordering::SeqCst);
    }
    for reader in readers {
        reader.await.expect("no panic");
    }
}

#[tokio::test]
async fn a_refused_operation_does_not_concern_its_neighbours() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    put(&store, ada, "taken", "1").await;
    let before = commits(&store);
    let busy = occupy(&store).await;
    let (first, second, again) = (write("2"), write("3"), new_account("ada"));
    let (a, taken) = (key("a"), key("taken"));
    let batch = async {
        tokio::join!(
            store.put(ada, &a, &first, Precondition::None, NOW),
            store.put(ada, &taken, &second, Precondition::Absent, NOW),
            store.create_account(&again),
            store.put(ada, &a, &second, Precondition::Revision(first.revision), NOW),
        )
    };
    let release = async {
        tokio::task::yield_now().await;
        drop(busy);
    };
    let ((created, condition, name, replaced), ()) = tokio::join!(batch, release);
    assert_eq!(created.ok(), Some(Written::Created));
    assert!(matches!(condition, Err(StoreError::Precondition(Some(_)))));
    assert!(matches!(name, Err(StoreError::NameTaken)));
    assert_eq!(replaced.ok(), Some(Written::Replaced));
    assert_eq!(commits(&store) - before, 1);
    assert_eq!(get_json(&store, ada, "a").await.as_deref(), Some("3"));
    assert_eq!(get_json(&store, ada, "taken").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn what_changes_nothing_is_not_committed() {
    let home = Home::new();
    let store = home.open();
    let before = commits(&store);
    store.ping().await.expect("answers");
    let nobody = AccountId::random();
    let put = store.put(nobody, &key("k"), &write("1"), Precondition::None, NOW).await;
    assert!(matches!(put, Err(StoreError::AccountGone)));
    assert_eq!(commits(&store), before);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_no_harm() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    let busy = occupy(&store).await;
    {
        let (at, write) = (key("gone"), write("1"));
        let mut gone = store.put(ada, &at, &write, Precondition::None, NOW);
        // Polled once, so that it stands in the queue.
        assert!(futures_util::poll!(&mut gone).is_pending());
    }
    let erased = register(&store, "bob");
    drop(busy);
    let bob = erased.await;
    assert_eq!(get_json(&store, ada, "gone").await, None);
    put(&store, bob, "k", "1").await;
    {
        let mut gone = store.erase_account(bob);
        assert!(futures_util::poll!(&mut gone).is_pending());
    }
    put(&store, ada, "k", "1").await;
    assert_eq!(keys(&store, ada).await, ["k"]);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    let busy = occupy(&store).await;
    let write = write("1");
    let keys: Vec<Key> = (0..=queue::ROOM).map(|n| key(&format!("k{n}"))).collect();
    let mut puts: Vec<_> = keys.iter().map(|key| store.put(ada, key, &write, Precondition::None, NOW)).collect();
    let mut last = puts.pop().expect("a put");
    for put in &mut puts {
        assert!(futures_util::poll!(put).is_pending());
    }
    match futures_util::poll!(&mut last) {
        std::task::Poll::Ready(Err(StoreError::Unavailable(_))) => {}
        other => panic!("{other:?}"),
    }
    // Readers are not concerned.
    assert_eq!(get_json(&store, ada, "k0").await, None);
    drop(busy);
    for put in join_all(puts).await {
        put.expect("puts");
    }
    store.ping().await.expect("answers");
}

#[tokio::test]
async fn closing_finishes_what_is_queued() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    let busy = occupy(&store).await;
    let write = write("1");
    let at = key("k");
    let mut put = store.put(ada, &at, &write, Precondition::None, NOW);
    assert!(futures_util::poll!(&mut put).is_pending());
    let release = async {
        tokio::task::yield_now().await;
        drop(busy);
    };
    tokio::join!(store.close(), release);
    assert_eq!(put.await.ok(), Some(Written::Created));
    let store = home.open();
    assert_eq!(keys(&store, ada).await, ["k"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_long_comes_through_however_often_others_are_faster() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    // A reading of so much takes long, while others write what it stands beside.
    store.put(ada, &key("large"), &Write::of(large(4_000_000)), Precondition::None, NOW).await.expect("puts");
    let operation = |at, action| Operation { key: key(at), when: Precondition::None, action };
    let operations = [operation("large", Action::Get), operation("k", Action::Put(write("1")))];
    let is_done = AtomicBool::new(false);
    let others = (0..4).map(async |_| {
        while !is_done.load(Ordering::Relaxed) {
            put(&store, ada, "k", "2").await;
        }
    });
    let long = async {
        let outcome = store.apply_all(ada, &operations, NOW).await;
        is_done.store(true, Ordering::Relaxed);
        outcome
    };
    let (outcome, _) = tokio::join!(long, join_all(others));
    assert_eq!(outcome.expect("comes through").len(), 2);
}
