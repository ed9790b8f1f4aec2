//! A stream → a new file.
//!
//! The file is made under another name (`….restoring`) and gets its own when all of it was read, found to be what it was and
//! looked at, and is durable. Until then nothing is changed; where it does not come to that, nothing is left.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufReader, ErrorKind, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::Database;

use super::super::fault::{Fault, damaged};
use super::super::inspect;
use super::super::open::{self, of_io, of_redb, resolved, sync_directory};
use super::super::snapshot::Snapshot;
use super::super::tables::{TableName, Tables};
use super::super::{OpenError, StoreError};
use super::draft::{Draft, Predecessor};
use super::receiving::{Incoming, Piece};
use super::{RestoreError, StreamError, Summary};

/// The most bytes in one transaction; the last frame may exceed it.
const BATCH_BYTES: u64 = 16 * 1024 * 1024;

/// What is read at once.
const PORTION: usize = 1 << 20;

/// What becomes of a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Present {
    /// It stays, and nothing is restored.
    Refuse,
    /// It is kept under another name.
    Replace,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What is in the file now.
    pub summary: Summary,
    /// Where the file is that was there before.
    pub kept: Option<PathBuf>,
}

/// Makes a store at `path` of the backup that comes from `source`. `progress` is told how many bytes were read so far.
///
/// # Errors
/// [`RestoreError`]. Nothing was changed.
pub fn restore(
    source: impl Read,
    path: &Path,
    cache_bytes: usize,
    present: Present,
    progress: impl FnMut(u64),
) -> Result<Restored, RestoreError> {
    let path = resolved(path);
    let present = Old::at(&path, present)?;
    let draft = Draft::of(&path, ".restoring").map_err(|source| unmade(&path, source))?;
    let incoming = Incoming::begin(BufReader::with_capacity(PORTION, source), |_| {})?;
    let summary = fill(&draft, incoming, cache_bytes, progress)?;
    // The database has given up the lock, which was also ours.
    draft.lock_again().map_err(|source| unmade(&path, source))?;
    let unwritable = |source| RestoreError::File { path: path.clone(), source };
    let kept = match present {
        None => {
            draft.keep(Predecessor::Kept).map_err(|error| match error.kind() {
                // Somebody has made one in the meantime.
                ErrorKind::AlreadyExists => RestoreError::Exists(path.clone()),
                _ => unwritable(error),
            })?;
            None
        }
        Some(old) => {
            old.give_way(&path, draft)?;
            Some(old.aside)
        }
    };
    sync_directory(&path).map_err(unwritable)?;
    Ok(Restored { summary, kept })
}

/// The file that is there already.
struct Old {
    /// Where it will be.
    aside: PathBuf,
    /// As long as this is open, nobody can open the store.
    _lock: File,
}

impl Old {
    /// The one at this path, if there is one and it may be replaced.
    fn at(path: &Path, present: Present) -> Result<Option<Self>, RestoreError> {
        let file = match File::options().read(true).write(true).open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            _ if present == Present::Refuse => return Err(RestoreError::Exists(path.to_owned())),
            opened => opened.map_err(|error| of_io(path, error))?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(path.to_owned()).into()),
            Err(TryLockError::Error(error)) => return Err(of_io(path, error).into()),
        }
        let mut aside = path.as_os_str().to_owned();
        aside.push(".before-restore");
        let aside = PathBuf::from(aside);
        if fs::symlink_metadata(&aside).is_ok() {
            return Err(RestoreError::Kept(aside));
        }
        Ok(Some(Self { aside, _lock: file }))
    }

    /// Makes the draft the file. It has two names for a moment, so that at every moment there is a store under the first.
    fn give_way(&self, path: &Path, draft: Draft) -> Result<(), RestoreError> {
        fs::hard_link(path, &self.aside).map_err(|source| RestoreError::File { path: self.aside.clone(), source })?;
        draft.keep(Predecessor::Gone).map_err(|source| {
            // It is still where it was.
            let _ = fs::remove_file(&self.aside);
            RestoreError::File { path: path.to_owned(), source }
        })
    }
}

/// Makes the draft a store with all that comes, and makes sure of it.
fn fill(
    draft: &Draft,
    mut incoming: Incoming<impl Read>,
    cache_bytes: usize,
    progress: impl FnMut(u64),
) -> Result<Summary, RestoreError> {
    let path = draft.path();
    let file = draft.file().try_clone().map_err(|source| unmade(path, source))?;
    let made = catch_unwind(AssertUnwindSafe(|| {
        let database = open::fill(path, open::builder(path, cache_bytes).create_file(file))?;
        let summary = take_all(&database, &mut incoming, progress)?;
        look_at(&database, &summary)?;
        Ok(summary)
    }));
    made.unwrap_or_else(|_| Err(NotFilled::Content(damaged("the file cannot be read")))).map_err(
        |reason| match reason {
            NotFilled::Open(error) => error.into(),
            NotFilled::Stream(error) => error.into(),
            NotFilled::Content(error) => RestoreError::Content(error),
            NotFilled::Redb(error) => of_redb(path, error).into(),
        },
    )
}

/// Why the draft did not become a store.
enum NotFilled {
    Open(OpenError),
    Stream(StreamError),
    Content(StoreError),
    Redb(redb::Error),
}

impl From<OpenError> for NotFilled {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

impl From<StreamError> for NotFilled {
    fn from(error: StreamError) -> Self {
        Self::Stream(error)
    }
}

impl From<Fault> for NotFilled {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(error) => Self::Content(error),
            Fault::Broken(error) => Self::Redb(*error),
        }
    }
}

impl From<redb::Error> for NotFilled {
    fn from(error: redb::Error) -> Self {
        Self::Redb(error)
    }
}

fn take_all(
    database: &Database,
    incoming: &mut Incoming<impl Read>,
    mut progress: impl FnMut(u64),
) -> Result<Summary, NotFilled> {
    loop {
        let transaction = database.begin_write().map_err(redb::Error::from)?;
        let end = {
            let mut tables = Tables::open(&transaction).map_err(redb::Error::from)?;
            take_some(&mut tables, incoming)?
        };
        transaction.commit().map_err(redb::Error::from)?;
        progress(incoming.bytes());
        if let Some(summary) = end {
            return Ok(summary);
        }
    }
}

/// Takes what one transaction may hold. The summary, when it was the last of it.
fn take_some(tables: &mut Tables<'_>, incoming: &mut Incoming<impl Read>) -> Result<Option<Summary>, NotFilled> {
    let end = incoming.bytes() + BATCH_BYTES;
    while incoming.bytes() < end {
        match incoming.next()? {
            Piece::Records(table, records) => {
                for (key, value) in records {
                    tables.insert_as_is(table, key, value)?;
                }
            }
            Piece::End(summary) => return Ok(Some(summary)),
        }
    }
    Ok(None)
}

/// Makes sure that what is in the file is what was in the backup, and that it holds together.
fn look_at(database: &Database, summary: &Summary) -> Result<(), NotFilled> {
    let snapshot = Snapshot::take(database)?;
    for table in TableName::ALL {
        if snapshot.count(*table).map_err(redb::Error::from)? != summary.counts.of(*table) {
            return Err(NotFilled::Content(damaged(format!("a record stands twice in {}", table.as_str()))));
        }
    }
    Ok(inspect::everything(&snapshot)?)
}

fn unmade(path: &Path, source: io::Error) -> RestoreError {
    match of_io(path, source) {
        OpenError::Io { path, source } => RestoreError::File { path, source },
        told => told.into(),
    }
}
