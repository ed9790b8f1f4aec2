//! Looking at a file from outside, for whoever wants to know how it stands with it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::backup;
use super::fault::Fault;
use super::inspect;
use super::open::{self, OpenError, builder, of_database, of_io, of_redb, open_checked};
use super::overlay::Overlay;
use super::snapshot::Snapshot;

/// Who has a file open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Nobody.
    Nobody,
    /// A process that gives backups of it.
    Server,
    /// A process that gives none.
    Another,
}

/// How it stands with a file whose every record is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Soundness {
    /// It is as it was left.
    Whole,
    /// It is not, and whoever opens it to write mends it, perhaps by going back behind what was written last.
    NotAsLeft,
}

/// Memory for pages, where little is looked at.
const CACHE_BYTES: usize = 1 << 20;

/// Who has the file open. Where nobody has, it is made sure that it is a store; nothing is changed.
///
/// # Errors
/// [`OpenError`] where it cannot be read or is no store.
pub fn holder(path: &Path) -> Result<Holder, OpenError> {
    if matches!(backup::is_served(path), Ok(true)) {
        return Ok(Holder::Server);
    }
    let looked = catch_unwind(AssertUnwindSafe(|| match builder(path, CACHE_BYTES).open_read_only(path) {
        Ok(database) => open::check(path, &database),
        // It was not closed in good order. Whoever opens it to write mends that.
        Err(redb::DatabaseError::RepairAborted) => Ok(()),
        Err(error) => Err(of_database(path, error)),
    }));
    match looked.unwrap_or_else(|_| Err(unreadable(path))) {
        Ok(()) => Ok(Holder::Nobody),
        Err(OpenError::InUse(_)) => Ok(Holder::Another),
        Err(error) => Err(error),
    }
}

/// Has redb check the structure of the file, which nobody may have open, and looks at every record. Nothing is changed.
///
/// # Errors
/// [`OpenError`] where it cannot be read, or something in it is not whole.
pub fn examine(path: &Path, cache_bytes: usize) -> Result<Soundness, OpenError> {
    let overlay = Overlay::open(path).map_err(|error| of_io(path, error))?;
    let mut database = open_checked(path, || builder(path, cache_bytes).create_with_backend(overlay))?;
    let looked = catch_unwind(AssertUnwindSafe(|| {
        let is_whole = database.check_integrity().map_err(|error| of_database(path, error))?;
        let snapshot = Snapshot::take(&database).map_err(|error| of_redb(path, error))?;
        inspect::everything(&snapshot).map_err(|fault| match fault {
            Fault::Broken(error) => of_redb(path, *error),
            Fault::Refused(error) => OpenError::Damaged { path: path.to_owned(), reason: error.to_string() },
        })?;
        Ok(if is_whole { Soundness::Whole } else { Soundness::NotAsLeft })
    }));
    looked.unwrap_or_else(|_| Err(unreadable(path)))
}

fn unreadable(path: &Path) -> OpenError {
    OpenError::Damaged { path: path.to_owned(), reason: "it cannot be read".to_owned() }
}
