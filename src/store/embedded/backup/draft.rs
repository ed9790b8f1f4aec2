//! A file that is being written: it gets its name when it is whole and durable, and is gone where it does not come to that.
//!
//! * It is made beside the name under one of its own, which is always the same: what a process that was killed leaves is
//!   overwritten by the next.
//! * Whoever writes it holds its lock. The name of a draft is changed or removed only by who holds the lock of the file that
//!   has it, so that two never get in each other's way.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::super::open::private;

/// What becomes of a file that has the name already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predecessor {
    /// It makes way.
    Gone,
    /// There must be none.
    Kept,
}

/// See the module.
pub(super) struct Draft {
    path: PathBuf,
    target: PathBuf,
    file: File,
    is_done: bool,
}

impl Draft {
    /// An empty file that nobody but its owner can read, to become `target`.
    pub(super) fn of(target: &Path, ending: &str) -> io::Result<Self> {
        let mut path = target.as_os_str().to_owned();
        path.push(ending);
        let path = PathBuf::from(path);
        loop {
            let file = private().open(&path)?;
            lock(&file)?;
            // Whoever had the lock before may have given the file its name, or removed it.
            if !is_at(&file, &path)? {
                continue;
            }
            // Whoever was killed between giving it its name and taking away this one: nothing must be written to it.
            if has_two_names(&file)? {
                fs::remove_file(&path)?;
                continue;
            }
            file.set_len(0)?;
            return Ok(Self { path, target: target.to_owned(), file, is_done: false });
        }
    }

    /// The file, to be written.
    pub(super) const fn file(&self) -> &File {
        &self.file
    }

    /// Where it is for now.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the lock again, which somebody who had a copy of the file has given up.
    pub(super) fn lock_again(&self) -> io::Result<()> {
        lock(&self.file)?;
        if is_at(&self.file, &self.path)? { Ok(()) } else { Err(in_use()) }
    }

    /// Makes the file durable and gives it its name. That the name is durable too is for the caller.
    pub(super) fn keep(mut self, predecessor: Predecessor) -> io::Result<()> {
        self.file.sync_all()?;
        match predecessor {
            Predecessor::Gone => fs::rename(&self.path, &self.target)?,
            // Unlike a renaming, this fails where there is a file.
            Predecessor::Kept => {
                fs::hard_link(&self.path, &self.target)?;
                fs::remove_file(&self.path)?;
            }
        }
        self.is_done = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_done && is_at(&self.file, &self.path).unwrap_or(false) {
            // Where it cannot be removed, the next one overwrites it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn lock(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(in_use()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn in_use() -> io::Error {
    io::Error::new(ErrorKind::ResourceBusy, "another process is writing it")
}

/// Whether this name still stands for this file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    match fs::symlink_metadata(path) {
        Ok(named) => {
            let open = file.metadata()?;
            Ok((named.dev(), named.ino()) == (open.dev(), open.ino()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn has_two_names(file: &File) -> io::Result<bool> {
    Ok(std::os::unix::fs::MetadataExt::nlink(&file.metadata()?) > 1)
}

/// Where an open file cannot be removed, a name stands for it as long as it is open.
#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> io::Result<bool> {
    path.try_exists()
}

#[cfg(not(unix))]
fn has_two_names(_file: &File) -> io::Result<bool> {
    Ok(false)
}
