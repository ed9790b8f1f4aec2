//! Opening the file: making it, recognising it, refusing it.
//!
//! A new file is made under another name (`….new`), complete with its tables, and then renamed: what stands under the
//! configured name is always a whole store, however suddenly the machine went down.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::{Builder, Database, DatabaseError, ReadableDatabase, StorageError, TableError};
use thiserror::Error;

use super::snapshot::Snapshot;
use super::tables::{FORMAT, FORMAT_KEY, META, Tables};

/// Memory for pages, read and written, where nobody says how much. The file system keeps more of the file in memory by
/// itself.
pub(super) const CACHE_BYTES: usize = 128 * 1024 * 1024;

/// redb counts the bytes of pages. With what an allocator adds to each, and with those that are given up but not back yet
/// while others write, the process was seen to grow by 1.9 bytes for each that redb counts.
const MEMORY_PER_BYTE: usize = 2;

/// Why the file cannot be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process, or another part of this one, has it open.
    #[error("the file {} is in use by another Keybin", .0.display())]
    InUse(PathBuf),
    /// Something else is in the file.
    #[error("the file {} is no Keybin store; name another file, which is then made", .0.display())]
    NotAStore(PathBuf),
    /// A later version of Keybin has written the file.
    #[error("the file {} has format {found}, and this Keybin knows none after {FORMAT}; use a newer Keybin", .path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The version of its format.
        found: u64,
    },
    /// The directory in which the file would be made is not there.
    #[error("the directory {} does not exist, so that the file {} cannot be made in it", .directory.display(), .path.display())]
    NoDirectory {
        /// The file.
        path: PathBuf,
        /// Its directory.
        directory: PathBuf,
    },
    /// The operating system does not let us read and write.
    #[error("the file {} cannot be read and written", .path.display())]
    NotPermitted {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not as redb left it.
    #[error("the file {} is damaged: {reason}; restore it from a backup", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// Anything else.
    #[error("the file {} cannot be opened", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Opens the store at `path`, or makes one where there is no file, or an empty one.
pub(super) fn open_or_create(path: &Path, cache_bytes: usize) -> Result<Database, OpenError> {
    let target = resolved(path);
    if is_new(&target)?
        && let Some(database) = create(&target, cache_bytes)?
    {
        return Ok(database);
    }
    let database = open_existing(&target, cache_bytes)?;
    // Whoever made it may have been ended before its name was durable. A directory that cannot be synced is no reason to
    // refuse a file that is there.
    if let Err(error) = sync_directory(&target) {
        tracing::warn!("store: the directory of {} cannot be synced: {error}", target.display());
    }
    Ok(database)
}

/// Where a file is, or would be made. A link is followed, or renaming would put a file in its place.
pub(super) fn resolved(path: &Path) -> PathBuf {
    fs::canonicalize(path)
        .or_else(|_| fs::read_link(path).map(|link| directory_of(path).join(link)))
        .unwrap_or_else(|_| path.to_owned())
}

/// Opens the store at `path`, which must be there.
pub(super) fn open_existing(path: &Path, cache_bytes: usize) -> Result<Database, OpenError> {
    open_checked(path, || builder(path, cache_bytes).open(path))
}

/// Opens what must be a store already, and makes sure that it is one.
pub(super) fn open_checked(
    path: &Path,
    open: impl FnOnce() -> Result<Database, DatabaseError>,
) -> Result<Database, OpenError> {
    // redb finds most damage and says so; where it does not, it may panic.
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let database = open().map_err(|error| of_database(path, error))?;
        check(path, &database)?;
        Ok(database)
    }));
    opened.unwrap_or_else(|_| Err(OpenError::Damaged { path: path.to_owned(), reason: "it cannot be read".to_owned() }))
}

pub(super) fn builder(path: &Path, cache_bytes: usize) -> Builder {
    let mut builder = Builder::new();
    let path = path.to_owned();
    builder.set_cache_size(cache_bytes / MEMORY_PER_BYTE).set_repair_callback(move |repair| {
        tracing::warn!("store: repairing {}: {:.0} %", path.display(), repair.progress() * 100.0);
    });
    builder
}

