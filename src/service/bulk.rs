//! Many at once: operations that are done one by one, or all together or not at all; and removing by prefix.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt, stream};

use super::change::Wish;
use super::documents::{Saved, all_after, reads, writes};
use super::{Documents, Result, ServiceError};
use crate::auth::Principal;
use crate::domain::{Document, Key, KeyRange, Precondition, Scope, Timestamp};
use crate::store::{Action, Operation, Outcome, StoreError, Write, Written};

/// How many operations are under way at once.
const AT_ONCE: usize = 32;

/// How many documents are removed at once.
const PAGE: usize = 1000;

/// One of many operations.
#[derive(Clone, Debug)]
pub struct Task<'j> {
    /// The key of the document.
    pub key: Key,
    /// What must hold of it.
    pub when: Precondition,
    /// Until when it is to be kept, where that is said.
    pub expires_at: Option<Timestamp>,
    /// What is to be done.
    pub deed: Deed<'j>,
}

/// What is to be done with a document.
#[derive(Clone, Copy, Debug)]
pub enum Deed<'j> {
    /// Read it.
    Get,
    /// Create or overwrite it with a value, given as JSON.
    Put(&'j [u8]),
    /// Change it.
    Change(Wish<'j>),
    /// Remove it.
    Delete,
}

/// What was done.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// It was read.
    Read(Document),
    /// It is the number that was made.
    Counted(Document),
    /// It was written or changed.
    Saved(Saved),
    /// It was removed.
    Deleted,
}

impl Documents {
    /// Does each of these by itself, and answers each by itself. Those with one key are done in their order. What is read
    /// is answered as far as all of it has at most `max_bytes` bytes.
    pub async fn each(&self, caller: &Principal, tasks: &[Task<'_>], max_bytes: usize) -> Vec<Result<Done>> {
        let mut of_key: HashMap<&Key, Vec<usize>> = HashMap::new();
        for (index, task) in tasks.iter().enumerate() {
            of_key.entry(&task.key).or_default().push(index);
        }
        let left = &AtomicUsize::new(max_bytes);
        let lines = stream::iter(of_key.into_values()).map(|line| async move {
            let mut answers = Vec::new();
            for index in line {
                answers.push((index, self.one(caller, &tasks[index]).await.and_then(|done| within(left, done))));
            }
            answers
        });
        let mut answers: Vec<_> = lines.buffer_unordered(AT_ONCE).concat().await;
        answers.sort_unstable_by_key(|(index, _)| *index);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    async fn one(&self, caller: &Principal, task: &Task<'_>) -> Result<Done> {
        let Task { key, expires_at, deed, .. } = task;
        let when = task.when.clone();
        Ok(match *deed {
            Deed::Get => {
                let document = self.get(caller, key).await?;
                if !when.holds(Some((document.revision, document.modified_at))) {
                    return Err(ServiceError::Precondition(Some(Box::new(document))));
                }
                Done::Read(document)
            }
            Deed::Put(json) => Done::Saved(self.put_if(caller, key, json, *expires_at, when).await?),
            Deed::Change(wish) => changed(wish, self.change(caller, key, wish, *expires_at, when).await?),
            Deed::Delete => self.delete_if(caller, key, when).await.map(|()| Done::Deleted)?,
        })
    }

    /// Does all of these at once, each after those before it, or none of them.
    ///
    /// # Errors
    /// [`ServiceError::Operation`] with the first that fails, [`ServiceError::NoTransactions`],
    /// [`ServiceError::TooLarge`] where it touches too much at once, [`ServiceError::AccountGone`].
    pub async fn together(&self, caller: &Principal, tasks: &[Task<'_>]) -> Result<Vec<Done>> {
        let operations = tasks.iter().enumerate().map(|(index, task)| {
            self.operation(caller, task).map_err(|reason| ServiceError::Operation { index, reason: Box::new(reason) })
        });
        let operations: Vec<Operation> = operations.collect::<Result<_>>()?;
        let outcomes = self.store.apply_all(caller.account(), &operations, self.clock.now()).await;
        let outcomes = outcomes.map_err(|error| match error {
            StoreError::Operation { index, reason } if matches!(*reason, StoreError::NoDocument) => {
                let reason = ServiceError::NoDocument(tasks[index].key.clone());
                ServiceError::Operation { index, reason: Box::new(reason) }
            }
            other => other.into(),
        })?;
        let done = outcomes.into_iter().zip(operations).zip(tasks).map(|((outcome, operation), task)| {
            match (outcome, operation.action, task.deed) {
                (Outcome::Written(written), Action::Put(write), _) => {
                    Done::Saved(Saved { is_new: written == Written::Created, revision: write.revision })
                }
                (Outcome::Document(document), _, Deed::Change(wish)) => changed(wish, document),
                (Outcome::Document(document), ..) => Done::Read(document),
                _ => Done::Deleted,
            }
        });
        Ok(done.collect())
    }

    fn operation(&self, caller: &Principal, task: &Task<'_>) -> Result<Operation> {
        let Task { key, when, expires_at, deed } = task;
        if let Deed::Get = deed {
            reads(caller, key)?
        } else {
            writes(caller, key)?
        }
        let action = match *deed {
            Deed::Get => Action::Get,
            Deed::Put(json) => Action::Put(Write { expires_at: *expires_at, ..self.write(json, None)? }),
            Deed::Change(wish) => Action::Change(self.change_of(wish, *expires_at)?),
            Deed::Delete => Action::Delete,
        };
        Ok(Operation { key: key.clone(), when: when.clone(), action })
    }

    /// Removes the documents whose keys begin with a prefix, a page at a time, and tells how many there were; with
    /// `dry_run` it only counts them.
    ///
    /// # Errors
    /// [`ServiceError::NotGranted`], and those of the store; then some of them may be removed.
    pub async fn delete_prefix(&self, caller: &Principal, prefix: &str, dry_run: bool) -> Result<u64> {
        let grant = caller.grant();
        if grant.scope != Scope::Write || !prefix.starts_with(&grant.prefix) {
            return Err(ServiceError::NotGranted);
        }
        let (account, mut last, mut all) = (caller.account(), None, 0);
        loop {
            let now = self.clock.now();
            let range = KeyRange { prefix: prefix.to_owned(), ..all_after(last.as_ref(), PAGE) };
            let mut page = self.store.list_keys(account, &range, now).await?;
            all += if dry_run {
                page.items.len() as u64
            } else {
                self.store.delete_all(account, &page.items, now).await?
            };
            last = page.items.pop();
            if !page.more {
                return Ok(all);
            }
        }
    }
}

/// What is told of a change: as with a single one, the value only where it was counted.
fn changed(wish: Wish<'_>, document: Document) -> Done {
    match wish {
        Wish::Increment { .. } => Done::Counted(document),
        Wish::Patch(..) | Wish::Keep => Done::Saved(Saved { is_new: false, revision: document.revision }),
    }
}

/// What was done, if there is still room for it in the answer. What changed something is always told.
fn within(left: &AtomicUsize, done: Done) -> Result<Done> {
    let Done::Read(document) = &done else { return Ok(done) };
    let bytes = document.value.as_stored().len();
    let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
    taken.map(|_| done).map_err(|_| ServiceError::AnswerTooLarge)
}
