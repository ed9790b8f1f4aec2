//! The gate every operation passes: open only while the database is prepared, with a deadline and a bound on how many
//! are under way.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::super::{Failures, Result, StoreError};

/// When an answer is given up on. Longer than the driver's server selection, so that "not reachable" is told as what it
/// is, and shorter than the five seconds that callers were promised.
pub(super) const DEADLINE: Duration = Duration::from_millis(4200);

/// Operations under way at once; beyond that, callers are turned away at once instead of queueing for ever.
const MAX_IN_FLIGHT: u32 = 2048;

/// One operation under way.
pub(super) type Permit = OwnedSemaphorePermit;

/// See the module.
#[derive(Debug)]
pub(super) struct Gate {
    open: AtomicBool,
    permits: Arc<Semaphore>,
    failures: Failures,
}

impl Gate {
    /// A gate that lets nobody through until [`Gate::open`].
    pub(super) fn closed(failures: Failures) -> Self {
        let permits = Arc::new(Semaphore::new(MAX_IN_FLIGHT as usize));
        Self { open: AtomicBool::new(false), permits, failures }
    }

    /// Lets operations through.
    pub(super) fn open(&self) {
        self.open.store(true, Ordering::Release);
    }

    /// Lets nobody through any more, and waits (for at most [`DEADLINE`]) until those under way are through.
    pub(super) async fn close(&self) {
        self.open.store(false, Ordering::Release);
        let all = timeout(DEADLINE, self.permits.acquire_many(MAX_IN_FLIGHT)).await;
        drop(all);
        self.permits.close();
    }

    /// Runs an operation that changes nothing.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        operation: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let done = self.pass(operation).await;
        self.note(done.unwrap_or_else(|| Err(StoreError::Unavailable("no answer in time".into()))))
    }

    /// Runs an operation that may change something. After the deadline it goes on, unwatched.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        operation: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let done = self.pass(operation).await;
        self.note(done.unwrap_or_else(|| Err(StoreError::Unknown("no answer in time".into()))))
    }

    /// Runs an operation; `None` when it did not end in time.
    async fn pass<T: Send + 'static>(
        &self,
        operation: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Option<Result<T>> {
        match self.enter() {
            Ok(permit) => finish(spawn(permit, operation)).await,
            Err(reason) => Some(Err(reason)),
        }
    }

    /// Counts an answer that is a failure.
    pub(super) fn note<T>(&self, answer: Result<T>) -> Result<T> {
        self.failures.note(answer)
    }

    /// Lets one operation in, which is under way as long as the permit lives.
    pub(super) fn enter(&self) -> Result<Permit> {
        if !self.open.load(Ordering::Acquire) {
            return Err(StoreError::Unavailable("the database is not prepared".into()));
        }
        Arc::clone(&self.permits).try_acquire_owned().map_err(|_| StoreError::Unavailable("too many operations".into()))
    }
}

/// The permit goes with the task, so that abandoned operations count until they end.
fn spawn<T: Send + 'static>(permit: Permit, operation: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(async move {
        let _permit = permit;
        operation.await
    })
}

/// Does something that asks the driver, and gives up on it after [`DEADLINE`]: then it goes on unwatched. For those who work
/// for others: a connection that died without a word would hold them for minutes, and everybody who comes after.
pub(super) async fn in_time<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    finish(tokio::spawn(work)).await
}

/// What the task gave; `None` when it did not end in time or panicked.
async fn finish<T>(task: JoinHandle<T>) -> Option<T> {
    timeout(DEADLINE, task).await.ok()?.ok()
}
