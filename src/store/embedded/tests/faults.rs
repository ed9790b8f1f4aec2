//! A disk that fails, and operations that break.

use std::ops::Bound;
use std::sync::atomic::AtomicBool;

use redb::backends::FileBackend;
use redb::{BackendError, Builder, StorageBackend};

use super::*;

/// Enough to keep a whole store of these tests.
const CACHE: usize = 1 << 20;

/// What the disk does.
#[derive(Debug, Default)]
struct Disk {
    /// Whether every reading fails.
    unreadable: AtomicBool,
    /// How many more writes succeed before they fail; never, while it is negative.
    writes_left: AtomicI64,
    /// Whether the failure passes by itself after one write.
    passes: AtomicBool,
}

impl Disk {
    fn sound() -> Arc<Self> {
        Arc::new(Self { writes_left: AtomicI64::new(-1), ..Self::default() })
    }

    fn heal(&self) {
        self.unreadable.store(false, Ordering::SeqCst);
        self.writes_left.store(-1, Ordering::SeqCst);
    }

    fn reading(&self) -> io::Result<()> {
        if self.unreadable.load(Ordering::SeqCst) { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
    }

    fn writing(&self) -> io::Result<()> {
        match self.writes_left.load(Ordering::SeqCst) {
            0 => {
                if self.passes.load(Ordering::SeqCst) {
                    self.heal();
                }
                Err(io::ErrorKind::StorageFull.into())
            }
            left if left < 0 => Ok(()),
            left => {
                self.writes_left.store(left - 1, Ordering::SeqCst);
                Ok(())
            }
        }
    }
}

#[derive(Debug)]
struct FaultyFile {
    file: FileBackend,
    disk: Arc<Disk>,
}

impl StorageBackend for FaultyFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.reading()?;
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.writing()?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.writing()?;
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.writing()?;
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }
}

/// Opens the store of `home`, which is made if need be, on a disk that may fail.
fn open_on(home: &Home, disk: &Arc<Disk>, cache_bytes: usize) -> EmbeddedStore {
    home.open();
    let (path, disk) = (home.path(), Arc::clone(disk));
    let opener = move || {
        let io = |source| OpenError::Io { path: path.clone(), source };
        let file = std::fs::File::options().read(true).write(true).open(&path).map_err(io)?;
        let file = FileBackend::new(file).expect("a backend");
        let faulty = FaultyFile { file, disk: Arc::clone(&disk) };
        Builder::new()
            .set_cache_size(cache_bytes)
            .create_with_backend(faulty)
            .map_err(|error| io(io::Error::other(error)))
    };
    let database = opener().expect("opens");
    EmbeddedStore::start(&home.path(), database, Box::new(opener), SetClock::at(NOW)).expect("starts")
}

async fn works_again(store: &EmbeddedStore) {
    until(async || store.ping().await.is_ok()).await;
}

async fn try_put(store: &EmbeddedStore, account: AccountId, at: &str) -> Result<Written> {
    store.put(account, &key(at), &write("1"), Precondition::None, NOW).await
}

#[tokio::test]
async fn whichever_write_to_the_disk_fails_the_outcomes_are_honest() {
    let home = Home::new();
    let disk = Disk::sound();
    let store = open_on(&home, &disk, CACHE);
    let mut expected = Vec::new();
    let mut unaffected = 0;
    let mut failures = 0;
    for nth in 0.. {
        let account = register(&store, &format!("user{nth}")).await;
        disk.passes.store(true, Ordering::SeqCst);
        disk.writes_left.store(nth, Ordering::SeqCst);
        let mut all_done = true;
        for n in 0..3 {
            let at = format!("k{n}");
            let outcome = try_put(&store, account, &at).await;
            all_done &= outcome.is_ok();
            expected.push((account, at, outcome));
            // Whoever was told of the failure comes again when the file is open again.
            works_again(&store).await;
        }
        failures += i32::from(!all_done);
        unaffected += i32::from(disk.writes_left.load(Ordering::SeqCst) > 0);
        disk.heal();
        if unaffected > 2 {
            break;
        }
    }
    assert!(failures > 5, "{failures}");
    store.close().await;
    let store = home.open();
    for (account, at, outcome) in &expected {
        let found = get_json(&store, *account, at).await;
        match outcome {
            Ok(_) => assert_eq!(found.as_deref(), Some("1"), "{at}"),
            Err(StoreError::Unavailable(_)) => assert_eq!(found, None, "{at}"),
            Err(StoreError::Unknown(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_full_disk_needs_no_restart_when_there_is_room_again() {
    let home = Home::new();
    let disk = Disk::sound();
    let store = open_on(&home, &disk, CACHE);
    let ada = register(&store, "ada").await;
    put(&store, ada, "before", "1").await;
    disk.writes_left.store(0, Ordering::SeqCst);
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
    let store = home.open();
    assert_eq!(get_json(&store, ada, "after").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_failed_reading_is_mended_though_nobody_writes() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    put(&store, ada, "k", "1").await;
    // More than one page: the first one of a table is held as long as readers look at it.
    for n in 0..8 {
        let page = Write::of(large(1000));
        store.put(ada, &key(&format!("large{n}")), &page, Precondition::None, NOW).await.expect("puts");
    }
    drop(store);
    let disk = Disk::sound();
    let store = open_on(&home, &disk, 0);
    disk.unreadable.store(true, Ordering::SeqCst);
    assert!(matches!(store.get(ada, &key("k"), NOW).await, Err(StoreError::Unavailable(_))));
    disk.heal();
    until(async || store.get(ada, &key("k"), NOW).await.is_ok_and(|found| found.is_some())).await;
}

#[tokio::test]
async fn a_store_can_be_closed_while_its_disk_fails() {
    let home = Home::new();
    let disk = Disk::sound();
    let store = open_on(&home, &disk, CACHE);
    let ada = register(&store, "ada").await;
    disk.writes_left.store(0, Ordering::SeqCst);
    disk.unreadable.store(true, Ordering::SeqCst);
    assert!(try_put(&store, ada, "k").await.is_err());
    tokio::time::timeout(Duration::from_secs(5), store.close()).await.expect("closes");
    assert_eq!(home.open().account(ada).await.expect("reads").map(|account| account.id), Some(ada));
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
