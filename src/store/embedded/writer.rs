//! The writer: the one thread that changes the file.
//!
//! * It takes whatever waits, does it in one transaction, and answers when that is durable: many callers share the cost
//!   of one commit, and a lone one waits for nobody.
//! * An operation that is refused has changed nothing, so that it does not concern the others.
//! * Whatever fails, the thread goes on: it opens the file again, and until that succeeds it tells everybody at once.

use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use redb::{Durability, WriteTransaction};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, error::TryRecvError};

use super::fault::is_damage;
use super::open_file::OpenFile;
use super::queue::{Fate, Job, Message};
use super::tables::Tables;
use crate::domain::with_causes;
use crate::store::EmbeddedCounts;

/// The most operations in one transaction. More would make all of them wait for longer.
const BATCH_JOBS: usize = 1024;
/// The most bytes in one transaction; the last operation may exceed it.
const BATCH_BYTES: usize = 16 * 1024 * 1024;

/// From one attempt to open the file again to the next: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// How often those who come in the meantime are answered.
const TICK: Duration = Duration::from_millis(20);

/// What the thread works with.
pub(super) struct Writer {
    pub(super) file: Arc<OpenFile>,
    pub(super) queue: Receiver<Message>,
    /// Where most callers wait, if the store was opened there.
    pub(super) runtime: Option<Handle>,
    /// How many transactions were committed.
    pub(super) commits: Arc<AtomicU64>,
    pub(super) counts: EmbeddedCounts,
}

/// What became of a transaction.
struct Verdict {
    fate: Fate,
    /// Whether the database can be used as it is.
    sound: bool,
}

impl Verdict {
    const fn stands() -> Self {
        Self { fate: Fate::Stands, sound: true }
    }

    fn undone(why: impl ToString) -> Self {
        Self { fate: Fate::Undone(why.to_string()), sound: false }
    }

    fn unknown(why: impl ToString) -> Self {
        Self { fate: Fate::Unknown(why.to_string()), sound: false }
    }
}

impl Writer {
    /// Starts the thread. It ends, and closes the file, when the queue is closed and empty.
    pub(super) fn start(mut self) -> io::Result<JoinHandle<()>> {
        let work = move || {
            while let Some(batch) = self.next_batch() {
                self.work(batch);
            }
            self.file.close();
        };
        thread::Builder::new().name("keybin-writer".to_owned()).spawn(work)
    }

