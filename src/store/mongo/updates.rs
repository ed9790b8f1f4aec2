//! Updates of documents. Those that arrive while others are under way go out as one `update` command, which waits once
//! for the journal and the majority.
//!
//! * What concerns one document goes through one lane, so that its updates are made in the order in which they came.
//! * Only updates that also insert go together: the server tells for each of them whether it inserted, and a refusal of
//!   each, but how many documents matched only for all.
//! * A command whose answer was lost is sent once more under the same number, by which the server knows what it has done
//!   already (MongoDB manual, "Retryable Writes"). A standalone server knows no such numbers: there it is not repeated.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bson::raw::{RawArrayBuf, RawDocumentBuf, cstr};
use bson::{Document as BsonDocument, rawdoc};
use mongodb::ClientSession;
use mongodb::error::{Error, ErrorKind, RETRYABLE_WRITE_ERROR};
use tokio::sync::{OnceCell, oneshot};

use super::super::{Batches, Result, StoreError};
use super::client::Collections;
use super::gate::in_time;
use super::together::{Together, Worker};
use super::{accounts, failure};

/// How many lanes there are: commands under way at once.
const LANES: usize = 2;

/// The most updates in one command, and how much they weigh at the most, in bytes.
const MOST: usize = 512;
const HEAVIEST: usize = 1024 * 1024;

/// Up to this size an update goes with others, in bytes. A larger one goes alone, so that they do not wait for it.
pub(super) const LIGHT: usize = 32 * 1024;

/// The first number of a command in a session. The driver counts from 1 in the same sessions.
const FIRST_NUMBER: i64 = 1 << 32;

/// What came of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Updated {
    /// There was a document.
    Existing,
    /// There was none, and now there is.
    Inserted,
    /// The server refused it, with this code.
    Refused(i32),
}

/// Somebody who waits for an update.
struct Waiting {
    /// `{q, u, upsert: true}`
    statement: RawDocumentBuf,
    caller: oneshot::Sender<Result<Updated>>,
}

/// See the module.
pub(super) struct Updates {
    db: Arc<Collections>,
    lanes: Vec<Arc<Together<Waiting>>>,
    hasher: RandomState,
    sessions: Sessions,
}

impl Updates {
    pub(super) fn new(db: Arc<Collections>, counts: &Batches) -> Arc<Self> {
        let lanes = (0..LANES).map(|_| Together::new(1, counts.clone())).collect();
        Arc::new(Self { db, lanes, hasher: RandomState::new(), sessions: Sessions::default() })
    }

    /// Updates the document with this id, or inserts it.
    pub(super) async fn upsert(
        self: &Arc<Self>,
        id: &str,
        filter: RawDocumentBuf,
        update: RawDocumentBuf,
    ) -> Result<Updated> {
        let mut statement = RawDocumentBuf::new();
        statement.append(cstr!("q"), filter);
        statement.append(cstr!("u"), update);
        statement.append(cstr!("upsert"), true);
        let lane = &self.lanes[self.hasher.hash_one(id) as usize % self.lanes.len()];
        let (caller, answer) = oneshot::channel();
        if let Some(worker) = lane.join(Waiting { statement, caller }, Instant::now()) {
            let updates = Arc::clone(self);
            tokio::spawn(async move { updates.serve(worker).await });
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::Unknown("the update was broken off".into())))
    }

    async fn serve(self: Arc<Self>, mut worker: Worker<Waiting>) {
        while let Some(line) = worker.next(MOST, HEAVIEST, |waiting| waiting.statement.as_bytes().len()) {
            let (statements, callers): (Vec<_>, Vec<_>) =
                line.into_iter().map(|waiting| (waiting.statement, waiting.caller)).unzip();
            let updates = Arc::clone(&self);
            let answers = in_time(async move { updates.send(&statements).await }).await;
            let answers = answers.unwrap_or_else(|| Err(StoreError::Unknown("no answer in time".into())));
            for (index, caller) in callers.into_iter().enumerate() {
                let answer = match &answers {
                    Ok(answers) => answers[index].clone(),
                    Err(reason) => Err(reason.clone()),
                };
                // The caller may have given up.
                let _ = caller.send(answer);
            }
        }
    }

    async fn send(&self, statements: &[RawDocumentBuf]) -> Result<Vec<Result<Updated>>> {
        let mut updates = RawArrayBuf::new();
        for statement in statements {
            updates.push(statement.as_ref());
        }
        let mut command = RawDocumentBuf::new();
        command.append(cstr!("update"), self.db.documents.name());
        command.append(cstr!("updates"), updates);
        // One that is refused does not keep the others from being made. They are made in this order all the same.
        command.append(cstr!("ordered"), false);
        command.append(cstr!("writeConcern"), rawdoc! { "w": "majority", "j": true, "wtimeout": 3800 });
        let reply = if self.sessions.are_numbered(&self.db).await? {
            let mut session = self.sessions.take(&self.db).await?;
            command.append(cstr!("txnNumber"), session.next_number());
            let reply = self.send_numbered(command, &mut session.session).await;
            self.sessions.give_back(session);
            reply?
        } else {
            let reply = self.db.database.run_raw_command(command).await;
            reply.map_err(|error| failure::of_write(&error))?
        };
        Ok(outcomes(&reply, statements.len()))
    }

    async fn send_numbered(&self, command: RawDocumentBuf, session: &mut ClientSession) -> Result<BsonDocument> {
        let first = self.db.database.run_raw_command(command.clone()).session(&mut *session).await;
        let doubt = match first {
            Ok(reply) if !is_to_be_repeated(&reply) => return Ok(reply),
            Ok(_) => StoreError::Unknown("not confirmed by a majority".into()),
            Err(error) if may_be_repeated(&error) => failure::of_write(&error),
            Err(error) => return Err(failure::of_write(&error)),
        };
        let second = self.db.database.run_raw_command(command).session(session).await;
        second.map_err(|error| match (doubt, failure::of_write(&error)) {
            // The second was not done, but the first may have been.
            (StoreError::Unknown(_), StoreError::Unavailable(why)) => StoreError::Unknown(why),
            (_, reason) => reason,
        })
    }
}

