//! Whether a file holds together: every record can be read, and what leads to another leads there.
//!
//! More is looked at than anybody who serves would look at. An entry that may lead nowhere is in order all the same: a hash
//! whose token could not be read, and an expiry whose document was overwritten behind a damaged head.

use super::accounts;
use super::codec::{Head, TokenRecord, read_account};
use super::documents::{is_erasing, is_inline};
use super::fault::{Fault, damaged};
use super::snapshot::Snapshot;
use super::tables::{
    Expiring, FORMAT, FORMAT_KEY, LAST_NUMBER_KEY, TableName, account_id, expiry, split_expiry, split_place,
};
use crate::domain::{AccountId, ClientId, Key, Value};
use bytes::Bytes;

/// Looks at every entry of every table.
pub(super) fn everything(snapshot: &Snapshot) -> Result<(), Fault> {
    for table in TableName::ALL {
        snapshot.entries(*table, |key, value| entry(snapshot, *table, key, value))?;
    }
    Ok(())
}

/// Looks at one entry of a table, and at what belongs to it in others.
pub(super) fn entry(snapshot: &Snapshot, table: TableName, key: &[u8], value: &[u8]) -> Result<(), Fault> {
    match table {
        TableName::Meta => meta(key, value),
        TableName::Accounts => account(snapshot, id_of(key)?, value),
        TableName::Numbers => {
            let number = u64::from_le_bytes(key.try_into().map_err(damaged)?);
            leads_to_account(snapshot, value, "a number", |known| known.account.number == number)
        }
        TableName::Names => {
            leads_to_account(snapshot, value, "a username", |known| known.account.username.as_str().as_bytes() == key)
        }
        TableName::Emails => leads_to_account(snapshot, value, "an e-mail address", |known| {
            known.account.email.as_ref().is_some_and(|email| email.as_str().as_bytes() == key)
        }),
        TableName::Tokens => token(snapshot, key, value),
        TableName::TokenHashes => Ok(split_place(value).map(drop)?),
        TableName::Documents => document(snapshot, key, value),
        TableName::Values => large_value(snapshot, key, value),
        TableName::Expiries => {
            let (_, _, place) = split_expiry(key)?;
            Ok(split_place(place).map(drop)?)
        }
        TableName::Erasing => Ok(()),
        TableName::Secrets => Ok(std::str::from_utf8(key).map(drop).map_err(damaged)?),
    }
}

fn meta(key: &[u8], value: &[u8]) -> Result<(), Fault> {
    let number = u64::from_le_bytes(value.try_into().map_err(damaged)?);
    match key {
        FORMAT_KEY => demand(number == FORMAT, "the format of the file"),
        LAST_NUMBER_KEY => Ok(()),
        _ => Err(damaged("an unknown entry of the file itself").into()),
    }
}

fn account(snapshot: &Snapshot, id: AccountId, record: &[u8]) -> Result<(), Fault> {
    let account = read_account(id, record)?.account;
    let is_this = |found: Option<redb::AccessGuard<'_, &'static [u8; 16]>>| {
        found.is_some_and(|found| found.value() == id.as_bytes())
    };
    demand(is_this(snapshot.names.get(account.username.as_str().as_bytes())?), "an account without its name")?;
    demand(is_this(snapshot.numbers.get(account.number)?), "an account without its number")?;
    if let Some(email) = &account.email {
        demand(is_this(snapshot.emails.get(email.as_str().as_bytes())?), "an account without its e-mail address")?;
    }
    let last = snapshot.meta.get(LAST_NUMBER_KEY)?.map_or(0, |last| last.value());
    demand(account.number <= last, "an account whose number was not handed out yet")
}

fn leads_to_account(
    snapshot: &Snapshot,
    id: &[u8],
    what: &str,
    is_meant: impl FnOnce(&super::Credentials) -> bool,
) -> Result<(), Fault> {
    let known = accounts::find(&snapshot.accounts, id_of(id)?)?;
    demand(known.is_some_and(|known| is_meant(&known)), &format!("{what} that leads to no account"))
}

fn token(snapshot: &Snapshot, place: &[u8], record: &[u8]) -> Result<(), Fault> {
    let (account, client_id) = split_place(place)?;
    ClientId::parse(client_id).map_err(damaged)?;
    demand(snapshot.accounts.get(account.as_bytes())?.is_some(), "a token without its account")?;
    let token = TokenRecord::read(place, record)?;
    let leads_back = snapshot.token_hashes.get(token.hash.as_bytes())?.is_some_and(|found| found.value() == place);
    demand(leads_back, "a token to which its hash does not lead")?;
    let end = expiry(token.expires_at, Expiring::Token, place);
    demand(snapshot.expiries.get(&*end)?.is_some(), "a token whose expiry is nowhere")
}

fn document(snapshot: &Snapshot, place: &[u8], record: &[u8]) -> Result<(), Fault> {
    let (account, key) = split_place(place)?;
    Key::parse(key).map_err(damaged)?;
    let is_somebodys = snapshot.accounts.get(account.as_bytes())?.is_some() || is_erasing(snapshot, account)?;
    demand(is_somebodys, "a document without its account")?;
    let (head, inline) = Head::read(place, record)?;
    if let Some(end) = head.expires_at {
        let end = expiry(end, Expiring::Document, place);
        demand(snapshot.expiries.get(&*end)?.is_some(), "a document whose expiry is nowhere")?;
    }
    if is_inline(&head) {
        value(&head, inline)
    } else {
        // What it is, is seen where it stands.
        demand(snapshot.values.get(place)?.is_some(), "a document without its value")
    }
}

fn large_value(snapshot: &Snapshot, place: &[u8], bytes: &[u8]) -> Result<(), Fault> {
    let record = snapshot.documents.get(place)?.ok_or_else(|| damaged("a value without its document"))?;
    let (head, _) = Head::read(place, record.value())?;
    demand(!is_inline(&head), "a value that stands in two places")?;
    value(&head, bytes)
}

fn value(head: &Head, bytes: &[u8]) -> Result<(), Fault> {
    head.check(bytes)?;
    Ok(Value::from_stored(Bytes::copy_from_slice(bytes)).as_bson().map(drop).map_err(damaged)?)
}

fn id_of(bytes: &[u8]) -> Result<AccountId, Fault> {
    Ok(account_id(bytes.try_into().map_err(damaged)?))
}

fn demand(holds: bool, otherwise: &str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(damaged(otherwise).into()) }
}