fn is_new(path: &Path) -> Result<bool, OpenError> {
    match fs::metadata(path) {
        Ok(known) => Ok(known.is_file() && known.len() == 0),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(of_io(path, error)),
    }
}

/// Makes the file. `None` when somebody else has made it in the meantime.
fn create(path: &Path, cache_bytes: usize) -> Result<Option<Database>, OpenError> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let draft = PathBuf::from(draft);
    let file = private().open(&draft).map_err(|error| of_io(path, error))?;
    // redb takes the same lock and keeps it: of several that start at once, one makes the file.
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => return Err(of_io(path, error)),
    }
    if !is_new(path)? {
        return Ok(None);
    }
    // A draft that was broken off is of no use.
    file.set_len(0).map_err(|error| of_io(path, error))?;
    let database = fill(path, builder(path, cache_bytes).create_file(file))?;
    fs::rename(&draft, path).map_err(|error| of_io(path, error))?;
    sync_directory(path).map_err(|error| of_io(path, error))?;
    Ok(Some(database))
}

/// Makes an empty database a store.
pub(super) fn fill(path: &Path, empty: Result<Database, DatabaseError>) -> Result<Database, OpenError> {
    let database = empty.map_err(|error| of_database(path, error))?;
    write_tables(&database).map_err(|error| of_redb(path, error))?;
    Ok(database)
}

/// Options for a new file that nobody but its owner can read.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes the name of a file durable, which redb leaves to us.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory_of(path))?.sync_all() } else { Ok(()) }
}

pub(super) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn write_tables(database: &Database) -> Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    Tables::open(&transaction)?.meta.insert(FORMAT_KEY, FORMAT)?;
    transaction.commit()?;
    Ok(())
}

/// Whether the file is a store that this program knows, with all of its tables.
pub(super) fn check(path: &Path, database: &impl ReadableDatabase) -> Result<(), OpenError> {
    let transaction = database.begin_read().map_err(|error| of_redb(path, error.into()))?;
    let meta = match transaction.open_table(META) {
        Ok(meta) => meta,
        Err(TableError::Storage(error)) => return Err(of_redb(path, error.into())),
        Err(_) => return Err(OpenError::NotAStore(path.to_owned())),
    };
    let format = meta.get(FORMAT_KEY).map_err(|error| of_redb(path, error.into()))?.map(|format| format.value());
    match format {
        Some(FORMAT) => Snapshot::of(&transaction).map(drop).map_err(|error| of_redb(path, error.into())),
        Some(found) if found > FORMAT => Err(OpenError::NewerFormat { path: path.to_owned(), found }),
        _ => Err(OpenError::NotAStore(path.to_owned())),
    }
}

pub(super) fn of_database(path: &Path, error: DatabaseError) -> OpenError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::InUse(path.to_owned()),
        // How redb says that the file does not begin as its own do.
        DatabaseError::Storage(StorageError::Io(error)) if error.kind() == ErrorKind::InvalidData => {
            OpenError::NotAStore(path.to_owned())
        }
        error => of_redb(path, error.into()),
    }
}

pub(super) fn of_redb(path: &Path, error: redb::Error) -> OpenError {
    match error {
        redb::Error::Io(error) => of_io(path, error),
        error => OpenError::Damaged { path: path.to_owned(), reason: error.to_string() },
    }
}

pub(super) fn of_io(path: &Path, source: io::Error) -> OpenError {
    let directory = directory_of(path);
    match source.kind() {
        ErrorKind::NotFound if !directory.exists() => {
            OpenError::NoDirectory { path: path.to_owned(), directory: directory.to_owned() }
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            OpenError::NotPermitted { path: path.to_owned(), source }
        }
        _ => OpenError::Io { path: path.to_owned(), source },
    }
}
