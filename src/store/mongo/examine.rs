//! Looking at a database from outside, for whoever wants to know how it stands with it. Nothing is changed.

use std::time::Duration;

use bson::{Bson, Document as BsonDocument, doc};
use tokio::time::timeout;

use super::super::{PoolCounts, Result, StoreError};
use super::client::{Collections, OpenError, Options};
use super::{accounts, failure, schema};
use crate::domain::Clock;

/// The oldest version that the tests of this program run with.
pub const TESTED: (u64, u64) = (6, 0);

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// How it stands with a database.
#[derive(Clone, Debug)]
pub struct Examination {
    /// The version of the server, as it tells it.
    pub version_text: String,
    /// The two numbers of it that count.
    pub version: (u64, u64),
    /// What the server is part of.
    pub topology: Topology,
    /// The members of the replica set, where we may know of them.
    pub members: Option<Members>,
    /// Whether a Keybin has prepared it.
    pub is_prepared: bool,
    /// What is wrong with its indexes.
    pub indexes: Vec<String>,
    /// Whether it removes what has expired; `None` where we may not know it.
    pub sweeps: Option<bool>,
    /// By how many milliseconds its clock is ahead of ours.
    pub clock_ahead: i64,
}

/// What a server is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topology {
    /// Nothing.
    Standalone,
    /// The replica set of this name.
    ReplicaSet(String),
    /// A sharded cluster.
    Cluster,
}

/// The members of a replica set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Members {
    /// How many keep data.
    pub all: usize,
    /// How many of these are well.
    pub well: usize,
    /// How many of these a write waits for.
    pub majority: usize,
    /// How many vote and keep nothing.
    pub arbiters: usize,
}

/// Looks at the database.
///
/// # Errors
/// [`OpenError`] when the connection string is wrong or the database is away.
pub async fn examine(options: &Options, clock: &'static dyn Clock) -> Result<Examination, OpenError> {
    let db = Collections::connect(options, PoolCounts::default()).await?;
    let client = db.client.clone();
    // A task, because the driver's futures are not to be dropped on the way.
    let looking = tokio::spawn(async move { look(&db, clock).await });
    let looked = timeout(PATIENCE, looking).await.map_err(|_| "no answer in time".to_owned());
    let looked = looked.and_then(|ended| ended.map_err(|error| error.to_string()));
    let looked = looked.unwrap_or_else(|why| Err(StoreError::Unavailable(why)));
    client.shutdown().immediate(true).await;
    looked.map_err(OpenError::Store)
}

async fn look(db: &Collections, clock: &dyn Clock) -> Result<Examination> {
    // The first question also makes the connection, and says nothing about clocks.
    db.ping().await?;
    let before = clock.now().as_millis();
    let hello = ask(db, doc! { "hello": 1 }).await?;
    let now = i64::midpoint(before, clock.now().as_millis());
    let theirs = hello.get_datetime("localTime").map_or(now, |time| time.timestamp_millis());
    let build = ask(db, doc! { "buildInfo": 1 }).await?;
    let version_text = build.get_str("version").unwrap_or("of an unknown version").to_owned();
    Ok(Examination {
        version: version(&version_text),
        version_text,
        topology: topology(&hello),
        members: members(db).await,
        is_prepared: schema::is_prepared(db).await?,
        indexes: schema::wrong_indexes(db).await?,
        sweeps: sweeps(db).await,
        clock_ahead: theirs - now,
    })
}

async fn ask(db: &Collections, question: BsonDocument) -> Result<BsonDocument> {
    db.client.database("admin").run_command(question).await.map_err(|e| failure::of_read(&e))
}

fn version(text: &str) -> (u64, u64) {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

fn topology(hello: &BsonDocument) -> Topology {
    match (hello.get_str("setName"), hello.get_str("msg")) {
        (Ok(set), _) => Topology::ReplicaSet(set.to_owned()),
        (_, Ok("isdbgrid")) => Topology::Cluster,
        _ => Topology::Standalone,
    }
}

/// `None` where there is no set, or we may not ask.
async fn members(db: &Collections) -> Option<Members> {
    /// Primary, secondary and arbiter, as MongoDB numbers the states of a member.
    const KEEPING: [u64; 2] = [1, 2];
    const ARBITER: u64 = 7;
    let status = ask(db, doc! { "replSetGetStatus": 1 }).await.ok()?;
    let states = status.get_array("members").ok()?.iter().filter_map(Bson::as_document);
    let states: Vec<u64> = states.map(|member| accounts::integer(member.get("state")).unwrap_or(0)).collect();
    let count = |is: &dyn Fn(&u64) -> bool| states.iter().filter(|state| is(state)).count();
    let arbiters = count(&|state| *state == ARBITER);
    let majority = accounts::integer(status.get("writeMajorityCount"))?;
    Some(Members {
        all: states.len() - arbiters,
        well: count(&|state| KEEPING.contains(state)),
        majority: usize::try_from(majority).ok()?,
        arbiters,
    })
}

async fn sweeps(db: &Collections) -> Option<bool> {
    let told = ask(db, doc! { "getParameter": 1, "ttlMonitorEnabled": 1 }).await.ok()?;
    told.get_bool("ttlMonitorEnabled").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (text, numbers) in [("6.0.5", (6, 0)), ("10.12.3-rc1", (10, 12)), ("7", (7, 0)), ("unknown", (0, 0))] {
            assert_eq!(version(text), numbers, "{text}");
        }
        assert!(version("5.3.9") < TESTED && version("10.0.0") > TESTED);
    }
}
