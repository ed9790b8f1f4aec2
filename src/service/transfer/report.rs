//! What came of an import.

/// Lines that are told one by one when they are not taken.
const REJECTED: usize = 1000;

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Documents that were written, or would have been.
    pub written: u64,
    /// Documents that were left as they are, because their key is there or they have expired, or left out with their
    /// account.
    pub skipped: u64,
    /// Accounts of an archive that were registered or changed, or would have been.
    pub accounts: u64,
    /// The first lines that were not taken.
    pub failed: Vec<Rejected>,
    /// How many more were not taken.
    pub more_failed: u64,
}

/// A line that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Which one, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

impl ImportReport {
    /// How many lines were not taken.
    #[must_use]
    pub fn all_failed(&self) -> u64 {
        self.failed.len() as u64 + self.more_failed
    }

    pub(super) fn reject(&mut self, line: u64, reason: impl Into<String>) {
        if self.failed.len() < REJECTED {
            self.failed.push(Rejected { line, reason: reason.into() });
        } else {
            self.more_failed += 1;
        }
    }
}
