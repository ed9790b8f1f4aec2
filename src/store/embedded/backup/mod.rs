//! Backups of the embedded file: all that one snapshot holds, as a stream of its own format.
//!
//! ```text
//! format      frames and their checksums
//! sending     a snapshot → a stream            receiving   a stream → what it holds, checked
//! door        the socket beside the file, through which whoever has the file open gives backups
//! taking      through the door, or from the file itself where nobody has it open
//! restoring   a stream → a new file            draft       files that get their name when they are whole
//! ```
//!
//! * A backup holds all that was acknowledged before it began: it is made of the snapshot that readers share, which is
//!   taken after each commit before anybody is told of it. Writes go on meanwhile.
//! * Neither side holds more of it in memory than a frame.
//! * Every record is looked at on the way out and again on the way in. A store that is damaged gives no backup: it would
//!   be found out when it is needed.

#[cfg_attr(not(unix), path = "no_door.rs")]
mod door;
mod draft;
mod error;
mod format;
mod receiving;
mod restoring;
mod sending;
mod taking;
#[cfg(test)]
mod tests;

pub(super) use door::Door;
pub use error::{BackupError, RestoreError, StreamError};
pub use restoring::{Present, Restored, restore};
pub use taking::{is_served, take, take_to_file};

use super::tables::TableName;
use crate::domain::Timestamp;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// When it was taken.
    pub taken_at: Timestamp,
    /// The version of the program that took it.
    pub program: String,
    /// How many bytes it has.
    pub bytes: u64,
    counts: Counts,
}

impl Summary {
    /// How many accounts are in it.
    #[must_use]
    pub fn accounts(&self) -> u64 {
        self.counts.of(TableName::Accounts)
    }

    /// How many tokens are in it, live or expired and not yet removed.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.counts.of(TableName::Tokens)
    }

    /// How many documents are in it, live or expired and not yet removed.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.counts.of(TableName::Documents)
    }
}

/// How many entries each table has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts([u64; TableName::ALL.len()]);

impl Counts {
    fn of(&self, table: TableName) -> u64 {
        self.0[table as usize]
    }

    fn add(&mut self, table: TableName, number: u64) {
        self.0[table as usize] += number;
    }
}
