//! The queue to the writer: how operations are handed over and how their callers hear of them.
//!
//! An operation whose caller has gone before it began is not begun; one that has begun is finished all the same.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::oneshot;

use super::fault::{Fault, unavailable};
use super::tables::Tables;
use crate::store::{Failures, Result, StoreError};
use crate::tally::{Held, Level};

/// How many operations may wait.
pub(super) const ROOM: usize = 4096;

/// What the writer is told.
pub(super) enum Message {
    /// Here is work.
    Work(Box<dyn Job>),
    /// Somebody's reading failed as it does when the file should be opened again.
    Doubt,
}

/// What became of the transaction that an operation was part of.
pub(super) enum Fate {
    /// It is durable, or there was nothing to be made durable.
    Stands,
    /// Nothing of it is left.
    Undone(String),
    /// Nobody knows.
    Unknown(String),
}

/// An operation that waits in the queue.
pub(super) trait Job: Send {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    /// Whether a thread does nothing but wait for the answer.
    fn holds_a_thread(&self) -> bool;
    /// Roughly how many bytes it writes.
    fn weight(&self) -> usize;
    /// Does the work. `true` when there is something to be made durable.
    fn run(&mut self, tables: &mut Tables<'_>) -> std::result::Result<bool, Box<redb::Error>>;
    /// Tells the caller. Called once, after the transaction is over.
    fn answer(self: Box<Self>, fate: &Fate);
}

/// What an operation is to its transaction.
#[derive(Clone, Copy)]
enum Kind {
    /// It writes about so many bytes.
    Write(usize),
    /// It changes nothing.
    Look,
}

/// Who waits for the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    Task,
    Thread,
}

struct Pending<T, F> {
    kind: Kind,
    waiting: Caller,
    /// Gone once it has begun, and with it its place among those that wait.
    operation: Option<(F, Held)>,
    outcome: Option<Result<T>>,
    caller: oneshot::Sender<Result<T>>,
}

impl<T, F> Job for Pending<T, F>
where
    T: Send,
    F: FnOnce(&mut Tables<'_>) -> Result<T, Fault> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.caller.is_closed()
    }

    fn holds_a_thread(&self) -> bool {
        self.waiting == Caller::Thread
    }

    fn weight(&self) -> usize {
        match self.kind {
            Kind::Write(bytes) => bytes,
            Kind::Look => 0,
        }
    }

    fn run(&mut self, tables: &mut Tables<'_>) -> std::result::Result<bool, Box<redb::Error>> {
        let Some((operation, _place)) = self.operation.take() else {
            return Ok(false);
        };
        let outcome = match operation(tables) {
            Ok(done) => Ok(done),
            Err(Fault::Refused(answer)) => Err(answer),
            Err(Fault::Broken(error)) => return Err(error),
        };
        let changes = outcome.is_ok() && matches!(self.kind, Kind::Write(_));
        self.outcome = Some(outcome);
        Ok(changes)
    }

    fn answer(self: Box<Self>, fate: &Fate) {
        let answer = match fate {
            Fate::Stands => self.outcome.unwrap_or_else(|| Err(unavailable("not begun"))),
            Fate::Unknown(why) if matches!(self.kind, Kind::Write(_)) => Err(StoreError::Unknown(why.clone())),
            Fate::Undone(why) | Fate::Unknown(why) => Err(unavailable(why)),
        };
        // The caller may have gone in the meantime.
        let _ = self.caller.send(answer);
    }
}

/// The callers' end of the queue.
#[derive(Clone)]
pub(super) struct Queue(Arc<Entrance>);

struct Entrance {
    /// `None` when the store is closed.
    sender: RwLock<Option<mpsc::Sender<Message>>>,
    waiting: Level,
    failures: Failures,
}

impl Queue {
    /// The queue, and the writer's end of it; it counts how many wait, and what was not done.
    pub(super) fn new(waiting: Level, failures: Failures) -> (Self, mpsc::Receiver<Message>) {
        let (sender, receiver) = mpsc::channel(ROOM);
        (Self(Arc::new(Entrance { sender: RwLock::new(Some(sender)), waiting, failures })), receiver)
    }

    /// Counts an answer that is a failure, whoever gave it.
    pub(super) fn note<T>(&self, answer: Result<T>) -> Result<T> {
        self.0.failures.note(answer)
    }

    /// Has an operation done that writes about `bytes` bytes. Refused at once when the queue is full.
    pub(super) async fn write<T, F>(&self, bytes: usize, operation: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tables<'_>) -> Result<T, Fault> + Send + 'static,
    {
        self.have_done(Kind::Write(bytes), operation).await
    }

    /// Has an operation done that changes nothing, by the writer.
    pub(super) async fn look<T, F>(&self, operation: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tables<'_>) -> Result<T, Fault> + Send + 'static,
    {
        self.have_done(Kind::Look, operation).await
    }

    /// Has an operation done; waits while the queue is full.
    pub(super) async fn write_patiently<T, F>(&self, operation: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tables<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let (message, answer) = self.message(Kind::Write(0), Caller::Task, operation);
        self.sender()?.send(message).await.map_err(|_| closed())?;
        answer.await.unwrap_or_else(|_| lost())
    }

    /// The same for a thread.
    pub(super) fn write_blocking<T, F>(&self, operation: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tables<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let (message, answer) = self.message(Kind::Write(0), Caller::Thread, operation);
        self.sender()?.blocking_send(message).map_err(|_| closed())?;
        answer.blocking_recv().unwrap_or_else(|_| lost())
    }

    /// Tells the writer to look after the file.
    pub(super) fn doubt(&self) {
        if let Ok(sender) = self.sender() {
            // A writer that is busy finds out by itself.
            let _ = sender.try_send(Message::Doubt);
        }
    }

    /// Takes nothing more. What is in the queue is still done.
    pub(super) fn close(&self) {
        self.0.sender.write().unwrap_or_else(PoisonError::into_inner).take();
    }

    async fn have_done<T, F>(&self, kind: Kind, operation: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tables<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let answer = match self.try_hand_over(kind, operation) {
            Ok(answer) => answer.await.unwrap_or_else(|_| lost()),
            Err(reason) => Err(reason),
        };
        self.note(answer)
    }

    fn try_hand_over<T, F>(&self, kind: Kind, operation: F) -> Result<oneshot::Receiver<Result<T>>>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tables<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let (message, answer) = self.message(kind, Caller::Task, operation);
        self.sender()?.try_send(message).map_err(|error| match error {
            TrySendError::Full(_) => unavailable("too many writes are waiting"),
            TrySendError::Closed(_) => closed(),
        })?;
        Ok(answer)
    }

    /// Cloned for the moment of handing over: the writer ends when no sender is left.
    fn sender(&self) -> Result<mpsc::Sender<Message>> {
        self.0.sender.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)
    }

    fn message<T, F>(&self, kind: Kind, waiting: Caller, operation: F) -> (Message, oneshot::Receiver<Result<T>>)
    where
        T: Send + 'static,
        F: FnOnce(&mut Tables<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let operation = Some((operation, Held::on(&self.0.waiting)));
        (Message::Work(Box::new(Pending { kind, waiting, operation, outcome: None, caller })), answer)
    }
}

fn closed() -> StoreError {
    unavailable("the store is closed")
}

/// The writer has let an operation drop, and cannot say any more how far it had come.
fn lost<T>() -> Result<T> {
    Err(StoreError::Unknown("the writer was lost".to_owned()))
}
