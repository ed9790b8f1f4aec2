//! Housekeeping: a thread that removes what has expired and finishes erasures that were broken off.
//!
//! It works through the writer's queue like everybody else, a little at a time, so that nobody is held up. A thread of
//! its own and not a task, so that a store can be opened where no runtime runs.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use redb::ReadableTable;

use super::fault::Fault;
use super::open_file::OpenFile;
use super::queue::Queue;
use super::snapshot::Snapshot;
use super::tables::{Expiring, Tables, first_live_expiry, split_expiry};
use super::{documents, erasure, tokens};
use crate::domain::{Clock, Timestamp};
use crate::store::StoreError;

/// From the end of one round to the beginning of the next.
const PAUSE: Duration = Duration::from_secs(30);

/// How much one transaction may remove.
pub(super) struct Budget {
    entries: usize,
    bytes: usize,
}

impl Budget {
    pub(super) const ENTRIES: usize = 1000;
    const BYTES: usize = 8 * 1024 * 1024;

    pub(super) const fn new() -> Self {
        Self { entries: Self::ENTRIES, bytes: Self::BYTES }
    }

    /// Takes one entry of `bytes` bytes out of the budget. The last may overdraw it.
    pub(super) const fn spend(&mut self, bytes: usize) {
        self.entries = self.entries.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    pub(super) const fn is_spent(&self) -> bool {
        self.entries == 0 || self.bytes == 0
    }
}

/// Removes some of what has expired at `now`. `true` when nothing of it is left.
///
/// What an entry leads to is removed only if it still expires at the time of the entry.
pub(super) fn sweep(tables: &mut Tables<'_>, now: Timestamp) -> Result<bool, Fault> {
    let mut budget = Budget::new();
    while !budget.is_spent() {
        let Some(entry) = first_due(&tables.expiries, now)? else {
            return Ok(true);
        };
        tables.expiries.remove(&*entry)?;
        let removed = match split_expiry(&entry) {
            Ok((end, Expiring::Token, place)) => tokens::expire(tables, place, end).map(|()| 0),
            Ok((end, Expiring::Document, place)) => documents::expire(tables, place, end),
            Err(malformed) => Err(malformed.into()),
        };
        match removed {
            Ok(bytes) => budget.spend(bytes),
            // A damaged record stays, for whoever asks for it to be told; its entry is of no more use.
            Err(Fault::Refused(answer)) => {
                tracing::warn!("store: something that has expired cannot be removed: {answer}");
                budget.spend(0);
            }
            Err(broken) => return Err(broken),
        }
    }
    Ok(false)
}

fn first_due(expiries: &impl ReadableTable<&'static [u8], ()>, now: Timestamp) -> Result<Option<Vec<u8>>, Fault> {
    match expiries.range::<&[u8]>(..&*first_live_expiry(now))?.next() {
        Some(entry) => Ok(Some(entry?.0.value().to_vec())),
        None => Ok(None),
    }
}

/// The thread, and what it works with.
pub(super) struct Housekeeper {
    pub(super) file: Arc<OpenFile>,
    pub(super) queue: Queue,
    pub(super) clock: Arc<dyn Clock>,
}

impl Housekeeper {
    /// Starts the thread. It ends when the other end of `stop` is dropped.
    pub(super) fn start(self, stop: Receiver<()>) -> io::Result<JoinHandle<()>> {
        let work = move || {
            loop {
                // A round that panicked must not be the last.
                match catch_unwind(AssertUnwindSafe(|| self.round())) {
                    Ok(Ok(())) => {}
                    Ok(Err(StoreError::Unavailable(_))) => tracing::debug!("store: housekeeping has to wait"),
                    Ok(Err(error)) => tracing::warn!("store: housekeeping is broken off: {error}"),
                    Err(_) => tracing::error!("store: housekeeping panicked"),
                }
                if !matches!(stop.recv_timeout(PAUSE), Err(RecvTimeoutError::Timeout)) {
                    return;
                }
            }
        };
        thread::Builder::new().name("keybin-housekeeping".to_owned()).spawn(work)
    }

    fn round(&self) -> Result<(), StoreError> {
        for id in self.read(erasure::unfinished)? {
            while !self.queue.write_blocking(move |tables| erasure::clear(tables, id))? {}
        }
        let now = self.clock.now();
        let is_due = |snapshot: &Snapshot| first_due(&snapshot.expiries, now);
        // Looked up first: a write with nothing to do would still have to be made durable.
        if self.read(is_due)?.is_some() {
            while !self.queue.write_blocking(move |tables| sweep(tables, now))? {}
        }
        Ok(())
    }

    fn read<T>(&self, look: impl FnOnce(&Snapshot) -> Result<T, Fault>) -> Result<T, StoreError> {
        self.file.read(look).map_err(Fault::of_a_reading)
    }
}
