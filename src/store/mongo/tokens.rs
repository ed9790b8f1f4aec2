//! Tokens in `tokens`: `{_id, hash, proof, scope?, prefix?, origin, created_at, expires_at}`. A token without `scope` may
//! write, one without `prefix` reaches every key.
//!
//! One per `_id`, that is per (account, client id): a single upsert replaces the old one. `proof` is a fingerprint of
//! the password hash under which the token was issued; a changed password ends all with another one.

use bson::raw::RawDocumentBuf;
use bson::spec::BinarySubtype;
use bson::{Binary, Bson, Document as BsonDocument, RawDocument, doc};
use sha2::{Digest, Sha256};

use super::super::{Result, StoreError, Warrant};
use super::client::{Collections, collect};
use super::{accounts, failure, ids};
use crate::domain::{AccountId, ClientId, Grant, IssuedToken, Origin, PasswordHash, Scope, Timestamp, TokenHash};

/// Concurrent upserts of one `_id` can collide; the loser finds the document at the next try.
const ATTEMPTS: usize = 4;

pub(super) async fn put(db: &Collections, token: &IssuedToken, warrant: &Warrant) -> Result<()> {
    let ground = ground_of(db, token, warrant).await?;
    let replaced = match ground.predecessor {
        None => upsert(db, token, &ground.proof).await?,
        Some(hash) => follow(db, token, &ground.proof, hash).await?,
    };
    // Looked at after the write: see the top of the room.
    let refusal = match refusal(db, token, warrant, &ground.proof, replaced).await {
        Ok(None) => return Ok(()),
        Ok(Some(refusal)) => refusal,
        Err(StoreError::Unavailable(why)) => return Err(StoreError::Unknown(why)),
        Err(other) => return Err(other),
    };
    let ours = doc! { "_id": ids::token(token.account, &token.client_id), "hash": binary(token.hash.as_bytes()) };
    db.tokens.delete_one(ours).await.map_err(|e| failure::of_later_step(&e))?;
    Err(refusal)
}

/// What a token is issued on.
struct Ground {
    /// The fingerprint of the password under which it is issued.
    proof: Binary,
    /// The token whose place it takes on that one's own word.
    predecessor: Option<TokenHash>,
}

async fn ground_of(db: &Collections, token: &IssuedToken, warrant: &Warrant) -> Result<Ground> {
    let on = |proof| Ground { proof, predecessor: None };
    match warrant {
        Warrant::Operator => Ok(on(current(db, token.account).await?.ok_or(StoreError::AccountGone)?.proof)),
        // Looked at before the write as well, so that a password that was changed long ago ends nothing.
        Warrant::Password(password) => match current(db, token.account).await? {
            Some(current) if current.proof == fingerprint(password) => Ok(on(current.proof)),
            Some(_) => Err(StoreError::Warrant),
            None => Err(StoreError::AccountGone),
        },
        // The one that the presented token was issued under, and not the present one: a password that is being changed
        // ends both, unless the presented token is the one that the change keeps.
        Warrant::Token(hash) => {
            let presented = presented(db, token, hash).await?.ok_or(StoreError::Warrant)?;
            let predecessor = presented.is_replaced.then_some(*hash);
            let proof = match current(db, token.account).await? {
                Some(current) if current.kept == Some(*hash) => current.proof,
                _ => presented.proof,
            };
            Ok(Ground { proof, predecessor })
        }
    }
}

/// Why a token that was just written must go again, if it must.
async fn refusal(
    db: &Collections,
    token: &IssuedToken,
    warrant: &Warrant,
    proof: &Binary,
    replaced: Option<TokenHash>,
) -> Result<Option<StoreError>> {
    // The presented token may be the very one that was replaced, and was there until then.
    if let Warrant::Token(hash) = warrant
        && replaced != Some(*hash)
        && presented(db, token, hash).await?.is_none()
    {
        return Ok(Some(StoreError::Warrant));
    }
    Ok(match current(db, token.account).await? {
        Some(current) if current.proof == *proof => None,
        Some(_) => Some(StoreError::Warrant),
        None => Some(StoreError::AccountGone),
    })
}

/// The token that was presented for another.
struct Presented {
    proof: Binary,
    /// Whether the other one takes its place.
    is_replaced: bool,
}

