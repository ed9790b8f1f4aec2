//! A store whose every call is a span, so that a trace tells what of a request's time went into the store.

use std::sync::Arc;

use async_trait::async_trait;
use tracing::{Instrument, info_span};

use super::{Counts, Credentials, Operation, Outcome, Result, Store, Warrant, Write, Written};
use crate::domain::{
    Account, AccountChange, AccountId, Amounts, Change, ClientId, Document, IssuedToken, Key, KeyRange, NameRange,
    NewAccount, Outline, Page, Precondition, Query, Stretch, Timestamp, TokenHash, Usage, Username,
};

/// Another store, traced.
#[derive(Debug)]
pub struct Traced(pub Arc<dyn Store>);

/// Passes each of these on, within a span.
macro_rules! traced {
    ($(fn $name:ident($($argument:ident: $type:ty),*) $(-> $answer:ty)?;)*) => {
        #[async_trait]
        impl Store for Traced {
            $(async fn $name(&self, $($argument: $type),*) $(-> $answer)? {
                let span = info_span!(target: "keybin::span", concat!("store ", stringify!($name)));
                self.0.$name($($argument),*).instrument(span).await
            })*

            fn counts(&self) -> &Counts {
                self.0.counts()
            }
        }
    };
}

#[rustfmt::skip] // one row, one method: a table is read by its columns
traced! {
    fn create_account(new: &NewAccount) -> Result<Account>;
    fn account(id: AccountId) -> Result<Option<Account>>;
    fn credentials(name: &Username) -> Result<Option<Credentials>>;
    fn list_accounts(range: &NameRange) -> Result<Page<Account>>;
    fn update_account(id: AccountId, change: &AccountChange) -> Result<Account>;
    fn erase_account(id: AccountId) -> Result<bool>;
    fn put_token(token: &IssuedToken, warrant: &Warrant) -> Result<()>;
    fn token(hash: &TokenHash, now: Timestamp) -> Result<Option<IssuedToken>>;
    fn list_tokens(account: AccountId, now: Timestamp) -> Result<Vec<IssuedToken>>;
    fn delete_token(account: AccountId, client_id: &ClientId) -> Result<bool>;
    fn delete_other_tokens(account: AccountId, kept: &ClientId, now: Timestamp) -> Result<u64>;
    fn read_by_token(hash: &TokenHash, key: &Key, now: Timestamp) -> Result<Option<(IssuedToken, Option<Document>)>>;
    fn read_by_name(name: &Username, key: &Key, now: Timestamp) -> Result<Option<(Credentials, Option<Document>)>>;
    fn get(account: AccountId, key: &Key, now: Timestamp) -> Result<Option<Document>>;
    fn put(account: AccountId, key: &Key, write: &Write, when: Precondition, now: Timestamp) -> Result<Written>;
    fn delete(account: AccountId, key: &Key, when: Precondition, now: Timestamp) -> Result<bool>;
    fn change(account: AccountId, key: &Key, change: &Change, when: Precondition, now: Timestamp) -> Result<Document>;
    fn apply_all(account: AccountId, operations: &[Operation], now: Timestamp) -> Result<Vec<Outcome>>;
    fn delete_all(account: AccountId, keys: &[Key], now: Timestamp) -> Result<u64>;
    fn list_keys(account: AccountId, range: &KeyRange, now: Timestamp) -> Result<Page<Key>>;
    fn list_documents(account: AccountId, query: &Query, now: Timestamp) -> Result<Stretch<Vec<(Key, Document)>>>;
    fn count_documents(account: AccountId, query: &Query, now: Timestamp) -> Result<Stretch<u64>>;
    fn list_outlines(account: AccountId, range: &KeyRange, value_bytes: u64, now: Timestamp) -> Result<Page<(Key, Outline)>>;
    fn usage(account: AccountId, now: Timestamp) -> Result<Usage>;
    fn amounts() -> Result<Amounts>;
    fn secret(name: &str, fresh: &[u8]) -> Result<Vec<u8>>;
    fn ping() -> Result<()>;
    fn close();
}
