//! Changes: read, work out, and write if what was read is still there.
//!
//! * Within this process all who want to change one document stand in a line ([`Lines`]): their changes are worked out one
//!   after the other and written at once, as if each had been overwritten by the next at the same moment.
//! * Other processes are felt by the revision: if it is another one by now, all of it is worked out again.
//! * A write whose outcome is unknown is not repeated; whoever waits for it hears so.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};

use super::super::plan::{Plan, one_document};
use super::super::{Action, Batches, Operation, Outcome, Result, StoreError, Write};
use super::gate::in_time;
use super::lines::{Lines, Worker};
use super::{Ways, documents, ids};
use crate::domain::{AccountId, Change, Document, Key, Precondition, Timestamp};

/// When a change that did not come through is given up: before its caller gives up on the answer.
const PATIENCE: Duration = Duration::from_millis(3800);

/// The most changes in one write.
const TOGETHER: usize = 256;

/// How much work is done on the way, in bytes that are looked at. More is given to a thread of its own.
const LIGHT: usize = 256 * 1024;

/// The changes that are under way.
pub(super) struct Changes {
    lines: Arc<Lines<Waiting>>,
    /// What takes long is worked out by so many at once, so that everything else does not suffer.
    heavy: Semaphore,
}

/// Somebody who waits for their change.
struct Waiting {
    operation: Operation,
    now: Timestamp,
    until: Instant,
    caller: oneshot::Sender<Result<Document>>,
}

impl Waiting {
    fn answer(self, answer: Result<Document>) {
        // The caller may have given up.
        let _ = self.caller.send(answer);
    }
}

impl Changes {
    pub(super) fn new(counts: Batches) -> Self {
        Self { lines: Lines::new(counts), heavy: Semaphore::new(2) }
    }

    /// Works something out, on a thread of its own where it takes long.
    pub(super) async fn work_out<T: Send + 'static>(
        &self,
        work: Option<usize>,
        until: Instant,
        plan: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let unavailable = |why: String| StoreError::Unavailable(why);
        if work.is_some_and(|work| work <= LIGHT) {
            return Ok(plan());
        }
        let turn = timeout_at(until, self.heavy.acquire()).await;
        let _turn = turn
            .map_err(|_| unavailable("too many large changes".to_owned()))?
            .map_err(|error| unavailable(error.to_string()))?;
        tokio::task::spawn_blocking(plan).await.map_err(|error| unavailable(error.to_string()))
    }
}

pub(super) async fn change(
    ways: Arc<Ways>,
    changes: Arc<Changes>,
    account: AccountId,
    operation: Operation,
    now: Timestamp,
) -> Result<Document> {
    let (caller, answer) = oneshot::channel();
    let key = operation.key.clone();
    let waiting = Waiting { operation, now, until: Instant::now() + PATIENCE, caller };
    if let Some(worker) = changes.lines.join(ids::document(account, &key), waiting) {
        tokio::spawn(serve(ways, changes, worker, account, key));
    }
    answer.await.unwrap_or_else(|_| Err(StoreError::Unknown("the change was broken off".to_owned())))
}

async fn serve(ways: Arc<Ways>, changes: Arc<Changes>, mut worker: Worker<Waiting>, account: AccountId, key: Key) {
    while let Some(line) = worker.next(TOGETHER) {
        let (ways, changes, key) = (Arc::clone(&ways), Arc::clone(&changes), key.clone());
        // Where it does not end in time, nobody waits for it any more; what it still writes is tied to what it read.
        in_time(async move { together(&ways, &changes, account, &key, line).await }).await;
    }
}

/// Makes the changes of all these in one write.
async fn together(ways: &Ways, changes: &Changes, account: AccountId, key: &Key, mut line: Vec<Waiting>) {
    // They are made at one moment: when the last of them was asked for.
    let now = line.iter().map(|waiting| waiting.now).max().unwrap_or(Timestamp::from_millis(0));
    let mut present = match documents::get(&ways.db, account, key, now).await {
        Ok(present) => present,
        Err(reason) => return answer_all(line, &reason),
    };
    // Without pauses: whoever waits while another process writes again and again finds what it read gone each time.
    loop {
        let late = line.extract_if(.., |waiting| waiting.until <= Instant::now()).collect();
        answer_all(late, &StoreError::Unavailable("too many writers of one key".to_owned()));
        if line.is_empty() {
            return;
        }
        let (answers, write) = match work_out(changes, key, present.as_ref(), &line, now).await {
            Ok(worked_out) => worked_out,
            Err(reason) => return answer_all(line, &reason),
        };
        let when = present.as_ref().map_or(Precondition::Absent, |there| Precondition::Revision(there.revision));
        let written = match write {
            Some(write) => documents::put(ways, account, key, &write, &when, now).await.map(drop),
            None => Ok(()),
        };
        match written {
            Ok(()) => return line.into_iter().zip(answers).for_each(|(waiting, answer)| waiting.answer(answer)),
            Err(StoreError::Precondition(there)) => present = there.map(|there| *there),
            Err(reason) => return answer_all(line, &reason),
        }
    }
}

/// What each of them is to be answered, and what is to be written for it.
async fn work_out(
    changes: &Changes,
    key: &Key,
    present: Option<&Document>,
    line: &[Waiting],
    now: Timestamp,
) -> Result<(Vec<Result<Document>>, Option<Write>)> {
    let operations: Vec<Operation> = line.iter().map(|waiting| waiting.operation.clone()).collect();
    let until = line.iter().map(|waiting| waiting.until).max().unwrap_or_else(Instant::now);
    let bytes = present.map_or(0, |document| document.value.as_stored().len());
    let mut plan = Plan::default();
    plan.begin_with(key.clone(), present.cloned())?;
    let plan = move || {
        let outcome = |outcome: Outcome| one_document(vec![outcome]);
        let answers = operations.iter().map(|operation| plan.add(operation, now).and_then(outcome)).collect();
        let write = plan.steps().find_map(|step| step.after.flatten().map(Write::from));
        (answers, write)
    };
    changes.work_out(work(line.iter().map(|waiting| &waiting.operation), bytes), until, plan).await
}

/// Roughly how much work these are together, on values of so many bytes.
pub(super) fn work<'o>(operations: impl Iterator<Item = &'o Operation>, bytes: usize) -> Option<usize> {
    let of_one = |operation: &Operation| match &operation.action {
        Action::Change(change) => Change::work(change, bytes),
        Action::Get | Action::Put(_) | Action::Delete => Some(0),
    };
    operations.map(of_one).try_fold(0, |all: usize, work| Some(all.saturating_add(work?)))
}

fn answer_all(line: Vec<Waiting>, reason: &StoreError) {
    line.into_iter().for_each(|waiting| waiting.answer(Err(reason.clone())));
}
