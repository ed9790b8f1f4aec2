//! Accounts: their records, and the names and addresses that lead to them.

use std::ops::Bound;

use redb::ReadableTable;

use super::codec::{read_account, write_account};
use super::fault::{Fault, damaged};
use super::snapshot::Snapshot;
use super::tables::{LAST_NUMBER_KEY, Tables, account_id};
use super::tokens;
use crate::domain::{Account, AccountChange, AccountId, NameRange, NewAccount, Page, Username};
use crate::store::{Credentials, StoreError};

pub(super) fn create(tables: &mut Tables<'_>, new: &NewAccount) -> Result<Account, Fault> {
    if let Some(known) = find(&tables.accounts, new.id)? {
        // The id is made for one attempt: this is the same attempt again, after an answer that was lost.
        return if known.account.username == new.username {
            Ok(known.account)
        } else {
            Err(StoreError::NameTaken.into())
        };
    }
    if tables.erasing.get(new.id.as_bytes())?.is_some() {
        return Err(StoreError::AccountGone.into());
    }
    if tables.names.get(new.username.as_str().as_bytes())?.is_some() {
        return Err(StoreError::NameTaken.into());
    }
    if let Some(email) = &new.email
        && tables.emails.get(email.as_str().as_bytes())?.is_some()
    {
        return Err(StoreError::EmailTaken.into());
    }
    let last = tables.meta.get(LAST_NUMBER_KEY)?.map_or(0, |last| last.value());
    let number = new.number.unwrap_or(last + 1);
    if tables.numbers.get(number)?.is_some() {
        return Err(StoreError::NumberTaken.into());
    }
    let account = new.numbered(number);
    tables.meta.insert(LAST_NUMBER_KEY, number.max(last))?;
    tables.numbers.insert(number, account.id.as_bytes())?;
    tables.names.insert(account.username.as_str().as_bytes(), account.id.as_bytes())?;
    if let Some(email) = &account.email {
        tables.emails.insert(email.as_str().as_bytes(), account.id.as_bytes())?;
    }
    tables.accounts.insert(account.id.as_bytes(), &*write_account(&account, &new.password))?;
    Ok(account)
}

pub(super) fn get(snapshot: &Snapshot, id: AccountId) -> Result<Option<Account>, Fault> {
    Ok(find(&snapshot.accounts, id)?.map(|known| known.account))
}

pub(super) fn credentials(snapshot: &Snapshot, name: &Username) -> Result<Option<Credentials>, Fault> {
    match snapshot.names.get(name.as_str().as_bytes())? {
        Some(id) => named(&snapshot.accounts, name.as_str().as_bytes(), *id.value()).map(Some),
        None => Ok(None),
    }
}

pub(super) fn list(snapshot: &Snapshot, range: &NameRange) -> Result<Page<Account>, Fault> {
    let prefix = range.prefix.as_bytes();
    let after = range.after.as_ref().map(|name| name.as_str().as_bytes()).filter(|after| *after >= prefix);
    let start = after.map_or(Bound::Included(prefix), Bound::Excluded);
    let mut items = Vec::new();
    for entry in snapshot.names.range::<&[u8]>((start, Bound::Unbounded))? {
        let (name, id) = entry?;
        if !name.value().starts_with(prefix) {
            break;
        }
        items.push(named(&snapshot.accounts, name.value(), *id.value())?.account);
        if items.len() > range.limit {
            break;
        }
    }
    Ok(Page::from_one_more(items, range.limit))
}

pub(super) fn update(tables: &mut Tables<'_>, id: AccountId, change: &AccountChange) -> Result<Account, Fault> {
    let Credentials { mut account, mut password } = find(&tables.accounts, id)?.ok_or(StoreError::AccountGone)?;
    if change.under.as_ref().is_some_and(|under| *under != password) {
        return Err(StoreError::Warrant.into());
    }
    if let Some(Some(email)) = &change.email
        && tables.emails.get(email.as_str().as_bytes())?.is_some_and(|holder| holder.value() != id.as_bytes())
    {
        return Err(StoreError::EmailTaken.into());
    }
    if let Some(email) = &change.email {
        if let Some(old) = &account.email {
            tables.emails.remove(old.as_str().as_bytes())?;
        }
        if let Some(new) = email {
            tables.emails.insert(new.as_str().as_bytes(), id.as_bytes())?;
        }
        account.email.clone_from(email);
    }
    if let Some(profile) = &change.profile {
        account.profile.clone_from(profile);
    }
    if let Some(admin) = change.admin {
        account.admin = admin;
    }
    if let Some(new) = &change.password {
        password.clone_from(new);
        tokens::end_all(tables, id, change.kept)?;
    }
    tables.accounts.insert(id.as_bytes(), &*write_account(&account, &password))?;
    Ok(account)
}

/// The live account with this id.
pub(super) fn find(
    accounts: &impl ReadableTable<&'static [u8; 16], &'static [u8]>,
    id: AccountId,
) -> Result<Option<Credentials>, Fault> {
    match accounts.get(id.as_bytes())? {
        Some(record) => Ok(Some(read_account(id, record.value())?)),
        None => Ok(None),
    }
}

/// The account that `name` leads to, which must be the one of that name.
fn named(
    accounts: &impl ReadableTable<&'static [u8; 16], &'static [u8]>,
    name: &[u8],
    id: [u8; 16],
) -> Result<Credentials, Fault> {
    find(accounts, account_id(id))?
        .filter(|known| known.account.username.as_str().as_bytes() == name)
        .ok_or_else(|| damaged("a username leads to no account").into())
}
