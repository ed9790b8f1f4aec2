//! How much there is in the file: redb keeps the number of records of each table, so that nothing is walked through.

use std::fs;
use std::path::Path;

use redb::ReadableTableMetadata;

use super::fault::{Fault, unavailable};
use super::snapshot::Snapshot;
use crate::domain::Amounts;

/// See [`Store::amounts`](crate::store::Store::amounts).
pub(super) fn of(snapshot: &Snapshot, file: &Path) -> Result<Amounts, Fault> {
    Ok(Amounts {
        accounts: snapshot.accounts.len()?,
        tokens: snapshot.tokens.len()?,
        documents: snapshot.documents.len()?,
        bytes: fs::metadata(file).map_err(unavailable)?.len(),
    })
}
