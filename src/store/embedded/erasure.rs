//! Erasing an account: a tombstone first, then its documents a few at a time.
//!
//! From the tombstone on the account is gone: nobody finds it, its tokens are ended, and nobody can write or read its
//! documents. What remains is housekeeping, which a crash may interrupt at any point.

use redb::ReadableTable;

use super::accounts;
use super::documents;
use super::fault::Fault;
use super::housekeeping::Budget;
use super::snapshot::Snapshot;
use super::tables::{Tables, account_id};
use super::tokens;
use crate::domain::AccountId;

/// What [`bury`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Burial {
    /// A live account, which is now gone.
    Buried,
    /// An account that is being erased already.
    Underway,
    /// Nobody.
    Nobody,
}

/// Ends an account and its tokens, and marks its documents for removal.
pub(super) fn bury(tables: &mut Tables<'_>, id: AccountId) -> Result<Burial, Fault> {
    let Some(known) = accounts::find(&tables.accounts, id)? else {
        let underway = tables.erasing.get(id.as_bytes())?.is_some();
        return Ok(if underway { Burial::Underway } else { Burial::Nobody });
    };
    tables.erasing.insert(id.as_bytes(), ())?;
    tables.accounts.remove(id.as_bytes())?;
    tables.numbers.remove(known.account.number)?;
    tables.names.remove(known.account.username.as_str().as_bytes())?;
    if let Some(email) = known.account.email {
        tables.emails.remove(email.as_str().as_bytes())?;
    }
    tokens::end_all(tables, id, None)?;
    Ok(Burial::Buried)
}

/// Removes some documents of a buried account. `true` when none is left and the erasure is over.
pub(super) fn clear(tables: &mut Tables<'_>, id: AccountId) -> Result<bool, Fault> {
    if tables.erasing.get(id.as_bytes())?.is_none() {
        return Ok(true);
    }
    let mut budget = Budget::new();
    let mut places = Vec::new();
    let mut all = true;
    for entry in tables.documents.range(&id.as_bytes()[..]..)? {
        let (place, record) = entry?;
        if !place.value().starts_with(id.as_bytes()) {
            break;
        }
        if budget.is_spent() {
            all = false;
            break;
        }
        budget.spend(documents::weight(place.value(), record.value()));
        places.push(place.value().to_vec());
    }
    for place in places {
        documents::discard(tables, &place)?;
    }
    if all {
        tables.erasing.remove(id.as_bytes())?;
    }
    Ok(all)
}

/// The accounts whose erasure is not over.
pub(super) fn unfinished(snapshot: &Snapshot) -> Result<Vec<AccountId>, Fault> {
    let ids = snapshot.erasing.iter()?.map(|entry| Ok(account_id(*entry?.0.value())));
    ids.collect()
}
