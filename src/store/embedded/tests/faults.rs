//! A disk that fails, and operations that break.

use super::disk::{Disk, EIO, ENOSPC, Failing};
use super::*;

pub(super) async fn works_again(store: &EmbeddedStore) {
    until(async || store.ping().await.is_ok()).await;
}

async fn try_put(store: &EmbeddedStore, account: AccountId, at: &str) -> Result<Written> {
    store.put(account, &key(at), &write("1"), Precondition::None, NOW).await
}

#[tokio::test]
async fn a_full_disk_needs_no_restart_when_there_is_room_again() {
    let disk = Disk::formatted();
    let store = disk.start(NOW).expect("starts");
    let ada = register(&store, "ada").await;
    put(&store, ada, "before", "1").await;
    disk.fail_writing(Failing::From(0), ENOSPC);
    for n in 0..3 {
        let outcome = try_put(&store, ada, &format!("k{n}")).await;
        assert!(matches!(outcome, Err(StoreError::Unknown(_) | StoreError::Unavailable(_))), "{outcome:?}");
    }
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    disk.heal();
    works_again(&store).await;
    put(&store, ada, "after", "1").await;
    assert_eq!(get_json(&store, ada, "before").await.as_deref(), Some("1"));
    store.close().await;
    let store = disk.start(NOW).expect("starts");
    assert_eq!(get_json(&store, ada, "after").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_failed_reading_is_mended_though_nobody_writes() {
    let disk = Disk::formatted();
    let store = disk.start(NOW).expect("starts");
    let ada = register(&store, "ada").await;
    put(&store, ada, "k", "1").await;
    // More than one page: the first one of a table is held as long as readers look at it.
    for n in 0..8 {
        let page = Write::of(large(1000));
        store.put(ada, &key(&format!("large{n}")), &page, Precondition::None, NOW).await.expect("puts");
    }
    drop(store);
    let store = disk.start_with(0, NOW).expect("starts");
    disk.fail(Failing::From(0), EIO);
    assert!(matches!(store.get(ada, &key("k"), NOW).await, Err(StoreError::Unavailable(_))));
    disk.heal();
    until(async || store.get(ada, &key("k"), NOW).await.is_ok_and(|found| found.is_some())).await;
}

#[tokio::test]
async fn a_store_can_be_closed_while_its_disk_fails() {
    let disk = Disk::formatted();
    let store = disk.start(NOW).expect("starts");
    let ada = register(&store, "ada").await;
    disk.fail(Failing::From(0), EIO);
    assert!(try_put(&store, ada, "k").await.is_err());
    tokio::time::timeout(Duration::from_secs(5), store.close()).await.expect("closes");
    disk.heal();
    let store = disk.start(NOW).expect("starts");
    assert_eq!(store.account(ada).await.expect("reads").map(|account| account.id), Some(ada));
}

/// Runs an operation that breaks together with one that is in order, and gives both answers.
async fn with_neighbour(
    store: &EmbeddedStore,
    account: AccountId,
    broken: impl FnOnce() -> Result<(), Fault> + Send + 'static,
) -> (Result<()>, Result<Written>) {
    let busy = writing::occupy(store).await;
    let (at, write) = (key("neighbour"), write("1"));
    let both = async {
        tokio::join!(
            store.queue.write(0, |tables| {
                tables.names.insert(&b"left behind"[..], &[0; 16]).expect("inserts");
                broken()
            }),
            store.put(account, &at, &write, Precondition::None, NOW),
        )
    };
    let release = async {
        tokio::task::yield_now().await;
        drop(busy);
    };
    tokio::join!(both, release).0
}

async fn assert_nothing_left(store: &EmbeddedStore, account: AccountId) {
    works_again(store).await;
    assert!(keys(store, account).await.is_empty());
    assert!(store.credentials(&name("left behind")).await.expect("reads").is_none());
    put(store, account, "next", "1").await;
}

#[tokio::test]
async fn a_broken_operation_takes_its_transaction_with_it() {
    for error in [redb::Error::PreviousIo, redb::Error::Corrupted("of the test".to_owned())] {
        let home = Home::new();
        let store = home.open();
        let ada = register(&store, "ada").await;
        let answers = with_neighbour(&store, ada, || Err(Fault::Broken(Box::new(error)))).await;
        assert!(matches!(answers, (Err(StoreError::Unavailable(_)), Err(StoreError::Unavailable(_)))), "{answers:?}");
        assert_nothing_left(&store, ada).await;
    }
}

#[tokio::test]
async fn a_panic_does_not_end_the_writer() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    for _ in 0..2 {
        let answers = with_neighbour(&store, ada, || panic!("on purpose")).await;
        assert!(matches!(answers, (Err(StoreError::Unavailable(_)), Err(StoreError::Unavailable(_)))), "{answers:?}");
    }
    assert_nothing_left(&store, ada).await;
    drop(store);
    assert_eq!(keys(&home.open(), ada).await, ["next"]);
    // redb's own check finds nothing out of order either.
    let mut database = Database::open(home.path()).expect("opens");
    assert!(database.check_integrity().expect("checks"));
}
