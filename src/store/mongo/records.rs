//! Tokens, accounts and documents, looked up by what identifies them; and both at once where a request asks for both.
//!
//! Whose a token is never changes, so that it may be remembered: then the document is asked for at the same moment as the
//! token. Whether the token is good is asked every time, and nobody sees the document unless it is.

use std::sync::Arc;

use bson::RawDocument;
use quick_cache::sync::Cache;
use tokio::join;

use super::super::{Batches, Credentials, Result, StoreError};
use super::client::Collections;
use super::finder::{Finder, Name};
use super::gate::Gate;
use super::{accounts, documents, ids, tokens};
use crate::domain::{AccountId, Document, IssuedToken, Key, Timestamp, TokenHash, Username};

/// Of how many tokens, and of how many names, is remembered whose they are.
const KNOWN: usize = 64 * 1024;

/// See the module.
pub(super) struct Records {
    gate: Arc<Gate>,
    tokens: Arc<Finder>,
    names: Arc<Finder>,
    accounts: Arc<Finder>,
    documents: Arc<Finder>,
    owners: Cache<TokenHash, AccountId>,
    /// A name may be somebody else's by now: what is remembered is a guess.
    bearers: Cache<Username, AccountId>,
}

impl Records {
    pub(super) fn new(db: &Collections, gate: Arc<Gate>, counts: &Batches) -> Self {
        Self {
            gate,
            tokens: Finder::new(&db.tokens, "hash", counts),
            names: Finder::new(&db.users, "username", counts),
            accounts: Finder::new(&db.users, "_id", counts),
            documents: Finder::new(&db.documents, "_id", counts),
            owners: Cache::new(KNOWN),
            bearers: Cache::new(KNOWN),
        }
    }

    /// The token with this hash, if it is live.
    pub(super) async fn token(&self, hash: &TokenHash, now: Timestamp) -> Result<Option<IssuedToken>> {
        let found = self.tokens.find(Some(self.gate.enter()?), Name::Bytes(*hash.as_bytes())).await?;
        let token = found.as_deref().map(|token| tokens::live(token, now)).transpose()?.flatten();
        if let Some(token) = &token {
            self.owners.insert(*hash, token.account);
        }
        Ok(token)
    }

    /// The live account with this name.
    pub(super) async fn credentials(&self, name: &Username) -> Result<Option<Credentials>> {
        let found = self.names.find(Some(self.gate.enter()?), Name::Text(name.as_str().to_owned())).await?;
        let known = found.as_deref().map(|user| accounts::known(&tree(user)?)).transpose()?;
        if let Some(known) = &known {
            self.bearers.insert(name.clone(), known.account.id);
        }
        Ok(known)
    }

    /// The document under a key, if it is live.
    pub(super) async fn document(&self, account: AccountId, key: &Key, now: Timestamp) -> Result<Option<Document>> {
        let found = self.documents.find(Some(self.gate.enter()?), Name::Text(ids::document(account, key))).await?;
        let document = found.as_deref().map(documents::decode).transpose()?;
        Ok(document.filter(|document| document.expires_at.is_none_or(|end| now < end)))
    }

    pub(super) async fn token_and_document(
        &self,
        hash: &TokenHash,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<(IssuedToken, Option<Document>)>> {
        let guess = self.owners.get(hash);
        let (token, document) = join!(self.token(hash, now), self.guessed(guess, key, now));
        let Some(token) = token? else { return Ok(None) };
        let document = self.of(token.account, guess.zip(document), key, now).await?;
        Ok(Some((token, document)))
    }

    pub(super) async fn credentials_and_document(
        &self,
        name: &Username,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<(Credentials, Option<Document>)>> {
        let guess = self.bearers.get(name);
        let (known, document) = join!(self.credentials(name), self.guessed(guess, key, now));
        let Some(known) = known? else { return Ok(None) };
        let document = self.of(known.account.id, guess.zip(document), key, now).await?;
        Ok(Some((known, document)))
    }

    async fn guessed(&self, guess: Option<AccountId>, key: &Key, now: Timestamp) -> Option<Result<Option<Document>>> {
        Some(self.document(guess?, key, now).await)
    }

    /// The document of an account, which is there already if the account was guessed.
    async fn of(
        &self,
        account: AccountId,
        guessed: Option<(AccountId, Result<Option<Document>>)>,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<Document>> {
        match guessed {
            Some((guess, document)) if guess == account => document,
            _ => self.document(account, key, now).await,
        }
    }

    /// Whether the account is there, and not being erased.
    pub(super) async fn is_live(&self, account: AccountId) -> Result<bool> {
        // Part of something that is under way already.
        let found = self.accounts.find(None, Name::Text(account.to_string())).await?;
        Ok(found.is_some_and(|user| !user.get_bool("erasing").unwrap_or(false)))
    }
}

fn tree(record: &RawDocument) -> Result<bson::Document> {
    bson::Document::try_from(record).map_err(|error| StoreError::Damaged(error.to_string()))
}
