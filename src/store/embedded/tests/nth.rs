//! One call to the disk after the other fails: the first, the second, and so on until none is left to fail.
//!
//! Each time all is done that can be done with a store: opening, reading, writing, erasing, sweeping, closing. Whoever asks
//! hears what is so, and when the disk is well again, so is the store.

use futures_util::{StreamExt, stream};

use super::disk::{CACHE, Disk, EIO, ENOSPC, Failing};
use super::faults::works_again;
use super::history::{History, Place, Span};
use super::*;
use crate::domain::Edit;
use crate::domain::patch::Patch;

/// How many deeds fail on a disk that does not get well by itself.
const PATIENCE: usize = 3;

/// So little that much is read from the disk again and again.
const SMALL_CACHE: usize = 128 * 1024;

/// How many disks fail at the same time: mostly they wait.
const AT_ONCE: usize = 32;

/// What is there before a disk fails.
struct Past {
    content: Vec<u8>,
    history: History,
    ada: AccountId,
}

/// A file that was not closed, with documents, tokens, something that has expired, and an erasure that was broken off.
async fn past() -> Past {
    let disk = Disk::formatted();
    let store = disk.start(NOW).expect("starts");
    let span = Span { asked: 0, answered: Some(1) };
    let mut history = History::default();
    let ada = register(&store, "ada").await;
    let bob = register(&store, "bob").await;
    history.register(&name("ada"), ada, span);
    history.register(&name("bob"), bob, span);
    for account in [ada, bob] {
        for (at, value) in [("small", value("{}")), ("large", large(9000))] {
            let write = Write::of(value);
            store.put(account, &key(at), &write, Precondition::None, NOW).await.expect("puts");
            let what = Some(write.value.as_stored().to_vec());
            history.put(Place::Document(account, key(at)), span, what);
        }
        for client in ["old", "other"] {
            let token = new_token(account, client, after(1000));
            store.put_token(&token, &Warrant::Operator).await.expect("puts");
            history.issue(&token, span);
        }
    }
    let brief = Write { expires_at: Some(after(1)), ..write("1") };
    store.put(ada, &key("brief"), &brief, Precondition::None, NOW).await.expect("puts");
    history.put(Place::Document(ada, key("brief")), span, Some(brief.value.as_stored().to_vec()));
    history.expire(|key| *key == self::key("brief"), 0);
    store.queue.write(0, move |tables| erasure::bury(tables, bob)).await.expect("buries");
    history.erase(&name("bob"), bob, span);
    Past { content: disk.content(), history, ada }
}

/// How a disk fails.
#[derive(Clone, Copy, Debug)]
struct Fault {
    failing: Failing,
    error: i32,
    cache_bytes: usize,
}

/// One disk that fails, and what is known of it.
struct Trial {
    fault: Fault,
    disk: Arc<Disk>,
    history: History,
    troubles: usize,
}

impl Trial {
    /// Something has failed. Sooner or later nothing fails any more, and then the store works again.
    async fn suffer(&mut self, store: &EmbeddedStore) {
        self.troubles += 1;
        if matches!(self.fault.failing, Failing::From(_)) && self.troubles < PATIENCE {
            return;
        }
        self.disk.heal();
        works_again(store).await;
    }

    async fn open(&mut self) -> EmbeddedStore {
        for _ in 0..PATIENCE {
            match self.disk.start_with(self.fault.cache_bytes, after(10)) {
                Ok(store) => return store,
                Err(OpenError::Io { .. }) => self.troubles += 1,
                Err(other) => panic!("{other:?}, {:?}", self.fault),
            }
        }
        self.disk.heal();
        self.disk.start_with(self.fault.cache_bytes, after(10)).expect("starts")
    }

    /// What somebody hears who reads.
    async fn read<T>(&mut self, store: &EmbeddedStore, deed: impl Future<Output = Result<T>>) -> Option<T> {
        match deed.await {
            Ok(read) => Some(read),
            Err(StoreError::Unavailable(_)) => {
                self.suffer(store).await;
                None
            }
            Err(other) => panic!("{other:?}, {:?}", self.fault),
        }
    }

    /// Has something written, and notes where it is then, or may be.
    async fn write<T>(
        &mut self,
        store: &EmbeddedStore,
        places: impl IntoIterator<Item = (Place, Option<Vec<u8>>)>,
        deed: impl Future<Output = Result<T>>,
    ) -> Option<Span> {
        let asked = self.disk.mark();
        let outcome = deed.await;
        let answered = outcome.is_ok().then(|| self.disk.mark());
        match outcome {
            Ok(_) => {}
            Err(StoreError::Unknown(_)) => self.suffer(store).await,
            Err(StoreError::Unavailable(_)) => {
                self.suffer(store).await;
                return None;
            }
            // What it needs may not have come about.
            Err(StoreError::AccountGone | StoreError::Warrant | StoreError::Operation { .. }) if self.troubles > 0 => {
                return None;
            }
            Err(other) => panic!("{other:?}, {:?}", self.fault),
        }
        let span = Span { asked, answered };
        for (place, what) in places {
            self.history.put(place, span, what);
        }
        Some(span)
    }