/// Sessions of which each numbers the commands that are sent in it, one at a time. They are never given back to the
/// driver, which would go on with numbers of its own.
#[derive(Default)]
struct Sessions {
    idle: Mutex<Vec<Numbered>>,
    are_numbered: OnceCell<bool>,
}

struct Numbered {
    session: ClientSession,
    last_number: i64,
}

impl Numbered {
    fn next_number(&mut self) -> i64 {
        self.last_number += 1;
        self.last_number
    }
}

impl Sessions {
    /// Whether the server knows numbered commands. It is asked once.
    async fn are_numbered(&self, db: &Collections) -> Result<bool> {
        self.are_numbered.get_or_try_init(|| db.is_replicated()).await.copied()
    }

    async fn take(&self, db: &Collections) -> Result<Numbered> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(idle) = idle {
            return Ok(idle);
        }
        let session = db.client.start_session().causal_consistency(false).await;
        Ok(Numbered { session: session.map_err(|error| failure::of_read(&error))?, last_number: FIRST_NUMBER })
    }

    fn give_back(&self, session: Numbered) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }
}

/// Whether it is certain or likely that a repetition helps, and harmless as the command is numbered.
fn may_be_repeated(error: &Error) -> bool {
    error.contains_label(RETRYABLE_WRITE_ERROR)
        || matches!(*error.kind, ErrorKind::Io(_) | ErrorKind::ConnectionPoolCleared { .. })
}

/// The same for an answer, which may tell that a majority was not reached because the primary stepped down.
fn is_to_be_repeated(reply: &BsonDocument) -> bool {
    let labels = reply.get_array("errorLabels").map(Vec::as_slice).unwrap_or_default();
    labels.iter().any(|label| label.as_str() == Some(RETRYABLE_WRITE_ERROR))
}

/// What came of each of so many updates.
fn outcomes(reply: &BsonDocument, count: usize) -> Vec<Result<Updated>> {
    let done = match reply.get_document("writeConcernError") {
        Ok(error) => {
            let code = error.get_i32("code").unwrap_or_default();
            Err(StoreError::Unknown(format!("not confirmed by a majority (code {code})")))
        }
        Err(_) => Ok(Updated::Existing),
    };
    let mut outcomes = vec![done; count];
    for (index, _) in indexed(reply, "upserted") {
        if let Some(Ok(outcome)) = outcomes.get_mut(index) {
            *outcome = Updated::Inserted;
        }
    }
    for (index, error) in indexed(reply, "writeErrors") {
        if let Some(outcome) = outcomes.get_mut(index) {
            *outcome = Ok(Updated::Refused(error.get_i32("code").unwrap_or_default()));
        }
    }
    outcomes
}

/// The entries of a list in an answer, each with the update that it is about.
fn indexed<'r>(reply: &'r BsonDocument, list: &str) -> impl Iterator<Item = (usize, &'r BsonDocument)> {
    let entries = reply.get_array(list).map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(|entry| {
        let entry = entry.as_document()?;
        Some((usize::try_from(accounts::integer(entry.get("index"))?).ok()?, entry))
    })
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;

    #[test]
    fn each_update_is_told_what_came_of_it() {
        let reply = doc! {
            "n": 2, "nModified": 1, "ok": 1.0,
            "upserted": [{ "index": 1, "_id": "b" }],
            "writeErrors": [{ "index": 2, "code": 11000 }],
        };
        let expected = [Updated::Existing, Updated::Inserted, Updated::Refused(11000)];
        assert_eq!(outcomes(&reply, 3).into_iter().map(|o| o.expect("done")).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_no_majority_has_is_unknown_but_a_refusal_is_certain() {
        let reply = doc! {
            "upserted": [{ "index": 0, "_id": "a" }],
            "writeErrors": [{ "index": 1, "code": 17419 }],
            "writeConcernError": { "code": 64 },
        };
        let outcomes = outcomes(&reply, 3);
        assert!(matches!(outcomes[0], Err(StoreError::Unknown(_))), "{outcomes:?}");
        assert!(matches!(outcomes[1], Ok(Updated::Refused(17419))), "{outcomes:?}");
        assert!(matches!(outcomes[2], Err(StoreError::Unknown(_))), "{outcomes:?}");
    }
}
