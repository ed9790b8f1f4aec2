//! Accounts, tokens and documents to test with, and the short way to put them into a store.

use std::fmt::Debug;
use std::ops::Deref;

use keybin::domain::{
    Account, AccountId, ClientId, Email, Grant, IssuedToken, Key, KeyRange, NameRange, NewAccount, Order, Origin,
    PasswordHash, Precondition, Profile, Timestamp, Token, Username, Value,
};
use keybin::store::{Result, Store, StoreError, Warrant, Write, Written};

use super::TestClock;

/// Whatever leads to a store: a `TestStore`, or a share of it.
pub(crate) trait Handle: Deref<Target = dyn Store> + Sync {}

impl<T: Deref<Target = dyn Store> + Sync> Handle for T {}

/// The moment at which everything happens that does not say otherwise.
pub(crate) const NOW: Timestamp = TestClock::START;

/// This many milliseconds after [`NOW`].
pub(crate) fn after(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + millis)
}

pub(crate) fn username(text: &str) -> Username {
    Username::parse(text).expect("a username")
}

pub(crate) fn email(text: &str) -> Email {
    Email::parse(text).expect("an e-mail address")
}

pub(crate) fn client(text: &str) -> ClientId {
    ClientId::parse(text).expect("a client id")
}

pub(crate) fn key(text: &str) -> Key {
    Key::parse(text).expect("a key")
}

pub(crate) fn value(json: &str) -> Value {
    Value::from_json(json.as_bytes(), 16 << 20).expect("a value")
}

/// A hash that looks like one of bcrypt's. The store never verifies it.
pub(crate) fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_stored(format!("$2b$04$abcdefghijklmnopqrstuu{text:A>31}"))
}

/// An account of this name whose password hash is `hash(name)`.
pub(crate) fn new_account(name: &str) -> NewAccount {
    NewAccount {
        id: AccountId::random(),
        number: None,
        username: username(name),
        email: None,
        profile: Profile::default(),
        admin: false,
        password: hash(name),
        created_at: NOW,
    }
}

/// A token with a secret nobody had before, live from [`NOW`] for five minutes.
pub(crate) fn token(account: AccountId, client_id: &str) -> IssuedToken {
    IssuedToken {
        account,
        client_id: client(client_id),
        hash: Token::random().hash(),
        grant: Grant::default(),
        origin: Origin::Keybin,
        created_at: NOW,
        expires_at: NOW.plus_seconds(300),
    }
}

/// A write of this value, as a revision of its own, for good.
pub(crate) fn write(json: &str) -> Write {
    Write::of(value(json))
}

/// The same, until `end`.
pub(crate) fn write_until(json: &str, end: Timestamp) -> Write {
    Write { expires_at: Some(end), ..write(json) }
}

/// Every key there is, in one page.
pub(crate) fn all_keys() -> KeyRange {
    KeyRange { prefix: String::new(), after: None, limit: 100_000, order: Order::Ascending }
}

/// Registers an account of this name.
pub(crate) async fn register(store: &impl Handle, name: &str) -> Account {
    store.create_account(&new_account(name)).await.expect("registers")
}

/// Issues a token, without a proof.
pub(crate) async fn issue(store: &impl Handle, account: AccountId, client_id: &str) -> IssuedToken {
    let token = token(account, client_id);
    store.put_token(&token, &Warrant::Operator).await.expect("issues a token");
    token
}

/// Writes a document whatever is there.
pub(crate) async fn set(store: &impl Handle, account: AccountId, at: &str, json: &str) -> Result<Written> {
    store.put(account, &key(at), &write(json), Precondition::None, NOW).await
}

/// The JSON under a key.
pub(crate) async fn json(store: &impl Handle, account: AccountId, at: &str) -> Option<String> {
    let document = store.get(account, &key(at), NOW).await.expect("reads")?;
    Some(String::from_utf8(document.value.to_json().expect("renders")).expect("UTF-8"))
}

/// The keys of an account.
pub(crate) async fn keys(store: &impl Handle, account: AccountId) -> Vec<String> {
    let page = store.list_keys(account, &all_keys(), NOW).await.expect("lists keys");
    assert!(!page.more, "more than {} keys", page.items.len());
    page.items.iter().map(|key| key.as_str().to_owned()).collect()
}

/// The names of all accounts.
pub(crate) async fn names(store: &impl Handle) -> Vec<String> {
    let page = store.list_accounts(&NameRange::after(None, 100_000)).await.expect("lists accounts");
    assert!(!page.more, "more than {} accounts", page.items.len());
    page.items.iter().map(|account| account.username.as_str().to_owned()).collect()
}

/// Why the store did not do it.
pub(crate) fn refusal<T: Debug>(answer: Result<T>) -> StoreError {
    answer.expect_err("should have been refused")
}
