//! Accounts in `users`: `{_id, number, username, email?, profile?, admin?, password, created_at}`.
//!
//! `ending_tokens: true` stands where a new password has not ended all old tokens yet, and beside it `kept_token`, the
//! hash of the one that it does not end.
//! An account under erasure has no name and no address any more, but `erasing: true`.

use bson::{Bson, Document as BsonDocument, doc};
use mongodb::options::ReturnDocument;

use super::super::{Credentials, Result, StoreError};
use super::client::{Collections, collect};
use super::{erase, failure, ids, tokens};
use crate::domain::{
    Account, AccountChange, AccountId, Email, NameRange, NewAccount, Page, PasswordHash, Profile, Timestamp, TokenHash,
    Username,
};

/// How often an insertion is tried again when somebody was faster with the same number.
const ATTEMPTS: usize = 8;

/// Matches the account unless it is being erased.
pub(super) fn live(id: AccountId) -> BsonDocument {
    doc! { "_id": id.to_string(), "erasing": { "$ne": true } }
}

pub(super) async fn create(db: &Collections, new: &NewAccount) -> Result<Account> {
    // Asked first, so that a refused registration does not use up a number.
    if let Some(taken) = taken(db, new).await? {
        return Err(taken);
    }
    if let Some(number) = new.number {
        // Before the account is there, so that nobody is given the number in between.
        raise_counter(db, number).await?;
    }
    for _ in 0..ATTEMPTS {
        let number = match new.number {
            Some(number) => number,
            None => next_number(db).await?,
        };
        let account = new.numbered(number);
        match db.users.insert_one(encode(&account, &new.password)).await {
            Ok(_) => return Ok(account),
            Err(error) if failure::is_duplicate(&error) => {
                if let Some(taken) = taken(db, new).await? {
                    return Err(taken);
                }
            }
            Err(error) => return Err(failure::of_write(&error)),
        }
    }
    Err(StoreError::Unavailable("no free account number".into()))
}

/// Keeps an account of the original Keybin under its new number.
pub(super) async fn insert_adopted(db: &Collections, new: &NewAccount, number: u64) -> Result<()> {
    let account = new.numbered(number);
    db.users.insert_one(encode(&account, &new.password)).await.map(drop).map_err(|e| failure::of_write(&e))
}

/// Which of the unique things of a new account somebody else has.
async fn taken(db: &Collections, new: &NewAccount) -> Result<Option<StoreError>> {
    let name = doc! { "username": new.username.as_str() };
    if exists(db, name).await? {
        return Ok(Some(StoreError::NameTaken));
    }
    if let Some(email) = &new.email
        && exists(db, doc! { "email": email.as_str() }).await?
    {
        return Ok(Some(StoreError::EmailTaken));
    }
    // An id that was made for this registration is nobody's.
    let Some(number) = new.number else { return Ok(None) };
    if exists(db, doc! { "number": number as i64 }).await? {
        return Ok(Some(StoreError::NumberTaken));
    }
    if exists(db, live(new.id)).await? {
        return Ok(Some(StoreError::NameTaken));
    }
    // Whatever is written under an id is removed again while its tombstone stands.
    let is_erased = erase::is_buried(db, new.id).await? || exists(db, doc! { "_id": new.id.to_string() }).await?;
    Ok(is_erased.then_some(StoreError::AccountGone))
}

/// The counter is never behind a number that an account has.
pub(super) async fn raise_counter(db: &Collections, number: u64) -> Result<()> {
    let raise = doc! { "$max": { "last_number": number as i64 } };
    let raised = db.meta.update_one(doc! { "_id": "accounts" }, raise).upsert(true).await;
    raised.map(drop).map_err(|e| failure::of_write(&e))
}

async fn exists(db: &Collections, filter: BsonDocument) -> Result<bool> {
    let found = db.users.find_one(filter).projection(doc! { "_id": 1 }).await;
    found.map(|found| found.is_some()).map_err(|e| failure::of_read(&e))
}

