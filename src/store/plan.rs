//! Operations, and the plan that is made of several: what each of them answers, and what is to be kept in the end.
//!
//! A plan is worked out on what is there and changes nothing. A store that finds what the plan began with carries it
//! out as a whole, so that an operation that fails leaves no trace of those before it.

use std::collections::{HashMap, HashSet};

use super::{Result, StoreError, Write, Written};
use crate::domain::{Change, Document, Key, Precondition, Timestamp};

/// One of several things to be done with documents.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The key of the document.
    pub key: Key,
    /// What must hold of it.
    pub when: Precondition,
    /// What is to be done.
    pub action: Action,
}

/// What is to be done with a document.
#[derive(Clone, Debug)]
pub enum Action {
    /// Read it, which must be there.
    Get,
    /// Create or overwrite it.
    Put(Write),
    /// Change it.
    Change(Change),
    /// Remove it, which must be there.
    Delete,
}

/// What became of an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The document, as it is or as it was changed.
    Document(Document),
    /// It was written.
    Written(Written),
    /// It was removed.
    Deleted,
}

/// How much a plan may begin with, and how much may be read in it, in bytes of BSON.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Operations worked out on what is there.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What the documents were at the beginning, in the order in which they were first named.
    base: Vec<(Key, Option<Document>)>,
    /// What they are by now, and whether that differs.
    present: HashMap<Key, (Option<Document>, bool)>,
    /// How much it began with, and how much was read.
    bytes: (usize, usize),
}

/// What is to be kept under a key.
pub(super) struct Step<'p> {
    pub(super) key: &'p Key,
    /// What must be there for it.
    pub(super) before: Option<&'p Document>,
    /// What is there afterwards. `None`: as before.
    pub(super) after: Option<Option<&'p Document>>,
}

impl Plan {
    /// Begins with what is live under a key.
    pub(super) fn begin_with(&mut self, key: Key, document: Option<Document>) -> Result<()> {
        count(&mut self.bytes.0, document.as_ref())?;
        self.present.insert(key.clone(), (document.clone(), false));
        self.base.push((key, document));
        Ok(())
    }

    /// Works out one more operation at `now`. One that fails changes nothing of the plan.
    pub(super) fn add(&mut self, operation: &Operation, now: Timestamp) -> Result<Outcome> {
        let Operation { key, when, action } = operation;
        let (present, differs) = self.present.entry(key.clone()).or_default();
        let live = present.as_ref().filter(|document| document.is_live(now));
        let needed = match action {
            Action::Get | Action::Delete => true,
            Action::Put(_) => false,
            Action::Change(change) => change.needs_document(),
        };
        if needed && live.is_none() {
            return Err(StoreError::NoDocument);
        }
        if !when.holds(live.map(|document| (document.revision, document.modified_at))) {
            return Err(StoreError::Precondition(live.cloned().map(Box::new)));
        }
        let (outcome, after) = match action {
            Action::Get => {
                count(&mut self.bytes.1, live)?;
                return live.cloned().map(Outcome::Document).ok_or(StoreError::NoDocument);
            }
            Action::Put(write) => {
                let written = if live.is_some() { Written::Replaced } else { Written::Created };
                (Outcome::Written(written), Some(kept(write, live, now)))
            }
            Action::Change(change) => {
                let changed = change.apply(live, now)?;
                (Outcome::Document(changed.clone()), Some(changed))
            }
            Action::Delete => (Outcome::Deleted, None),
        };
        (*present, *differs) = (after, true);
        Ok(outcome)
    }

    /// The same for all of these, up to the first that fails.
    pub(super) fn add_all(&mut self, operations: &[Operation], now: Timestamp) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(operations.len());
        for (index, operation) in operations.iter().enumerate() {
            match self.add(operation, now) {
                Ok(outcome) => outcomes.push(outcome),
                Err(reason) => return Err(StoreError::Operation { index, reason: Box::new(reason) }),
            }
        }
        Ok(outcomes)
    }

    /// What is to be carried out, and what must be there for it.
    pub(super) fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        self.base.iter().filter_map(|(key, before)| {
            let (after, differs) = self.present.get(key)?;
            let after = differs.then_some(after.as_ref());
            Some(Step { key, before: before.as_ref(), after })
        })
    }

    /// Whether something is to be written.
    pub(super) fn writes(&self) -> bool {
        self.present.values().any(|(_, differs)| *differs)
    }
}

/// The document that the one operation answered, which was a change.
pub(super) fn one_document(outcomes: Vec<Outcome>) -> Result<Document> {
    match outcomes.into_iter().next() {
        Some(Outcome::Document(document)) => Ok(document),
        _ => Err(StoreError::NoDocument),
    }
}

/// The keys of operations, each of them once, in the order in which they are first named.
pub(super) fn keys(operations: &[Operation]) -> Vec<Key> {
    let mut seen = HashSet::new();
    operations.iter().map(|operation| &operation.key).filter(|key| seen.insert(*key)).cloned().collect()
}

fn count(bytes: &mut usize, document: Option<&Document>) -> Result<()> {
    *bytes += document.map_or(0, |document| document.value.as_stored().len());
    if *bytes > MAX_BYTES { Err(StoreError::TooLarge) } else { Ok(()) }
}

/// The document that a write makes.
fn kept(write: &Write, live: Option<&Document>, now: Timestamp) -> Document {
    Document {
        value: write.value.clone(),
        revision: write.revision,
        created_at: write.created_at.unwrap_or_else(|| live.map_or(now, |document| document.created_at)),
        modified_at: write.modified_at.unwrap_or(now),
        expires_at: write.expires_at,
    }
}

impl From<&Document> for Write {
    /// The write that makes this very document.
    fn from(document: &Document) -> Self {
        Self {
            value: document.value.clone(),
            revision: document.revision,
            expires_at: document.expires_at,
            created_at: Some(document.created_at),
            modified_at: Some(document.modified_at),
        }
    }
}
