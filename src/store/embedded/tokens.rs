//! Tokens: one record for each (account, client id), and the hash that leads to it.
//!
//! * A hash counts only while the record it leads to holds that same hash.
//! * The record, its hash and its entry in `expiries` come and go in one transaction.

use redb::ReadableTable;

use super::accounts;
use super::codec::TokenRecord;
use super::fault::{Fault, damaged};
use super::snapshot::Snapshot;
use super::tables::{Expiring, Tables, expiry, place, split_place};
use crate::domain::{AccountId, ClientId, IssuedToken, Timestamp, TokenHash};
use crate::store::{Result as StoreResult, StoreError, Warrant};

pub(super) fn put(tables: &mut Tables<'_>, token: &IssuedToken, warrant: &Warrant) -> Result<(), Fault> {
    let holder = accounts::find(&tables.accounts, token.account)?.ok_or(StoreError::AccountGone)?;
    let is_good = match warrant {
        Warrant::Operator => true,
        Warrant::Password(password) => *password == holder.password,
        Warrant::Token(hash) => {
            let presented = at(&tables.token_hashes, &tables.tokens, hash, token.created_at)?;
            presented.is_some_and(|presented| presented.account == token.account)
        }
    };
    if !is_good {
        return Err(StoreError::Warrant.into());
    }
    let place = place(token.account, token.client_id.as_str());
    if let Some(old) = find(&tables.tokens, &place)? {
        forget(tables, &place, &old)?;
    }
    let IssuedToken { hash, created_at, expires_at, origin, ref grant, .. } = *token;
    let record = TokenRecord { hash, created_at, expires_at, origin, grant: grant.clone() };
    tables.tokens.insert(&*place, &*record.write(&place))?;
    tables.token_hashes.insert(record.hash.as_bytes(), &*place)?;
    tables.expiries.insert(&*expiry(record.expires_at, Expiring::Token, &place), ())?;
    Ok(())
}

pub(super) fn get(snapshot: &Snapshot, hash: &TokenHash, now: Timestamp) -> Result<Option<IssuedToken>, Fault> {
    at(&snapshot.token_hashes, &snapshot.tokens, hash, now)
}

/// The token with this hash, if it is live at `now`.
fn at(
    hashes: &impl ReadableTable<&'static [u8; 32], &'static [u8]>,
    tokens: &impl ReadableTable<&'static [u8], &'static [u8]>,
    hash: &TokenHash,
    now: Timestamp,
) -> Result<Option<IssuedToken>, Fault> {
    let Some(place) = hashes.get(hash.as_bytes())? else {
        return Ok(None);
    };
    match find(tokens, place.value())? {
        Some(record) if record.hash == *hash && now < record.expires_at => Ok(Some(issued(place.value(), record)?)),
        _ => Ok(None),
    }
}

pub(super) fn list(snapshot: &Snapshot, account: AccountId, now: Timestamp) -> Result<Vec<IssuedToken>, Fault> {
    let mut live = Vec::new();
    for entry in snapshot.tokens.range(&account.as_bytes()[..]..)? {
        let (place, record) = entry?;
        if !place.value().starts_with(account.as_bytes()) {
            break;
        }
        let record = TokenRecord::read(place.value(), record.value())?;
        if now < record.expires_at {
            live.push(issued(place.value(), record)?);
        }
    }
    Ok(live)
}

pub(super) fn delete(tables: &mut Tables<'_>, account: AccountId, client_id: &ClientId) -> Result<bool, Fault> {
    let place = place(account, client_id.as_str());
    let Some(record) = find(&tables.tokens, &place)? else {
        return Ok(false);
    };
    tables.tokens.remove(&*place)?;
    forget(tables, &place, &record)?;
    Ok(true)
}

/// Ends every token of an account, those that cannot be read too, without the one with this hash.
pub(super) fn end_all(tables: &mut Tables<'_>, account: AccountId, kept: Option<TokenHash>) -> Result<(), Fault> {
    for place in places_of(tables, account)? {
        let is_kept = match &kept {
            Some(kept) => {
                find(&tables.tokens, &place).is_ok_and(|found| found.is_some_and(|found| found.hash == *kept))
            }
            None => false,
        };
        if !is_kept {
            end(tables, &place)?;
        }
    }
    Ok(())
}

/// The same without that of one client id. Tells how many were live.
pub(super) fn end_others(
    tables: &mut Tables<'_>,
    account: AccountId,
    kept: &ClientId,
    now: Timestamp,
) -> Result<u64, Fault> {
    let kept = place(account, kept.as_str());
    let mut live = 0;
    for place in places_of(tables, account)?.into_iter().filter(|place| *place != kept) {
        let ended = end(tables, &place)?;
        live += u64::from(ended.is_some_and(|record| now < record.expires_at));
    }
    Ok(live)
}

fn places_of(tables: &Tables<'_>, account: AccountId) -> Result<Vec<Vec<u8>>, Fault> {
    let mut places = Vec::new();
    for entry in tables.tokens.range(&account.as_bytes()[..]..)? {
        let (place, _) = entry?;
        if !place.value().starts_with(account.as_bytes()) {
            break;
        }
        places.push(place.value().to_vec());
    }
    Ok(places)
}

/// Removes the token at a place, and answers its record, if it could be read.
fn end(tables: &mut Tables<'_>, place: &[u8]) -> Result<Option<TokenRecord>, Fault> {
    let record = tables.tokens.remove(place)?.and_then(|record| TokenRecord::read(place, record.value()).ok());
    // Without a readable record its hash stays behind, and leads nowhere.
    if let Some(record) = &record {
        forget(tables, place, record)?;
    }
    Ok(record)
}

/// Removes the token at `place` if it is the one that expires at `end`.
pub(super) fn expire(tables: &mut Tables<'_>, place: &[u8], end: Timestamp) -> Result<(), Fault> {
    if let Some(record) = find(&tables.tokens, place)?
        && record.expires_at == end
    {
        tables.tokens.remove(place)?;
        forget(tables, place, &record)?;
    }
    Ok(())
}

/// Removes what leads to a token.
fn forget(tables: &mut Tables<'_>, place: &[u8], record: &TokenRecord) -> Result<(), Fault> {
    tables.token_hashes.remove(record.hash.as_bytes())?;
    tables.expiries.remove(&*expiry(record.expires_at, Expiring::Token, place))?;
    Ok(())
}

fn find(tokens: &impl ReadableTable<&'static [u8], &'static [u8]>, place: &[u8]) -> Result<Option<TokenRecord>, Fault> {
    match tokens.get(place)? {
        Some(record) => Ok(Some(TokenRecord::read(place, record.value())?)),
        None => Ok(None),
    }
}

fn issued(place: &[u8], record: TokenRecord) -> StoreResult<IssuedToken> {
    let (account, client_id) = split_place(place)?;
    Ok(IssuedToken {
        account,
        client_id: ClientId::parse(client_id).map_err(damaged)?,
        hash: record.hash,
        grant: record.grant,
        origin: record.origin,
        created_at: record.created_at,
        expires_at: record.expires_at,
    })
}