    /// Puts a document, and looks at it.
    async fn put(&mut self, store: &EmbeddedStore, account: AccountId, at: &str, value: Value) {
        let (at, write) = (key(at), Write::of(value));
        let place = Place::Document(account, at.clone());
        let what = Some(write.value.as_stored().to_vec());
        self.write(store, [(place.clone(), what)], store.put(account, &at, &write, Precondition::None, NOW)).await;
        if let Some(found) = self.read(store, store.get(account, &at, NOW)).await {
            let found = found.as_ref().map(|document| &document.value.as_stored()[..]);
            self.history.hold(&place, found, self.disk.mark()).expect("holds");
        }
    }

    async fn write_documents(&mut self, store: &EmbeddedStore, ada: AccountId) {
        for (at, value) in [("new", value("1")), ("small", large(20_000)), ("new", large(900)), ("small", value("{}"))]
        {
            self.put(store, ada, at, value).await;
        }
        let patch = Patch::parse_merge(br#"{"patched":1}"#, 100).expect("a patch");
        let (at, change) = (key("small"), Change::of(Edit::Patch(patch), 100));
        if let Some(before) = self.read(store, store.get(ada, &at, NOW)).await {
            let after = change.apply(before.as_ref(), NOW).expect("applies").value;
            let places = [(Place::Document(ada, at.clone()), Some(after.as_stored().to_vec()))];
            self.write(store, places, store.change(ada, &at, &change, Precondition::None, NOW)).await;
        }
        let twins = [key("twin-one"), key("twin-other")];
        let operation = |key: Key, action| Operation { key, when: Precondition::None, action };
        // Once as the writer does it, and once with so much to read that it is worked out elsewhere.
        for (write, gets) in [(write("[]"), 0), (write("{}"), 40)] {
            let puts = twins.clone().map(|key| operation(key, Action::Put(write.clone())));
            let gets = (0..gets).map(|_| operation(key("large"), Action::Get));
            let operations: Vec<_> = gets.chain(puts).collect();
            if let Some(span) = self.write(store, [], store.apply_all(ada, &operations, NOW)).await {
                self.history.put_twins(ada, &twins, span, &write.value);
            }
        }
        let keys = [key("new")];
        let place = Place::Document(ada, key("new"));
        self.write(store, [(place, None)], store.delete_all(ada, &keys, NOW)).await;
        let place = Place::Document(ada, key("large"));
        self.write(store, [(place, None)], store.delete(ada, &key("large"), Precondition::None, NOW)).await;
    }

    async fn write_accounts(&mut self, store: &EmbeddedStore, ada: AccountId) {
        let token = new_token(ada, "old", after(1000));
        if let Some(span) = self.write(store, [], store.put_token(&token, &Warrant::Operator)).await {
            self.history.issue(&token, span);
        }
        let [old, other] = ["old", "other"].map(client);
        let place = Place::Token(ada, other.clone());
        self.write(store, [(place.clone(), None)], store.delete_token(ada, &other)).await;
        self.write(store, [(place, None)], store.delete_other_tokens(ada, &old, NOW)).await;
        let password = Some(PasswordHash::from_stored("new"));
        let change =
            AccountChange { password, email: Some(Some(email("ada@example.org"))), ..AccountChange::default() };
        let both = [old, other].map(|client| (Place::Token(ada, client), None));
        self.write(store, both, store.update_account(ada, &change)).await;

        let carol = new_account("carol");
        if let Some(span) = self.write(store, [], store.create_account(&carol)).await {
            self.history.register(&carol.username, carol.id, span);
        }
        self.put(store, carol.id, "small", value("1")).await;
        self.put(store, carol.id, "large", large(9000)).await;
        // Before the attempt: one whose outcome is unknown is an erasure all the same.
        if let Some(span) = self.write(store, [], store.erase_account(carol.id)).await {
            self.history.erase(&carol.username, carol.id, span);
        }
    }

    /// Reads in every way there is. What is read is looked at in the end.
    async fn read_all(&mut self, store: &EmbeddedStore, ada: AccountId) {
        let (all, query) = (everything(), Query::from(everything()));
        let hash = Token::random().hash();
        self.read(store, store.account(ada)).await;
        self.read(store, store.credentials(&name("ada"))).await;
        self.read(store, store.list_accounts(&NameRange::after(None, 10))).await;
        self.read(store, store.list_tokens(ada, NOW)).await;
        self.read(store, store.token(&hash, NOW)).await;
        self.read(store, store.read_by_token(&hash, &key("small"), NOW)).await;
        self.read(store, store.read_by_name(&name("ada"), &key("large"), NOW)).await;
        self.read(store, store.list_keys(ada, &all, NOW)).await;
        self.read(store, store.list_documents(ada, &query, NOW)).await;
        self.read(store, store.count_documents(ada, &query, NOW)).await;
        self.read(store, store.list_outlines(ada, &all, 10_000, NOW)).await;
        self.read(store, store.usage(ada, NOW)).await;
        self.read(store, store.ping()).await;
    }
}

/// Does it all on a disk that fails in this way, and tells how often it failed.
async fn endure(past: &Past, fault: Fault) -> usize {
    let disk = Disk::with(past.content.clone());
    let mut trial = Trial { fault, disk: Arc::clone(&disk), history: past.history.clone(), troubles: 0 };
    disk.fail(fault.failing, fault.error);
    let ada = past.ada;
    let store = trial.open().await;
    let mut secrets = Vec::new();
    trial.read_all(&store, ada).await;
    trial.write_documents(&store, ada).await;
    secrets.extend(store.secret("s", b"one").await.ok());
    trial.write_accounts(&store, ada).await;
    store.close().await;
    let store = trial.open().await;
    trial.read_all(&store, ada).await;
    secrets.extend(store.secret("s", b"two").await.ok());
    let failed = disk.heal();
    works_again(&store).await;
    trial.put(&store, ada, "last", value("1")).await;
    store.close().await;

    let mut database = disk.open(CACHE).expect("opens");
    assert!(database.check_integrity().expect("checks"), "{fault:?}");
    let store = disk.start_on(database, CACHE, NOW).expect("starts");
    until(async || store.read(erasure::unfinished).expect("reads").is_empty()).await;
    let checked = trial.history.finish().check(&store, disk.mark());
    checked.unwrap_or_else(|what| panic!("{what}, {fault:?}"));
    secrets.push(store.secret("s", b"three").await.expect("a secret"));
    assert!(secrets.windows(2).all(|pair| pair[0] == pair[1]), "{fault:?}");
    failed
}

/// Has one call after the other fail, until there is none that could.
async fn endure_all(failing: impl Fn(usize) -> Failing, error: i32, cache_bytes: usize) {
    let past = &past().await;
    let mut first = 0;
    loop {
        let faults = (first..first + AT_ONCE).map(|n| Fault { failing: failing(n), error, cache_bytes });
        let trials = stream::iter(faults).map(|fault| endure(past, fault)).buffered(AT_ONCE);
        let failures: Vec<usize> = trials.collect().await;
        first += AT_ONCE;
        if failures.ends_with(&[0; 3]) {
            break;
        }
    }
    assert!(first > 200, "{first}");
}

#[tokio::test]
async fn whichever_call_fails_once_for_want_of_room_the_outcomes_are_honest() {
    endure_all(Failing::Once, ENOSPC, CACHE).await;
}

#[tokio::test]
async fn whichever_call_fails_once_the_outcomes_are_honest() {
    endure_all(Failing::Once, EIO, SMALL_CACHE).await;
}

#[tokio::test]
async fn from_whichever_call_on_there_is_no_room_the_outcomes_are_honest() {
    endure_all(Failing::From, ENOSPC, CACHE).await;
}

#[tokio::test]
async fn from_whichever_call_on_the_disk_fails_the_outcomes_are_honest() {
    endure_all(Failing::From, EIO, SMALL_CACHE).await;
}

/// Whether a call fails while a store is made or opened.
fn open_each(content: &[u8], open: impl Fn(&Arc<Disk>) -> Result<Database, OpenError>) {
    for error in [ENOSPC, EIO] {
        for n in 0.. {
            let disk = Disk::with(content.to_vec());
            disk.fail(Failing::From(n), error);
            let opened = open(&disk);
            let failed = disk.heal();
            match opened {
                Ok(_) => {
                    assert_eq!(failed, 0);
                    assert!(n > 5, "{n}");
                    break;
                }
                Err(OpenError::Io { source, .. }) => assert_eq!(source.raw_os_error(), Some(error)),
                Err(other) => panic!("{other:?} at {n}"),
            }
        }
    }
}

#[tokio::test]
async fn whichever_call_fails_while_opening_the_disk_is_blamed_and_not_the_file() {
    open_each(&[], Disk::make);
    open_each(&past().await.content, |disk| disk.open(CACHE));
    open_each(&Disk::formatted().content(), |disk| disk.open(CACHE));
}