pub(super) async fn next_number(db: &Collections) -> Result<u64> {
    let counter = db
        .meta
        .find_one_and_update(doc! { "_id": "accounts" }, doc! { "$inc": { "last_number": 1_i64 } })
        .upsert(true)
        .return_document(ReturnDocument::After)
        .await
        .map_err(|e| failure::of_write(&e))?;
    counter
        .and_then(|counter| counter.get_i64("last_number").ok())
        .and_then(|number| u64::try_from(number).ok())
        .ok_or_else(|| StoreError::Damaged("the counter of accounts".into()))
}

pub(super) async fn by_id(db: &Collections, id: AccountId) -> Result<Option<Account>> {
    let found = db.users.find_one(live(id)).await.map_err(|e| failure::of_read(&e))?;
    found.as_ref().map(decode).transpose()
}

/// An account as it was found, with the hash of its password.
pub(super) fn known(user: &BsonDocument) -> Result<Credentials> {
    Ok(Credentials { account: decode(user)?, password: password(user)? })
}

pub(super) async fn list(db: &Collections, range: &NameRange) -> Result<Page<Account>> {
    // Erased accounts have no name, so that the condition on it leaves them out.
    let mut names = vec![doc! { "username": ids::beginning_with(&range.prefix) }];
    if let Some(after) = &range.after {
        names.push(doc! { "username": { "$gt": after.as_str() } });
    }
    let find = db.users.find(doc! { "$and": names }).sort(doc! { "username": 1 }).limit(range.limit as i64 + 1);
    let found = collect(find).await?;
    let accounts = found.iter().map(decode).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_one_more(accounts, range.limit))
}

pub(super) async fn update(db: &Collections, id: AccountId, change: &AccountChange) -> Result<Account> {
    let (mut set, mut unset) = (BsonDocument::new(), BsonDocument::new());
    match &change.email {
        Some(Some(email)) => drop(set.insert("email", email.as_str())),
        Some(None) => drop(unset.insert("email", "")),
        None => {}
    }
    if let Some(profile) = &change.profile {
        set.insert("profile", encode_profile(profile));
    }
    if let Some(admin) = change.admin {
        set.insert("admin", admin);
    }
    if let Some(password) = &change.password {
        set.insert("password", password.expose());
        // Until its old tokens are ended; if that is broken off, `finish_password_changes` goes on.
        set.insert("ending_tokens", true);
        match &change.kept {
            Some(kept) => drop(set.insert("kept_token", tokens::binary(kept.as_bytes()))),
            None => drop(unset.insert("kept_token", "")),
        }
    }
    let mut update = BsonDocument::new();
    for (operator, fields) in [("$set", set), ("$unset", unset)] {
        if !fields.is_empty() {
            update.insert(operator, fields);
        }
    }
    if update.is_empty() {
        return by_id(db, id).await?.ok_or(StoreError::AccountGone);
    }
    let mut account = live(id);
    if let Some(under) = &change.under {
        account.insert("password", under.expose());
    }
    let changed = db.users.find_one_and_update(account, update).return_document(ReturnDocument::After).await;
    let changed = changed.map_err(|error| {
        // The address is the only unique thing that a change can touch.
        if failure::is_duplicate(&error) { StoreError::EmailTaken } else { failure::of_write(&error) }
    })?;
    let Some(changed) = changed else {
        let is_there = change.under.is_some() && exists(db, live(id)).await?;
        return Err(if is_there { StoreError::Warrant } else { StoreError::AccountGone });
    };
    if let Some(password) = &change.password {
        end_old_tokens(db, id, password, change.kept.as_ref()).await?;
    }
    decode(&changed)
}

/// Ends the tokens that were issued under another password than this, the present one, without the one to be kept.
async fn end_old_tokens(
    db: &Collections,
    id: AccountId,
    password: &PasswordHash,
    kept: Option<&TokenHash>,
) -> Result<()> {
    let still = doc! { "_id": id.to_string(), "password": password.expose() };
    // Another change has tokens of its own to end, and issued some that this one must not.
    if !exists(db, still.clone()).await? {
        return Ok(());
    }
    if let Some(kept) = kept {
        tokens::renew_proof(db, id, kept, password).await?;
    }
    tokens::end_others(db, id, password).await?;
    let ended = db.users.update_one(still, doc! { "$unset": { "ending_tokens": "", "kept_token": "" } }).await;
    ended.map(drop).map_err(|e| failure::of_later_step(&e))
}

