//! Why a backup was not taken, or not restored.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::super::OpenError;
use super::format::VERSION;
use crate::store::StoreError;

/// What is wrong with a backup, or with the way it comes or goes.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StreamError {
    /// It does not begin like one.
    #[error("this is no backup of a Keybin store")]
    NotABackup,
    /// A later version of Keybin has written it.
    #[error("this backup has format {0}, and this Keybin knows none after {VERSION}; use a newer Keybin")]
    Newer(u16),
    /// It ends before its end mark.
    #[error("the backup is not whole: it breaks off after {0} bytes")]
    BrokenOff(u64),
    /// It is not as it was written.
    #[error("the backup is damaged, within the {length} bytes from byte {from} on: {reason}")]
    Damaged {
        /// Where the frame begins in which it was found.
        from: u64,
        /// How long that is, as far as it was read.
        length: u64,
        /// What does not fit.
        reason: String,
    },
    /// Whoever gave it could not go on.
    #[error("no backup was given: {0}")]
    Refused(String),
    /// Reading failed.
    #[error("the backup cannot be read: {0}")]
    Read(io::Error),
    /// Writing failed.
    #[error("the backup cannot be written: {0}")]
    Write(io::Error),
}

/// Why a backup was not taken.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BackupError {
    /// There is no file.
    #[error("there is no store at {}", .0.display())]
    NoStore(PathBuf),
    /// Nobody gives backups of the file, and it cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The server that has the file open cannot be asked.
    #[error("the server cannot be asked through {}", .socket.display())]
    Door {
        /// Where it listens.
        socket: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What is stored cannot be read.
    #[error("no backup was taken: {0}")]
    Store(StoreError),
    /// It did not get through.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The file of the backup cannot be made.
    #[error("cannot write {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a backup was not restored. Nothing was changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// There is a file already.
    #[error("there is a file {} already; --replace keeps it under another name and puts the backup in its place", .0.display())]
    Exists(PathBuf),
    /// The file that would be replaced was kept once before, under the name that it would get.
    #[error("{} is there from an earlier restore; move it away first", .0.display())]
    Kept(PathBuf),
    /// The file cannot be made or opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The backup is not as it should be.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// What is in the backup does not hold together.
    #[error("the backup is not good, although it is as it was written: {0}")]
    Content(StoreError),
    /// A file cannot be made.
    #[error("cannot write {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
