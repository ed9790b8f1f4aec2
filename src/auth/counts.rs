//! What is counted about passwords and attempts. Clones count together.

use crate::tally::{self, Count, Level, Spread};

/// See the module.
#[derive(Clone, Debug)]
pub struct Counts {
    /// The threads that hash.
    pub passwords: PasswordCounts,
    /// Who had tried too often.
    pub throttled: ThrottleCounts,
}

/// The threads that hash, and who waits for them.
#[derive(Clone, Debug)]
pub struct PasswordCounts {
    /// How many there are.
    pub threads: Level,
    /// How many are at work.
    pub busy: Level,
    /// Passwords that wait for one.
    pub waiting: Level,
    /// Passwords that were turned away, because the queue was full or their turn did not come in time.
    pub refused: Count,
    /// How long they waited, in seconds.
    pub waits: Spread,
    /// How long they were worked on, in seconds.
    pub works: Spread,
}

/// How often a limit was reached, by what it limits.
#[derive(Clone, Debug, Default)]
pub struct ThrottleCounts {
    /// Wrong passwords from one network.
    pub wrong_passwords: Count,
    /// Right passwords for one account.
    pub log_ins: Count,
    /// Registrations from one network.
    pub registrations: Count,
}

impl Default for PasswordCounts {
    fn default() -> Self {
        Self {
            threads: Level::default(),
            busy: Level::default(),
            waiting: Level::default(),
            refused: Count::default(),
            waits: tally::seconds(),
            works: tally::seconds(),
        }
    }
}
