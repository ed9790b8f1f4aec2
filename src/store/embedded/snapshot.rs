//! What readers look at: the state after one commit.
//!
//! * One is taken after each commit and shared by all who read until the next: taking it, and finding the tables in it,
//!   costs redb more than looking something up.
//! * It never hides what somebody was told: whoever commits takes the next one before answering.

use redb::{Database, ReadOnlyTable, ReadableDatabase};

use super::tables::{ACCOUNTS, Bytes, DOCUMENTS, ERASING, EXPIRIES, Id, META, NAMES, TOKEN_HASHES, TOKENS, VALUES};

/// Every table that is read, as it was after one commit.
pub(super) struct Snapshot {
    pub(super) meta: ReadOnlyTable<Bytes, u64>,
    pub(super) accounts: ReadOnlyTable<Id, Bytes>,
    pub(super) names: ReadOnlyTable<Bytes, Id>,
    pub(super) tokens: ReadOnlyTable<Bytes, Bytes>,
    pub(super) token_hashes: ReadOnlyTable<&'static [u8; 32], Bytes>,
    pub(super) documents: ReadOnlyTable<Bytes, Bytes>,
    pub(super) values: ReadOnlyTable<Bytes, Bytes>,
    pub(super) expiries: ReadOnlyTable<Bytes, ()>,
    pub(super) erasing: ReadOnlyTable<Id, ()>,
}

impl Snapshot {
    /// The state after the latest commit.
    pub(super) fn take(database: &Database) -> Result<Self, redb::Error> {
        let transaction = database.begin_read()?;
        Ok(Self {
            meta: transaction.open_table(META)?,
            accounts: transaction.open_table(ACCOUNTS)?,
            names: transaction.open_table(NAMES)?,
            tokens: transaction.open_table(TOKENS)?,
            token_hashes: transaction.open_table(TOKEN_HASHES)?,
            documents: transaction.open_table(DOCUMENTS)?,
            values: transaction.open_table(VALUES)?,
            expiries: transaction.open_table(EXPIRIES)?,
            erasing: transaction.open_table(ERASING)?,
        })
    }
}
