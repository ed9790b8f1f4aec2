//! Import: documents from lines that an export wrote, or somebody else.

use std::collections::HashSet;

use futures_util::future::join_all;
use tokio::io::AsyncBufRead;

use super::source::Lines;
use super::{ImportReport, Reach, line, profile};
use crate::auth::Principal;
use crate::domain::{AccountId, Key, Precondition, Scope};
use crate::service::{Documents, Operator, Result, ServiceError};
use crate::store::{StoreError, Write};

/// Lines written at the same time, so that they share the cost of becoming durable.
const BATCH: usize = 64;

/// Bytes of lines that a batch may have.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// What to do with what is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImportMode {
    /// Leave what is there.
    #[default]
    Skip,
    /// Take what comes.
    Overwrite,
    /// Stop.
    Fail,
}

impl ImportMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Skip, Self::Overwrite, Self::Fail];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Overwrite => "overwrite",
            Self::Fail => "fail",
        }
    }

    /// The mode of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

impl Documents {
    /// Takes documents in. With `dry_run`, only tells what would come of it.
    ///
    /// # Errors
    /// [`ServiceError::NotGranted`] for a caller who may write nothing at all. Those of the store, as long as nothing was
    /// written; later they end the report.
    pub async fn import(
        &self,
        caller: &Principal,
        source: &mut (impl AsyncBufRead + Unpin + Send),
        mode: ImportMode,
        dry_run: bool,
    ) -> Result<ImportReport> {
        if caller.grant().scope == Scope::Read {
            return Err(ServiceError::NotGranted);
        }
        Import::new(self, Target::One(Reach::of(caller)), mode, dry_run).take(source).await
    }
}

impl Operator {
    /// Takes documents into an account.
    ///
    /// # Errors
    /// As [`Documents::import`].
    pub async fn import(
        &self,
        account: AccountId,
        source: &mut (impl AsyncBufRead + Unpin + Send),
        mode: ImportMode,
        dry_run: bool,
    ) -> Result<ImportReport> {
        let target = Target::One(Reach::whole(account));
        Import::new(&self.documents, target, mode, dry_run).take(source).await
    }
}

/// Where documents go.
pub(super) enum Target {
    /// To one account.
    One(Reach),
    /// To the account whose line stands before them, if one does.
    Archive(Option<Reach>),
    /// Nowhere, because that line was not taken.
    LeftOut,
}

/// Documents that are written together, each under another key.
#[derive(Default)]
struct Batch {
    lines: Vec<(u64, Key, Write)>,
    keys: HashSet<Key>,
    bytes: usize,
}

impl Batch {
    fn is_full(&self, limit: usize) -> bool {
        self.lines.len() >= limit || self.bytes >= BATCH_BYTES
    }

    fn add(&mut self, number: u64, key: Key, write: Write, bytes: usize) {
        self.keys.insert(key.clone());
        self.lines.push((number, key, write));
        self.bytes += bytes;
    }
}

/// Whether an import goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Line,
    End,
}

/// An import under way.
pub(super) struct Import<'i> {
    pub(super) documents: &'i Documents,
    pub(super) target: Target,
    pub(super) mode: ImportMode,
    pub(super) dry_run: bool,
    pub(super) report: ImportReport,
    batch: Batch,
}

impl<'i> Import<'i> {
    pub(super) fn new(documents: &'i Documents, target: Target, mode: ImportMode, dry_run: bool) -> Self {
        Self { documents, target, mode, dry_run, report: ImportReport::default(), batch: Batch::default() }
    }

    /// Takes in what comes.
    pub(super) async fn take(mut self, source: &mut (impl AsyncBufRead + Unpin + Send)) -> Result<ImportReport> {
        let mut lines = Lines::of(source, self.documents.max_value_bytes() + line::ENVELOPE_BYTES);
        while let Some((number, text)) = lines.next().await {
            let next = match text {
                Ok(text) if profile::is_one(&text) => self.account(number, &text).await?,
                Ok(text) => self.document(number, &text).await?,
                Err(reason) => self.reject(number, reason),
            };
            if next == Next::End {
                return Ok(self.report);
            }
        }
        self.write().await?;
        Ok(self.report)
    }