/// The presented token, while it is live and the account's.
async fn presented(db: &Collections, token: &IssuedToken, hash: &TokenHash) -> Result<Option<Presented>> {
    let filter = doc! {
        "hash": binary(hash.as_bytes()),
        "_id": ids::all_of(token.account),
        "expires_at": { "$gt": ids::date(token.created_at) },
    };
    let found = db.tokens.find_one(filter).await.map_err(|e| failure::of_read(&e))?;
    let place = ids::token(token.account, &token.client_id);
    let is_replaced = |found: &BsonDocument| found.get_str("_id").is_ok_and(|id| id == place);
    Ok(found.and_then(|found| match found.get("proof") {
        Some(Bson::Binary(proof)) => Some(Presented { proof: proof.clone(), is_replaced: is_replaced(&found) }),
        _ => None,
    }))
}

/// Writes the token, and answers which one it replaced.
async fn upsert(db: &Collections, token: &IssuedToken, proof: &Binary) -> Result<Option<TokenHash>> {
    let filter = doc! { "_id": ids::token(token.account, &token.client_id) };
    let mut attempt = 0;
    loop {
        attempt += 1;
        match db.tokens.find_one_and_replace(filter.clone(), encode(token, proof)).upsert(true).await {
            Ok(before) => return Ok(before.as_ref().and_then(hash_of)),
            Err(error) if failure::is_duplicate(&error) && attempt < ATTEMPTS => {}
            Err(error) => return Err(failure::of_write(&error)),
        }
    }
}

/// Writes the token in place of the one with this hash, and of no other: of several that follow one, one does.
async fn follow(
    db: &Collections,
    token: &IssuedToken,
    proof: &Binary,
    predecessor: TokenHash,
) -> Result<Option<TokenHash>> {
    let filter = doc! { "_id": ids::token(token.account, &token.client_id), "hash": binary(predecessor.as_bytes()) };
    let before = db.tokens.find_one_and_replace(filter, encode(token, proof)).await;
    match before.map_err(|e| failure::of_write(&e))? {
        Some(_) => Ok(Some(predecessor)),
        None => Err(StoreError::Warrant),
    }
}

fn encode(token: &IssuedToken, proof: &Binary) -> BsonDocument {
    let mut record = doc! {
        "hash": binary(token.hash.as_bytes()),
        "proof": proof,
        "origin": token.origin.as_str(),
        "created_at": ids::date(token.created_at),
        "expires_at": ids::date(token.expires_at),
    };
    if token.grant.scope != Scope::default() {
        record.insert("scope", token.grant.scope.as_str());
    }
    if !token.grant.prefix.is_empty() {
        record.insert("prefix", token.grant.prefix.as_str());
    }
    record
}

/// What the present password of an account means for its tokens.
struct Current {
    /// Its fingerprint.
    proof: Binary,
    /// The token that a change of the password keeps, while the change is not over.
    kept: Option<TokenHash>,
}

/// The same for a live account.
async fn current(db: &Collections, account: AccountId) -> Result<Option<Current>> {
    let found = db.users.find_one(accounts::live(account)).projection(doc! { "password": 1, "kept_token": 1 }).await;
    let found = found.map_err(|e| failure::of_read(&e))?;
    let current = |user: &BsonDocument| {
        let proof = fingerprint(&accounts::password(user)?);
        Ok(Current { proof, kept: accounts::kept_token(user) })
    };
    found.as_ref().map(current).transpose()
}

/// A token as it was found, if it is live.
pub(super) fn live(token: &RawDocument, now: Timestamp) -> Result<Option<IssuedToken>> {
    let token = Fields::of(token).ok_or_else(damaged)?;
    match token.expires_at {
        Some(end) if end > now => token.decode().map(Some),
        _ => Ok(None),
    }
}

pub(super) async fn list(db: &Collections, account: AccountId, now: Timestamp) -> Result<Vec<IssuedToken>> {
    let filter = doc! { "_id": ids::all_of(account), "expires_at": { "$gt": ids::date(now) } };
    let tokens = db.tokens.clone_with_type::<RawDocumentBuf>();
    let found = collect(tokens.find(filter).sort(doc! { "_id": 1 })).await?;
    found.iter().map(|token| Fields::of(token).ok_or_else(damaged)?.decode()).collect()
}

pub(super) async fn delete(db: &Collections, account: AccountId, client_id: &ClientId) -> Result<bool> {
    let deleted = db.tokens.delete_one(doc! { "_id": ids::token(account, client_id) }).await;
    deleted.map(|deleted| deleted.deleted_count > 0).map_err(|e| failure::of_write(&e))
}