/// The token that a change of the password, which is not over yet, does not end.
pub(super) fn kept_token(user: &BsonDocument) -> Option<TokenHash> {
    let bytes = user.get_binary_generic("kept_token").ok()?;
    Some(TokenHash::from_bytes(bytes.as_slice().try_into().ok()?))
}

/// Goes on with changes of a password that were broken off before the old tokens were ended.
pub(super) async fn finish_password_changes(db: &Collections) -> Result<()> {
    for user in collect(db.users.find(doc! { "ending_tokens": true })).await? {
        if let Some(id) = user.get_str("_id").ok().and_then(AccountId::parse) {
            end_old_tokens(db, id, &password(&user)?, kept_token(&user).as_ref()).await?;
        }
    }
    Ok(())
}

/// An account as it is kept.
fn encode(account: &Account, password: &PasswordHash) -> BsonDocument {
    let mut user = doc! {
        "_id": account.id.to_string(),
        "number": account.number as i64,
        "username": account.username.as_str(),
        "password": password.expose(),
        "created_at": ids::date(account.created_at),
    };
    if let Some(email) = &account.email {
        user.insert("email", email.as_str());
    }
    if account.profile != Profile::default() {
        user.insert("profile", encode_profile(&account.profile));
    }
    if account.admin {
        user.insert("admin", true);
    }
    user
}

fn encode_profile(profile: &Profile) -> BsonDocument {
    let mut parts = BsonDocument::new();
    if let Some(name) = &profile.full_name {
        parts.insert("full_name", name);
    }
    if let Some(age) = profile.age {
        parts.insert("age", i64::from(age));
    }
    if let Some(gender) = &profile.gender {
        parts.insert("gender", gender);
    }
    parts
}

fn decode(user: &BsonDocument) -> Result<Account> {
    let id = user.get_str("_id").ok().and_then(AccountId::parse);
    let id = id.ok_or_else(|| StoreError::Damaged("an account's _id".into()))?;
    let damaged = |what: &str| StoreError::Damaged(format!("the {what} of account {id}"));
    let email = match user.get("email") {
        Some(email) => Some(email.as_str().and_then(|e| Email::parse(e).ok()).ok_or_else(|| damaged("email"))?),
        None => None,
    };
    Ok(Account {
        id,
        number: integer(user.get("number")).ok_or_else(|| damaged("number"))?,
        username: user
            .get_str("username")
            .ok()
            .and_then(|name| Username::parse(name).ok())
            .ok_or_else(|| damaged("username"))?,
        email,
        profile: user.get_document("profile").map(decode_profile).unwrap_or_default(),
        admin: user.get_bool("admin").unwrap_or(false),
        created_at: user
            .get_datetime("created_at")
            .map(|time| Timestamp::from_millis(time.timestamp_millis()))
            .map_err(|_| damaged("created_at"))?,
    })
}

fn decode_profile(parts: &BsonDocument) -> Profile {
    Profile {
        full_name: parts.get_str("full_name").ok().map(str::to_owned),
        age: integer(parts.get("age")).and_then(|age| u32::try_from(age).ok()),
        gender: parts.get_str("gender").ok().map(str::to_owned),
    }
}

/// The hash of the password; `adopt` has made text of what the original Keybin kept as binary.
pub(super) fn password(user: &BsonDocument) -> Result<PasswordHash> {
    match user.get("password") {
        Some(Bson::String(hash)) => Ok(PasswordHash::from_stored(hash)),
        _ => Err(StoreError::Damaged("the password hash of an account".into())),
    }
}

/// A number that some tool may have rewritten in another BSON type.
pub(super) fn integer(value: Option<&Bson>) -> Option<u64> {
    match value? {
        Bson::Int32(n) => u64::try_from(*n).ok(),
        Bson::Int64(n) => u64::try_from(*n).ok(),
        Bson::Double(n) if n.fract() == 0.0 && (0.0..9e15).contains(n) => Some(*n as u64),
        _ => None,
    }
}
