//! Import: documents from lines that an export wrote, or somebody else.

use std::collections::HashSet;

use futures_util::future::join_all;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use super::line;
use crate::auth::Principal;
use crate::domain::{Key, Precondition};
use crate::service::{Documents, Result, ServiceError};
use crate::store::{StoreError, Write};

/// Lines written at the same time, so that they share the cost of becoming durable.
const BATCH: usize = 64;

/// Bytes of lines that a batch may have.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Lines that are told one by one when they are not taken.
const REJECTED: usize = 1000;

/// What to do with a document whose key is there already.
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

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Documents that were written, or would have been.
    pub written: u64,
    /// Documents that were left as they are, because their key is there or they have expired.
    pub skipped: u64,
    /// The first lines that were not taken.
    pub failed: Vec<Rejected>,
    /// How many more were not taken.
    pub more_failed: u64,
}

/// A line that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Which one, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

impl Documents {
    /// Takes documents in. With `dry_run`, only tells what would come of it.
    ///
    /// # Errors
    /// Those of the store, as long as nothing was written; later they end the report.
    pub async fn import(
        &self,
        caller: &Principal,
        source: &mut (impl AsyncBufRead + Unpin + Send),
        mode: ImportMode,
        dry_run: bool,
    ) -> Result<ImportReport> {
        let mut import = Import { documents: self, caller, mode, dry_run, report: ImportReport::default() };
        let longest = self.max_value_bytes() + line::ENVELOPE_BYTES;
        let mut lines = Lines { source, number: 0, longest, broke_off: false };
        let mut batch = Batch::default();
        let limit = if mode == ImportMode::Fail { 1 } else { BATCH };
        while let Some((number, text)) = lines.next().await {
            let bytes = text.as_ref().map_or(0, Vec::len);
            let read = text.and_then(|text| line::read(&text, self.max_value_bytes()));
            let (key, write) = match read {
                Ok(read) => read,
                Err(reason) => {
                    import.reject(number, reason);
                    continue;
                }
            };
            if (batch.is_full(limit) || batch.keys.contains(&key)) && !import.write(&mut batch).await? {
                return Ok(import.report);
            }
            batch.add(number, key, write, bytes);
        }
        import.write(&mut batch).await?;
        Ok(import.report)
    }
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

/// An import under way.
struct Import<'i> {
    documents: &'i Documents,
    caller: &'i Principal,
    mode: ImportMode,
    dry_run: bool,
    report: ImportReport,
}

impl Import<'_> {
    /// Writes a batch; `false` when the import ends here.
    async fn write(&mut self, batch: &mut Batch) -> Result<bool> {
        let Batch { lines, .. } = std::mem::take(batch);
        let outcomes = join_all(lines.iter().map(|(_, key, write)| self.write_one(key, write))).await;
        let mut goes_on = true;
        for ((number, key, _), outcome) in lines.into_iter().zip(outcomes) {
            match outcome {
                Ok(true) => self.report.written += 1,
                Ok(false) if self.mode == ImportMode::Fail => {
                    self.reject(number, format!("there is a document under the key {key} already"));
                    goes_on = false;
                }
                Ok(false) => self.report.skipped += 1,
                Err(ServiceError::TooLarge) => self.reject(number, "the value is too large".to_owned()),
                Err(error) if self.report.written == 0 => return Err(error),
                Err(error) => {
                    tracing::warn!("import: {error}");
                    self.reject(number, "the store is not available; the import ended here".to_owned());
                    goes_on = false;
                }
            }
        }
        Ok(goes_on)
    }

    /// Whether the document was written; `false` where its key is there already, or it has expired.
    async fn write_one(&self, key: &Key, write: &Write) -> Result<bool> {
        let Documents { store, clock, .. } = self.documents;
        let (account, now) = (self.caller.account(), clock.now());
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

    fn reject(&mut self, line: u64, reason: String) {
        if self.report.failed.len() < REJECTED {
            self.report.failed.push(Rejected { line, reason });
        } else {
            self.report.more_failed += 1;
        }
    }
}

/// The lines of a source, none of them longer than is allowed.
struct Lines<'s, S> {
    source: &'s mut S,
    number: u64,
    longest: usize,
    broke_off: bool,
}

impl<S: AsyncBufRead + Unpin> Lines<'_, S> {
    /// The next line that is not blank, with its number, or what is wrong with it.
    async fn next(&mut self) -> Option<(u64, Result<Vec<u8>, String>)> {
        while !self.broke_off {
            self.number += 1;
            match self.read().await {
                Ok(None) => return None,
                Ok(Some(line)) if line.trim_ascii().is_empty() => {}
                Ok(Some(line)) if line.len() > self.longest => {
                    return Some((self.number, Err(format!("the line is longer than {} bytes", self.longest))));
                }
                Ok(Some(line)) => return Some((self.number, Ok(line))),
                Err(error) => {
                    self.broke_off = true;
                    return Some((self.number, Err(format!("the file broke off here: {error}"))));
                }
            }
        }
        None
    }

    /// The next line without its end. Of one that is too long, only the beginning.
    async fn read(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            let piece = self.source.fill_buf().await?;
            if piece.is_empty() {
                return Ok(Some(line).filter(|line| !line.is_empty()));
            }
            let (taken, is_end) = match piece.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end, true),
                None => (piece.len(), false),
            };
            let room = (self.longest + 1).saturating_sub(line.len());
            line.extend_from_slice(&piece[..taken.min(room)]);
            self.source.consume(taken + usize::from(is_end));
            if is_end {
                return Ok(Some(line));
            }
        }
    }
}