    /// Waits for work, and takes all there is within the bounds of a transaction.
    fn next_batch(&mut self) -> Option<Vec<Box<dyn Job>>> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut message = self.queue.blocking_recv()?;
        loop {
            match message {
                Message::Work(job) if job.is_abandoned() => {}
                Message::Work(job) => {
                    bytes += job.weight();
                    batch.push(job);
                }
                // A transaction, even an empty one, shows what is the matter.
                Message::Doubt => {}
            }
            if batch.len() == BATCH_JOBS || bytes >= BATCH_BYTES {
                return Some(batch);
            }
            message = match self.queue.try_recv() {
                Ok(next) => next,
                Err(_) => return Some(batch),
            };
        }
    }

    fn work(&mut self, mut batch: Vec<Box<dyn Job>>) {
        self.counts.writes.sizes.observe(batch.len() as f64);
        let verdict = self.attempt(&mut batch);
        if let Fate::Undone(why) | Fate::Unknown(why) = &verdict.fate {
            tracing::error!("store: a transaction of {} operations has failed: {why}", batch.len());
        }
        // Once before the answers, so that mostly whoever was told of the failure finds the store working again.
        let mended = verdict.sound || self.reopen();
        self.answer(batch, verdict.fate);
        if !mended {
            self.recover();
        }
    }

    /// Tells the callers. Those that are tasks are told by another of the runtime that they wait in: a thread from outside
    /// would have to wake a worker of the runtime for each of them. A thread is told at once: the runtime may be waiting for
    /// that very thread to end.
    fn answer(&self, batch: Vec<Box<dyn Job>>, fate: Fate) {
        let (threads, tasks): (Vec<_>, Vec<_>) = batch.into_iter().partition(|job| job.holds_a_thread());
        threads.into_iter().for_each(|job| job.answer(&fate));
        let tell = move || tasks.into_iter().for_each(|job| job.answer(&fate));
        match &self.runtime {
            Some(runtime) => drop(runtime.spawn(async move { tell() })),
            None => tell(),
        }
    }

    /// Does the operations in one transaction.
    fn attempt(&self, batch: &mut [Box<dyn Job>]) -> Verdict {
        let committing = Cell::new(false);
        match catch_unwind(AssertUnwindSafe(|| self.transact(batch, &committing))) {
            Ok(verdict) => verdict,
            Err(_) if committing.get() => Verdict::unknown("the commit panicked"),
            // Unwinding has dropped the transaction; redb frees its pages when the file is opened again.
            Err(_) => Verdict::undone("an operation panicked"),
        }
    }

    fn transact(&self, batch: &mut [Box<dyn Job>], committing: &Cell<bool>) -> Verdict {
        let begun = Instant::now();
        let mut transaction = match self.file.begin_write() {
            Ok(transaction) => transaction,
            Err(fault) => return Verdict::undone(fault.of_a_reading()),
        };
        if let Err(error) = prepare(&mut transaction) {
            return Verdict::undone(error);
        }
        match run(&transaction, batch) {
            Ok(true) => {
                committing.set(true);
                match transaction.commit() {
                    Ok(()) => {
                        self.commits.fetch_add(1, Ordering::Relaxed);
                        self.counts.commits.observe(begun.elapsed().as_secs_f64());
                        // Before anybody is told: whoever was told must find what was written.
                        let shown = self.file.show_commit();
                        Verdict { sound: shown.is_ok(), ..Verdict::stands() }
                    }
                    Err(error) => Verdict::unknown(error),
                }
            }
            Ok(false) => {
                let sound = transaction.abort().is_ok();
                Verdict { sound, ..Verdict::stands() }
            }
            Err(error) => {
                // Opening the file again would mend no damage, only interrupt those who read elsewhere in it.
                let sound = transaction.abort().is_ok() && is_damage(&error);
                Verdict { sound, ..Verdict::undone(error) }
            }
        }
    }

    fn reopen(&self) -> bool {
        match catch_unwind(AssertUnwindSafe(|| self.file.reopen())) {
            Ok(Ok(())) => {
                tracing::info!("store: the file is open again");
                true
            }
            Ok(Err(error)) => {
                tracing::error!("store: {}", with_causes(&error));
                false
            }
            Err(_) => {
                tracing::error!("store: opening the file again panicked");
                false
            }
        }
    }

    /// Tries to open the file again until it succeeds or the store is closed.
    fn recover(&mut self) {
        let mut pause = PAUSES.0;
        while self.refuse_during(pause) && !self.reopen() {
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Refuses whatever comes during a pause. `false` when the store is closed.
    fn refuse_during(&mut self, pause: Duration) -> bool {
        let end = Instant::now() + pause;
        while Instant::now() < end {
            match self.queue.try_recv() {
                Ok(Message::Work(job)) => job.answer(&Fate::Undone("the file is not open".to_owned())),
                Ok(Message::Doubt) => {}
                Err(TryRecvError::Empty) => thread::sleep(TICK),
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        true
    }
}

/// Every commit is on the disk before it returns, and in two phases: the values come from outside, and with one phase
/// redb would rely on a checksum that can be forged to tell whether a commit was broken off. `quick_repair` means both
/// phases, and also keeps the list of free pages with each commit. That costs some time as the file grows (about 1 ms
/// for each GB, shared by a batch), but without it a crash or a full disk would be followed by a walk through the whole
/// file before anybody can read.
fn prepare(transaction: &mut WriteTransaction) -> Result<(), redb::Error> {
    transaction.set_durability(Durability::Immediate)?;
    transaction.set_quick_repair(true);
    Ok(())
}

/// Runs the operations. `true` when there is something to be made durable.
fn run(transaction: &WriteTransaction, batch: &mut [Box<dyn Job>]) -> Result<bool, Box<redb::Error>> {
    let mut tables = Tables::open(transaction).map_err(redb::Error::from)?;
    let mut changes = false;
    for job in batch {
        changes |= job.run(&mut tables)?;
    }
    Ok(changes)
}
