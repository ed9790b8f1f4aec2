//! What is peculiar to the embedded file. The contract itself is tried by the conformance suite.

mod background;
mod crash;
mod disk;
mod faults;
mod history;
mod layout;
mod methods;
mod nth;
mod opening;
mod rot;
mod workload;
mod writing;

use std::sync::atomic::AtomicI64;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::domain::{Email, Filter, Grant, Order, Origin, PasswordHash, Profile, Revision, Scope, Token, Value};

/// A moment that the tests begin at.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_000_000);

/// Random numbers that a seed determines (SplitMix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Whether what happens once in `times` happens now.
    pub(super) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// A clock that stands still until it is set.
#[derive(Debug)]
pub(super) struct SetClock(AtomicI64);

impl SetClock {
    pub(super) fn at(time: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(time.as_millis())))
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// A directory with a store in it.
pub(super) struct Home {
    pub(super) directory: TempDir,
}

impl Home {
    pub(super) fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.directory.path().join("keybin.redb")
    }

    pub(super) fn open(&self) -> EmbeddedStore {
        self.open_at(NOW)
    }

    fn open_at(&self, time: Timestamp) -> EmbeddedStore {
        EmbeddedStore::open(&self.path(), SetClock::at(time)).expect("opens")
    }

    /// Changes the closed file behind the store's back.
    pub(super) fn tamper(&self, change: impl FnOnce(&mut tables::Tables<'_>)) {
        let database = Database::open(self.path()).expect("opens");
        let transaction = database.begin_write().expect("begins");
        change(&mut tables::Tables::open(&transaction).expect("tables"));
        transaction.commit().expect("commits");
    }
}

pub(super) fn after(seconds: u32) -> Timestamp {
    NOW.plus_seconds(seconds)
}

pub(super) fn key(text: &str) -> Key {
    Key::parse(text).expect("a key")
}

pub(super) fn client(text: &str) -> ClientId {
    ClientId::parse(text).expect("a client id")
}

fn name(text: &str) -> Username {
    Username::parse(text).expect("a username")
}

pub(super) fn email(text: &str) -> Email {
    Email::parse(text).expect("an address")
}

fn value(json: &str) -> Value {
    Value::from_json(json.as_bytes(), usize::MAX).expect("a value")
}

/// A value of about so many bytes, which is not kept behind its head.
pub(super) fn large(bytes: usize) -> Value {
    value(&format!("\"{}\"", "x".repeat(bytes)))
}

pub(super) fn write(json: &str) -> Write {
    Write::of(value(json))
}

fn new_account(username: &str) -> NewAccount {
    NewAccount {
        id: AccountId::random(),
        number: None,
        username: name(username),
        email: None,
        profile: Profile::default(),
        admin: false,
        password: PasswordHash::from_stored("hash"),
        created_at: NOW,
    }
}

pub(super) fn new_token(account: AccountId, client_id: &str, expires_at: Timestamp) -> IssuedToken {
    let hash = Token::random().hash();
    IssuedToken {
        account,
        client_id: client(client_id),
        hash,
        grant: Grant::default(),
        origin: Origin::Keybin,
        created_at: NOW,
        expires_at,
    }
}

fn everything() -> KeyRange {
    KeyRange { prefix: String::new(), after: None, limit: usize::MAX, order: Order::Ascending }
}

pub(super) async fn register(store: &EmbeddedStore, username: &str) -> AccountId {
    store.create_account(&new_account(username)).await.expect("registers").id
}

pub(super) async fn put(store: &EmbeddedStore, account: AccountId, at: &str, json: &str) {
    store.put(account, &key(at), &write(json), Precondition::None, NOW).await.expect("puts");
}

pub(super) async fn get_json(store: &EmbeddedStore, account: AccountId, at: &str) -> Option<String> {
    let document = store.get(account, &key(at), NOW).await.expect("gets")?;
    Some(String::from_utf8(document.value.to_json().expect("JSON")).expect("UTF-8"))
}

async fn keys(store: &EmbeddedStore, account: AccountId) -> Vec<String> {
    let page = store.list_keys(account, &everything(), NOW).await.expect("lists");
    page.items.iter().map(ToString::to_string).collect()
}

/// Tries again until the condition holds; for what happens in the background.
pub(super) async fn until(mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..1000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it does not happen");
}

/// How many entries each table has that documents and tokens leave traces in.
fn traces(store: &EmbeddedStore) -> [u64; 5] {
    use redb::ReadableTableMetadata;
    store
        .read(|snapshot| {
            Ok([
                snapshot.tokens.len()?,
                snapshot.token_hashes.len()?,
                snapshot.documents.len()?,
                snapshot.values.len()?,
                snapshot.expiries.len()?,
            ])
        })
        .expect("reads")
}
