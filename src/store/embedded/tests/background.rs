//! Sweeping and erasing.

use super::erasure::{bury, clear};
use super::housekeeping::{Budget, sweep};
use super::*;

async fn put_until(store: &EmbeddedStore, account: AccountId, at: &str, what: Value, end: Option<Timestamp>) {
    let write = Write { expires_at: end, ..Write::of(what) };
    store.put(account, &key(at), &write, Precondition::None, NOW).await.expect("puts");
}

/// Puts many small documents at once, so that they share commits.
async fn put_many(store: &EmbeddedStore, account: AccountId, count: usize, end: Option<Timestamp>) {
    let puts = (0..count).map(|n| async move { put_until(store, account, &format!("k{n}"), value("1"), end).await });
    futures_util::future::join_all(puts).await;
}

async fn sweep_all(store: &EmbeddedStore, now: Timestamp) {
    while !store.queue.write_patiently(move |tables| sweep(tables, now)).await.expect("sweeps") {}
}

#[tokio::test]
async fn what_has_expired_is_swept_and_only_that() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    let (early, late) = (new_token(ada, "early", after(10)), new_token(ada, "late", after(11)));
    for token in [&early, &late] {
        store.put_token(token, &Warrant::Operator).await.expect("puts");
    }
    put_until(&store, ada, "early", value("1"), Some(after(10))).await;
    put_until(&store, ada, "early-large", large(5000), Some(after(10))).await;
    put_until(&store, ada, "late", value("2"), Some(after(11))).await;
    put_until(&store, ada, "late-large", large(5000), Some(after(11))).await;
    put_until(&store, ada, "never", value("3"), None).await;
    // Were to expire early, but have been put once more since.
    for at in ["prolonged", "kept"] {
        put_until(&store, ada, at, value("4"), Some(after(5))).await;
    }
    put_until(&store, ada, "prolonged", large(5000), Some(after(12))).await;
    put_until(&store, ada, "kept", value("5"), None).await;

    sweep_all(&store, NOW).await;
    assert_eq!(traces(&store), [2, 2, 7, 3, 7]);
    sweep_all(&store, after(10)).await;
    assert_eq!(traces(&store), [1, 1, 5, 2, 4]);
    assert_eq!(keys(&store, ada).await, ["kept", "late", "late-large", "never", "prolonged"]);
    assert!(store.token(&late.hash, NOW).await.expect("reads").is_some());
    assert_eq!(store.list_tokens(ada, NOW).await.expect("lists"), [late]);
}

#[tokio::test]
async fn an_entry_that_is_out_of_date_removes_nothing() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    put_until(&store, ada, "k", value("1"), Some(after(10))).await;
    store.put_token(&new_token(ada, "c", after(10)), &Warrant::Operator).await.expect("puts");
    drop(store);
    home.tamper(|tables| {
        for (what, text) in [(tables::Expiring::Document, "k"), (tables::Expiring::Token, "c")] {
            let place = tables::place(ada, text);
            tables.expiries.insert(&*tables::expiry(after(1), what, &place), ()).expect("inserts");
        }
        tables.expiries.insert(&b"nonsense"[..], ()).expect("inserts");
    });
    let store = home.open();
    sweep_all(&store, after(1)).await;
    assert_eq!(traces(&store)[0..3], [1, 1, 1]);
    sweep_all(&store, Timestamp::from_millis(i64::MAX)).await;
    assert_eq!(traces(&store), [0; 5]);
}

#[tokio::test]
async fn the_thread_sweeps_by_its_clock() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    put_many(&store, ada, Budget::ENTRIES + 10, Some(after(10))).await;
    put(&store, ada, "stays", "1").await;
    drop(store);
    let store = home.open_at(after(10));
    until(async || traces(&store) == [0, 0, 1, 0, 0]).await;
}

/// On a runtime with one thread, which then does nothing else.
#[tokio::test]
async fn a_store_can_be_dropped_while_it_sweeps() {
    for _ in 0..5 {
        let home = Home::new();
        let store = home.open();
        let ada = register(&store, "ada").await;
        put_many(&store, ada, 3 * Budget::ENTRIES, Some(after(10))).await;
        store.close().await;
        let store = home.open_at(after(10));
        std::thread::sleep(Duration::from_millis(5));
        drop(store);
    }
}

