//! Taking a backup: through the door of whoever has the file open, or from the file itself where nobody has.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::super::OpenError;
use super::super::open::{of_redb, open_existing, resolved, sync_directory};
use super::super::snapshot::Snapshot;
use super::door;
use super::draft::{Draft, Predecessor};
use super::format::MAGIC;
use super::{BackupError, Summary, receiving, sending};
use crate::domain::Clock;

/// How long somebody may have the file open and give no backups, as a server does that is starting or stopping.
const PATIENCE: Duration = Duration::from_secs(5);

/// From one attempt to the next.
const PAUSE: Duration = Duration::from_millis(100);

/// What is written at once, where the store is read by this process.
const PORTION: usize = 1 << 20;

/// Takes a backup of the store at `path` and writes it to `out`. It is whole when the summary comes back. `progress` is told
/// how many bytes it has so far.
///
/// # Errors
/// [`BackupError`]. What was written is no backup then, and says so to whoever would restore it.
pub fn take(
    path: &Path,
    cache_bytes: usize,
    clock: &dyn Clock,
    out: impl Write,
    progress: impl FnMut(u64),
) -> Result<Summary, BackupError> {
    let path = resolved(path);
    let end = Instant::now() + PATIENCE;
    loop {
        if !path.exists() {
            return Err(BackupError::NoStore(path));
        }
        if let Some(server) = door::knock(&path)? {
            return Ok(receiving::copy(server.ask()?, out, progress)?);
        }
        match open_existing(&path, cache_bytes) {
            Ok(database) => {
                let snapshot = Snapshot::take(&database).map_err(|error| of_redb(&path, error))?;
                return sending::send(
                    &snapshot,
                    clock.now(),
                    BufWriter::with_capacity(PORTION, Counted(out, progress, 0)),
                );
            }
            Err(OpenError::InUse(_)) if Instant::now() < end => thread::sleep(PAUSE),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The same into a file that nobody but its owner can read. It has its name when it is whole and durable; a backup that
/// was there gives way to it then.
///
/// # Errors
/// [`BackupError`]. Nothing was changed.
pub fn take_to_file(
    path: &Path,
    cache_bytes: usize,
    clock: &dyn Clock,
    target: &Path,
    progress: impl FnMut(u64),
) -> Result<Summary, BackupError> {
    let target = resolved(target);
    let unwritable = |source| BackupError::File { path: target.clone(), source };
    if !may_be_overwritten(&target).map_err(unwritable)? {
        let source = io::Error::new(ErrorKind::AlreadyExists, "something else than a backup is there");
        return Err(unwritable(source));
    }
    let draft = Draft::of(&target, ".part").map_err(unwritable)?;
    let summary = take(path, cache_bytes, clock, draft.file(), progress)?;
    draft.keep(Predecessor::Gone).and_then(|()| sync_directory(&target)).map_err(unwritable)?;
    Ok(summary)
}

/// Whether somebody has the file open and gives backups of it.
///
/// # Errors
/// [`BackupError::Door`] where somebody may, and cannot be asked.
pub fn is_served(path: &Path) -> Result<bool, BackupError> {
    Ok(door::knock(&resolved(path))?.is_some())
}

/// Whether there is nothing, or an earlier backup.
fn may_be_overwritten(target: &Path) -> io::Result<bool> {
    match File::open(target) {
        Ok(file) if file.metadata()?.is_file() => {
            let mut beginning = Vec::new();
            file.take(MAGIC.len() as u64).read_to_end(&mut beginning)?;
            Ok(beginning.is_empty() || beginning == MAGIC)
        }
        Ok(_) => Ok(false),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Tells how many bytes went through.
struct Counted<W, P>(W, P, u64);

impl<W: Write, P: FnMut(u64)> Write for Counted<W, P> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.0.write(bytes)?;
        self.2 += written as u64;
        (self.1)(self.2);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
