//! What a store counts from when it was opened. Clones count together.

use super::{Result, StoreError};
use crate::tally::{self, Count, Level, Spread};

/// See the module.
#[derive(Clone, Debug)]
pub struct Counts {
    /// What it did not do, and why.
    pub failures: Failures,
    /// What only a store of its kind has.
    pub inside: Inside,
}

/// What only a store of one kind has.
#[derive(Clone, Debug)]
pub enum Inside {
    /// An embedded file.
    Embedded(EmbeddedCounts),
    /// A MongoDB.
    Mongo(MongoCounts),
}

/// What goes on in an embedded file.
#[derive(Clone, Debug)]
pub struct EmbeddedCounts {
    /// Operations for the writer.
    pub writes: Batches,
    /// How long transactions took, in seconds, until they were durable.
    pub commits: Spread,
}

/// What goes on between the store and a MongoDB.
#[derive(Clone, Debug, Default)]
pub struct MongoCounts {
    /// Lookups that go out as one `find`.
    pub lookups: Batches,
    /// Updates that go out as one `update`.
    pub updates: Batches,
    /// Changes of one document that are written at once.
    pub changes: Batches,
    /// The connections.
    pub pool: PoolCounts,
}

/// The driver's connections, those to all servers together.
#[derive(Clone, Debug)]
pub struct PoolCounts {
    /// Connections there are, being established included.
    pub open: Level,
    /// Those that somebody uses.
    pub checked_out: Level,
    /// Who waits for one.
    pub waiting: Level,
    /// How long was waited, in seconds.
    pub waits: Spread,
    /// How often somebody got none.
    pub failed: Count,
    /// How often all connections to a server were given up.
    pub cleared: Count,
}

/// What is done together with others.
#[derive(Clone, Debug)]
pub struct Batches {
    /// How many wait for their turn.
    pub waiting: Level,
    /// How many went together.
    pub sizes: Spread,
}

impl Batches {
    /// So many were taken at once.
    pub(super) fn taken(&self, count: usize) {
        self.waiting.dec_by(count as i64);
        self.sizes.observe(count as f64);
    }
}

/// Operations that were not done because of the store itself.
#[derive(Clone, Debug, Default)]
pub struct Failures {
    /// [`StoreError::Unavailable`]
    pub unavailable: Count,
    /// [`StoreError::Unknown`]
    pub unknown: Count,
    /// [`StoreError::Damaged`]
    pub damaged: Count,
}

impl Failures {
    /// Counts a failure, if it is one, and passes the answer on.
    pub(super) fn note<T>(&self, answer: Result<T>) -> Result<T> {
        match &answer {
            Err(StoreError::Unavailable(_)) => self.unavailable.inc(),
            Err(StoreError::Unknown(_)) => self.unknown.inc(),
            Err(StoreError::Damaged(_)) => self.damaged.inc(),
            _ => 0,
        };
        answer
    }
}

impl Default for EmbeddedCounts {
    fn default() -> Self {
        Self { writes: Batches::default(), commits: tally::seconds() }
    }
}

impl Default for Batches {
    fn default() -> Self {
        Self { waiting: Level::default(), sizes: tally::sizes() }
    }
}

impl Default for PoolCounts {
    fn default() -> Self {
        Self {
            open: Level::default(),
            checked_out: Level::default(),
            waiting: Level::default(),
            waits: tally::seconds(),
            failed: Count::default(),
            cleared: Count::default(),
        }
    }
}
