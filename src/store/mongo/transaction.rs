//! Several operations at once: a transaction of MongoDB, which a replica set and a sharded cluster have.
//!
//! What is there is read in the transaction, worked out here, and written in it. If somebody else changed it in the
//! meantime, MongoDB refuses, and all of it is begun again.

use std::collections::HashMap;
use std::time::Duration;

use bson::{RawDocumentBuf, doc, rawdoc};
use futures_util::TryStreamExt;
use mongodb::ClientSession;
use mongodb::error::{Error, ErrorKind, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT};
use mongodb::options::ReadConcern;
use tokio::time::Instant;

use super::super::plan::{self, Plan, Step};
use super::super::{Operation, Outcome, Result, StoreError, Write};
use super::changes::{Changes, work};
use super::client::{Collections, durable};
use super::documents::{decode, fields, revision, stand_or_take_back};
use super::{Ways, failure, ids, pause};
use crate::domain::{AccountId, Document, Key, Timestamp};

/// When a transaction that did not come through is given up: before its caller gives up on the answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// Why an attempt did not succeed.
enum Failed {
    /// Somebody else was faster; nothing was changed.
    Again(String),
    /// For good.
    With(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::With(error)
    }
}

/// An error before the commit: whatever it was, nothing was changed.
fn before_commit(error: &Error) -> Failed {
    // A key that was made in the meantime is one that is there twice.
    let is_duplicate = failure::is_duplicate(error) || matches!(*error.kind, ErrorKind::InsertMany(_));
    if error.contains_label(TRANSIENT_TRANSACTION_ERROR) || is_duplicate {
        return Failed::Again(failure::describe(error));
    }
    match failure::of_write(error) {
        StoreError::Unknown(what) => Failed::With(StoreError::Unavailable(what)),
        other => Failed::With(other),
    }
}

pub(super) async fn apply_all(
    ways: &Ways,
    changes: &Changes,
    account: AccountId,
    operations: &[Operation],
    now: Timestamp,
) -> Result<Vec<Outcome>> {
    let db = &ways.db;
    if !db.is_replicated().await? {
        return Err(StoreError::NoTransactions);
    }
    let until = Instant::now() + PATIENCE;
    let mut session = db.client.start_session().await.map_err(|e| failure::of_read(&e))?;
    for attempt in 0.. {
        pause::before(attempt).await;
        match once(ways, &mut session, changes, account, operations, now, until).await {
            Ok(outcomes) => return Ok(outcomes),
            Err(Failed::Again(why)) if Instant::now() >= until => return Err(StoreError::Unavailable(why)),
            Err(Failed::Again(_)) => {}
            Err(Failed::With(reason)) => return Err(reason),
        }
    }
    Err(StoreError::Unavailable("no attempt was made".to_owned()))
}

async fn once(
    ways: &Ways,
    session: &mut ClientSession,
    changes: &Changes,
    account: AccountId,
    operations: &[Operation],
    now: Timestamp,
    until: Instant,
) -> Result<Vec<Outcome>, Failed> {
    let db = &ways.db;
    let start = session.start_transaction().read_concern(ReadConcern::snapshot()).write_concern(durable());
    start.await.map_err(|e| before_commit(&e))?;
    let worked_out = work_out(db, session, changes, account, operations, now, until).await;
    let (plan, outcomes) = match worked_out {
        Ok((plan, outcomes)) if plan.writes() => (plan, outcomes),
        without_writes => {
            // One that cannot be aborted ends by itself.
            let _ = session.abort_transaction().await;
            return without_writes.map(|(_, outcomes)| outcomes);
        }
    };
    if let Err(failed) = carry_out(db, session, account, &plan, now).await {
        let _ = session.abort_transaction().await;
        return Err(failed);
    }
    commit(session, until).await?;
    let (ids, revisions): (Vec<_>, Vec<_>) = plan
        .steps()
        .filter_map(|step| Some((ids::document(account, step.key), revision(step.after??.revision))))
        .unzip();
    stand_or_take_back(ways, account, doc! { "_id": { "$in": ids }, "revision": { "$in": revisions } }).await?;
    Ok(outcomes)
}

async fn work_out(
    db: &Collections,
    session: &mut ClientSession,
    changes: &Changes,
    account: AccountId,
    operations: &[Operation],
    now: Timestamp,
    until: Instant,
) -> Result<(Plan, Vec<Outcome>), Failed> {
    let mut plan = Plan::default();
    let mut longest = 0;
    for (key, document) in read(db, session, account, plan::keys(operations), now).await? {
        longest = longest.max(document.as_ref().map_or(0, |document| document.value.as_stored().len()));
        plan.begin_with(key, document)?;
    }
    let work = work(operations.iter(), longest);
    let operations = operations.to_vec();
    let plan = move || plan.add_all(&operations, now).map(|outcomes| (plan, outcomes));
    Ok(changes.work_out(work, until, plan).await??)
}

/// What is live under these keys.
async fn read(
    db: &Collections,
    session: &mut ClientSession,
    account: AccountId,
    keys: Vec<Key>,
    now: Timestamp,
) -> Result<Vec<(Key, Option<Document>)>, Failed> {
    let ids: Vec<String> = keys.iter().map(|key| ids::document(account, key)).collect();
    let filter = doc! { "_id": { "$in": &ids }, "expires_at": ids::live(now) };
    let mut found = db.documents.find(filter).session(&mut *session).await.map_err(|e| before_commit(&e))?;
    let found: Vec<RawDocumentBuf> = found.stream(session).try_collect().await.map_err(|e| before_commit(&e))?;
    let mut documents = HashMap::new();
    for document in &found {
        let id = document.get_str("_id").map_err(|_| StoreError::Damaged("the _id of a document".to_owned()))?;
        documents.insert(id, decode(document)?);
    }
    Ok(keys.into_iter().zip(ids).map(|(key, id)| (key, documents.remove(id.as_str()))).collect())
}

/// Two commands for all of it, however many documents there are: what was there goes, what is to be there comes.
async fn carry_out(
    db: &Collections,
    session: &mut ClientSession,
    account: AccountId,
    plan: &Plan,
    now: Timestamp,
) -> Result<(), Failed> {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for Step { key, after, .. } in plan.steps() {
        let Some(after) = after else { continue };
        let id = ids::document(account, key);
        if let Some(document) = after {
            let mut whole = rawdoc! { "_id": id.as_str() };
            for field in &fields(&Write::from(document), now)?.set {
                let (name, value) = field.map_err(|error| StoreError::Damaged(error.to_string()))?;
                whole.append(name, value);
            }
            new.push(whole);
        }
        old.push(id);
    }
    let deleted = db.documents.delete_many(doc! { "_id": { "$in": old } }).session(&mut *session).await;
    deleted.map_err(|e| before_commit(&e))?;
    if !new.is_empty() {
        db.documents.insert_many(new).session(session).await.map_err(|e| before_commit(&e))?;
    }
    Ok(())
}

/// Commits, and asks again where the answer was lost: a commit can be repeated.
async fn commit(session: &mut ClientSession, until: Instant) -> Result<(), Failed> {
    for attempt in 0.. {
        pause::before(attempt).await;
        match session.commit_transaction().await {
            Ok(()) => return Ok(()),
            Err(error) if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) && Instant::now() < until => {}
            Err(error) if error.contains_label(TRANSIENT_TRANSACTION_ERROR) => {
                return Err(Failed::Again(failure::describe(&error)));
            }
            Err(error) => return Err(Failed::With(failure::of_later_step(&error))),
        }
    }
    Ok(())
}