    async fn account(&mut self, number: u64, text: &[u8]) -> Result<Next> {
        if matches!(self.target, Target::One(_)) {
            return Ok(self.reject(number, "this is a line of an archive, which is not imported into one account"));
        }
        if self.write().await? == Next::End {
            return Ok(Next::End);
        }
        match self.admit(number, text).await {
            Err(error) => self.broke_off(number, error),
            admitted => admitted,
        }
    }

    async fn document(&mut self, number: u64, text: &[u8]) -> Result<Next> {
        let grant = match &self.target {
            Target::One(reach) | Target::Archive(Some(reach)) => &reach.grant,
            Target::Archive(None) => return Ok(self.reject(number, "no account stands before this document")),
            Target::LeftOut => {
                self.report.skipped += 1;
                return Ok(Next::Line);
            }
        };
        let (key, write) = match line::read(text, self.documents.max_value_bytes()) {
            Ok((key, _)) if !grant.writes(&key) => {
                return Ok(self.reject(number, format!("the token does not reach the key {key}")));
            }
            Ok(read) => read,
            Err(reason) => return Ok(self.reject(number, reason)),
        };
        let limit = if self.mode == ImportMode::Fail { 1 } else { BATCH };
        if (self.batch.is_full(limit) || self.batch.keys.contains(&key)) && self.write().await? == Next::End {
            return Ok(Next::End);
        }
        self.batch.add(number, key, write, text.len());
        Ok(Next::Line)
    }

    /// Writes what is waiting.
    async fn write(&mut self) -> Result<Next> {
        let Batch { lines, .. } = std::mem::take(&mut self.batch);
        let (Target::One(reach) | Target::Archive(Some(reach))) = &self.target else { return Ok(Next::Line) };
        let outcomes = join_all(lines.iter().map(|(_, key, write)| self.write_one(reach, key, write))).await;
        let mut next = Next::Line;
        for ((number, key, _), outcome) in lines.into_iter().zip(outcomes) {
            match outcome {
                Ok(true) => self.report.written += 1,
                Ok(false) if self.mode == ImportMode::Fail => {
                    self.reject(number, format!("there is a document under the key {key} already"));
                    next = Next::End;
                }
                Ok(false) => self.report.skipped += 1,
                Err(ServiceError::TooLarge) => drop(self.reject(number, "the value is too large")),
                Err(error) => next = self.broke_off(number, error)?,
            }
        }
        Ok(next)
    }

    /// Whether the document was written; `false` where its key is there already, or it has expired.
    async fn write_one(&self, reach: &Reach, key: &Key, write: &Write) -> Result<bool> {
        let Documents { store, clock, .. } = self.documents;
        let (account, now) = (reach.account, clock.now());
        if write.expires_at.is_some_and(|end| end <= now) {
            return Ok(false);
        }
        let when = match self.mode {
            ImportMode::Overwrite => Precondition::None,
            ImportMode::Skip | ImportMode::Fail => Precondition::Absent,
        };
        if self.dry_run {
            let is_there = when == Precondition::Absent && store.get(account, key, now).await?.is_some();
            return Ok(!is_there);
        }
        match store.put(account, key, write, when, now).await {
            Ok(_) => Ok(true),
            Err(StoreError::Precondition(_)) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }

    pub(super) fn reject(&mut self, line: u64, reason: impl Into<String>) -> Next {
        self.report.reject(line, reason);
        Next::Line
    }

    /// What becomes of an import when the store does not go along: as long as nothing was done, it was not begun.
    fn broke_off(&mut self, line: u64, error: ServiceError) -> Result<Next> {
        if self.report.written == 0 && self.report.accounts == 0 {
            return Err(error);
        }
        tracing::warn!("import: {error}");
        self.reject(line, "the store is not available; the import ended here");
        Ok(Next::End)
    }
}