#[tokio::test]
async fn erasing_leaves_nothing() {
    let home = Home::new();
    let store = home.open();
    let mut new = new_account("ada");
    new.email = Some(email("ada@example.org"));
    let ada = store.create_account(&new).await.expect("registers").id;
    let bob = register(&store, "bob").await;
    for account in [ada, bob] {
        put_until(&store, account, "a", value("1"), Some(after(10))).await;
        put_until(&store, account, "b", large(5000), None).await;
        store.put_token(&new_token(account, "c", after(10)), &Warrant::Operator).await.expect("puts");
    }
    assert!(store.erase_account(ada).await.expect("erases"));
    assert_eq!(traces(&store), [1, 1, 2, 1, 2]);
    assert!(store.read(erasure::unfinished).expect("reads").is_empty());
    assert_eq!(keys(&store, bob).await, ["a", "b"]);
    assert!(!store.erase_account(ada).await.expect("erases"));
    assert_eq!(store.account(ada).await.expect("reads"), None);
    // Name and address are free, the number is not.
    let again = NewAccount { id: AccountId::random(), ..new };
    assert_eq!(store.create_account(&again).await.expect("registers").number, 3);
}

#[tokio::test]
async fn of_several_that_erase_one_is_told_so_and_all_wait() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    put_many(&store, ada, 3 * Budget::ENTRIES, None).await;
    let done = futures_util::future::join_all((0..5).map(|_| async {
        let erased = store.erase_account(ada).await.expect("erases");
        assert_eq!(traces(&store), [0; 5]);
        erased
    }));
    assert_eq!(done.await.into_iter().filter(|erased| *erased).count(), 1);
}

/// Erases as far as the tombstone and so many chunks, then closes the store as a crash would leave it.
async fn break_off(home: &Home, chunks: usize) -> (AccountId, IssuedToken) {
    let store = home.open();
    let ada = register(&store, "ada").await;
    let token = new_token(ada, "c", after(10));
    store.put_token(&token, &Warrant::Operator).await.expect("puts");
    put_many(&store, ada, Budget::ENTRIES + 10, Some(after(10))).await;
    store.queue.write(0, move |tables| bury(tables, ada)).await.expect("buries");
    for _ in 0..chunks {
        assert!(!store.queue.write(0, move |tables| clear(tables, ada)).await.expect("clears"));
    }
    (ada, token)
}

#[tokio::test]
async fn an_erasure_that_was_broken_off_is_finished_after_opening() {
    for chunks in [0, 1] {
        let home = Home::new();
        let (ada, _) = break_off(&home, chunks).await;
        let store = home.open();
        until(async || store.read(erasure::unfinished).expect("reads").is_empty()).await;
        assert_eq!(traces(&store), [0; 5]);
        assert!(!store.erase_account(ada).await.expect("erases"));
    }
}

#[tokio::test]
async fn from_the_tombstone_on_the_account_is_gone() {
    let home = Home::new();
    let store = home.open();
    let new = new_account("ada");
    let ada = store.create_account(&new).await.expect("registers").id;
    let token = new_token(ada, "c", after(10));
    store.put_token(&token, &Warrant::Operator).await.expect("puts");
    put(&store, ada, "k", "1").await;
    store.queue.write(0, move |tables| bury(tables, ada)).await.expect("buries");

    assert_eq!(store.account(ada).await.expect("reads"), None);
    assert!(store.credentials(&name("ada")).await.expect("reads").is_none());
    assert_eq!(store.token(&token.hash, NOW).await.expect("reads"), None);
    assert_eq!(get_json(&store, ada, "k").await, None);
    assert!(keys(&store, ada).await.is_empty());
    assert!(!store.delete(ada, &key("k"), Precondition::None, NOW).await.expect("deletes"));
    let put = store.put(ada, &key("k"), &write("2"), Precondition::None, NOW).await;
    assert!(matches!(put, Err(StoreError::AccountGone)));
    assert!(matches!(store.put_token(&token, &Warrant::Operator).await, Err(StoreError::AccountGone)));
    let change = AccountChange { admin: Some(true), ..AccountChange::default() };
    assert!(matches!(store.update_account(ada, &change).await, Err(StoreError::AccountGone)));
    // Neither does a late repetition of the registration bring it back.
    assert!(matches!(store.create_account(&new).await, Err(StoreError::AccountGone)));
    // The name is free, and whoever takes it starts empty.
    let next = register(&store, "ada").await;
    assert!(keys(&store, next).await.is_empty());
    // Whoever erases once more finishes the work.
    assert!(!store.erase_account(ada).await.expect("erases"));
    assert_eq!(traces(&store), [0; 5]);
}