pub(super) async fn delete_others(
    db: &Collections,
    account: AccountId,
    kept: &ClientId,
    now: Timestamp,
) -> Result<u64> {
    let mut others = ids::all_of(account);
    others.insert("$ne", ids::token(account, kept));
    let live = doc! { "_id": &others, "expires_at": { "$gt": ids::date(now) } };
    let ended = db.tokens.delete_many(live).await.map_err(|e| failure::of_write(&e))?;
    db.tokens.delete_many(doc! { "_id": others }).await.map_err(|e| failure::of_later_step(&e))?;
    Ok(ended.deleted_count)
}

/// Ends every token of an account that was issued under another password than this.
pub(super) async fn end_others(db: &Collections, account: AccountId, password: &PasswordHash) -> Result<()> {
    let filter = doc! { "_id": ids::all_of(account), "proof": { "$ne": fingerprint(password) } };
    db.tokens.delete_many(filter).await.map(drop).map_err(|e| failure::of_later_step(&e))
}

/// Lets the token with this hash go on under another password.
pub(super) async fn renew_proof(
    db: &Collections,
    account: AccountId,
    hash: &TokenHash,
    password: &PasswordHash,
) -> Result<()> {
    let filter = doc! { "_id": ids::all_of(account), "hash": binary(hash.as_bytes()) };
    let renewal = doc! { "$set": { "proof": fingerprint(password) } };
    db.tokens.update_one(filter, renewal).await.map(drop).map_err(|e| failure::of_later_step(&e))
}

/// The fields of a token, found in one pass: this is done for every request.
#[derive(Default)]
struct Fields<'t> {
    id: Option<&'t str>,
    hash: Option<&'t [u8]>,
    /// `Some(None)`: it is there, and no text.
    scope: Option<Option<&'t str>>,
    prefix: Option<Option<&'t str>>,
    origin: Option<&'t str>,
    created_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
}

impl<'t> Fields<'t> {
    /// `None` where it is no BSON.
    fn of(token: &'t RawDocument) -> Option<Self> {
        let mut fields = Self::default();
        for field in token {
            let (name, value) = field.ok()?;
            match name.as_str() {
                "_id" => fields.id = value.as_str(),
                "hash" => fields.hash = value.as_binary().map(|hash| hash.bytes),
                "scope" => fields.scope = Some(value.as_str()),
                "prefix" => fields.prefix = Some(value.as_str()),
                "origin" => fields.origin = value.as_str(),
                "created_at" => fields.created_at = value.as_datetime().map(ids::time),
                "expires_at" => fields.expires_at = value.as_datetime().map(ids::time),
                _ => {}
            }
        }
        Some(fields)
    }

    fn decode(self) -> Result<IssuedToken> {
        let (account, client_id) = self.id.and_then(ids::rest).ok_or_else(damaged)?;
        let hash = self.hash.and_then(|hash| hash.try_into().ok()).ok_or_else(damaged)?;
        Ok(IssuedToken {
            account,
            client_id: ClientId::parse(client_id).map_err(|_| damaged())?,
            hash: TokenHash::from_bytes(hash),
            grant: self.grant().ok_or_else(damaged)?,
            origin: self.origin.and_then(Origin::parse).ok_or_else(damaged)?,
            created_at: self.created_at.ok_or_else(damaged)?,
            expires_at: self.expires_at.ok_or_else(damaged)?,
        })
    }

    /// What a token may do; `None` where that cannot be read, so that nothing that is damaged ever means "everything".
    fn grant(&self) -> Option<Grant> {
        let scope = self.scope.map_or(Some(Scope::default()), |scope| Scope::parse(scope?))?;
        Grant::parse(scope, self.prefix.unwrap_or(Some(""))?).ok()
    }
}

fn damaged() -> StoreError {
    StoreError::Damaged("a token".into())
}

fn hash_of(token: &BsonDocument) -> Option<TokenHash> {
    let bytes = token.get_binary_generic("hash").ok()?;
    Some(TokenHash::from_bytes(bytes.as_slice().try_into().ok()?))
}

fn fingerprint(password: &PasswordHash) -> Binary {
    binary(&Sha256::digest(password.expose()))
}

pub(super) fn binary(bytes: &[u8]) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() }
}
