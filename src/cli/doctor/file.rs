//! The embedded file: there, ours alone, with room to grow, and sound.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use indicatif::HumanBytes;

use super::finding::Finding;
use crate::domain::with_causes;
use crate::store::embedded::{Holder, OpenError, Soundness, examine, holder};

/// With less room than this, writes will soon be refused.
const LEAST_ROOM: u64 = 100 * 1024 * 1024;

pub(super) fn check(path: &Path, cache_bytes: usize, deep: bool) -> Vec<Finding> {
    let shown = path.display();
    let known = match fs::metadata(path) {
        // An empty file is made a store, as if it were not there.
        Ok(known) if known.len() == 0 && known.is_file() => return missing(path),
        Ok(known) => known,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return missing(path),
        Err(error) => {
            let advice = "run this as the user whom Keybin runs as";
            return vec![Finding::problem("store", format!("{shown} cannot be looked at: {error}"), advice)];
        }
    };
    let mut findings = vec![store(path, &known, cache_bytes, deep), permissions(path, &known)];
    findings.extend(owner(path, &known));
    findings.extend(directory(path));
    findings.extend(room(path, known.len()));
    findings
}

/// There is no file: whether it can be made.
fn missing(path: &Path) -> Vec<Finding> {
    let directory = directory_of(path);
    let shown = path.display();
    if !directory.is_dir() {
        let text = format!("{shown} cannot be made, because there is no directory {}", directory.display());
        return vec![Finding::problem("store", text, format!("mkdir -m 700 {}", directory.display()))];
    }
    let mut findings = vec![Finding::ok("store", format!("{shown} is not there; it is made at the first start"))];
    findings.extend(self::directory(path));
    findings.extend(room(path, 0));
    findings
}

/// Who has it open, and whether it can be used.
fn store(path: &Path, known: &Metadata, cache_bytes: usize, deep: bool) -> Finding {
    let shown = path.display();
    let size = HumanBytes(known.len());
    match holder(path) {
        Ok(Holder::Server) => {
            Finding::ok("store", format!("{shown} ({size}) is open in a server, which gives backups of it"))
        }
        Ok(Holder::Another) => Finding::warning(
            "store",
            format!("{shown} ({size}) is open in another process, which gives no backups of it"),
            "a server that starts or stops will be done in a moment; otherwise its log says why",
        ),
        Ok(Holder::Nobody) if deep => sound(path, cache_bytes),
        Ok(Holder::Nobody) => Finding::ok(
            "store",
            format!("{shown} ({size}) is a store, and nobody has it open; --deep looks through it"),
        ),
        Err(error) => unusable(&error),
    }
}

fn sound(path: &Path, cache_bytes: usize) -> Finding {
    let shown = path.display();
    match examine(path, cache_bytes) {
        Ok(Soundness::Whole) => Finding::ok("store", format!("{shown} was looked through and is whole")),
        Ok(Soundness::NotAsLeft) => Finding::problem(
            "store",
            format!("every record in {shown} is whole, but the file is not as it was left"),
            "keep a copy of it before the next start, which mends it and may lose what was written last; look at the disk",
        ),
        Err(error) => unusable(&error),
    }
}

fn unusable(error: &OpenError) -> Finding {
    let advice = match error {
        OpenError::Damaged { .. } => "keep the file, and `keybin restore --replace` puts a backup in its place",
        OpenError::NotPermitted { .. } => "run this as the user whom Keybin runs as",
        OpenError::NewerFormat { .. } | OpenError::NotAStore(_) => "see [STORE] host",
        _ => "see [STORE] host, and the disk",
    };
    Finding::problem("store", with_causes(error), advice)
}

/// There are hashes of passwords and of tokens in it.
fn permissions(path: &Path, known: &Metadata) -> Finding {
    let (shown, mode) = (path.display(), mode_of(known));
    if mode & 0o077 == 0 {
        Finding::ok("store.permissions", format!("its owner alone can read {shown}"))
    } else {
        let text = format!("others than its owner can read or write {shown} (mode {mode:04o})");
        Finding::problem("store.permissions", text, format!("chmod 600 {shown}"))
    }
}

/// Whoever may write in the directory may put another file in the place of this one.
fn directory(path: &Path) -> Option<Finding> {
    let directory = directory_of(path);
    let mode = mode(directory).ok()?;
    let shown = directory.display();
    const STICKY: u32 = 0o1000;
    Some(if mode & 0o002 != 0 && mode & STICKY == 0 {
        let text = format!("everybody can write in {shown} (mode {mode:04o}), and so replace the store");
        Finding::problem("store.directory", text, format!("chmod o-w {shown}"))
    } else if mode & 0o020 != 0 {
        let text = format!("a group can write in {shown} (mode {mode:04o}), and so replace the store");
        Finding::warning("store.directory", text, format!("chmod g-w {shown}"))
    } else {
        Finding::ok("store.directory", format!("nobody else can put anything in {shown}"))
    })
}

/// Of what is written, some is needed for a while in two versions, and a restored store stands beside the old one.
fn room(path: &Path, size: u64) -> Option<Finding> {
    let room = free_bytes(directory_of(path)).ok()?;
    let text = format!("{} are free, and the store has {}", HumanBytes(room), HumanBytes(size));
    Some(if room < LEAST_ROOM {
        Finding::problem("store.room", text, "make room: without it, writes are refused")
    } else if room < size {
        Finding::warning(
            "store.room",
            text,
            "make room, or keep backups elsewhere: a second store would not fit beside it",
        )
    } else {
        Finding::ok("store.room", text)
    })
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Who may do what with a file.
pub(super) fn mode(path: &Path) -> io::Result<u32> {
    Ok(mode_of(&fs::metadata(path)?))
}

#[cfg(unix)]
fn mode_of(known: &Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&known.permissions()) & 0o7777
}

/// Where files have no such modes, nothing is said against them.
#[cfg(not(unix))]
fn mode_of(_known: &Metadata) -> u32 {
    0
}

/// Whose it is, where it is not ours. Root may do everything, and says nothing about whom Keybin runs as.
#[cfg(unix)]
fn owner(path: &Path, known: &Metadata) -> Option<Finding> {
    let (owner, we) = (std::os::unix::fs::MetadataExt::uid(known), rustix::process::geteuid().as_raw());
    (owner != we && we != 0).then(|| {
        let text = format!("{} belongs to the user {owner}, and this is the user {we}", path.display());
        Finding::problem("store.owner", text, "run Keybin and its commands as one user")
    })
}

#[cfg(not(unix))]
fn owner(_path: &Path, _known: &Metadata) -> Option<Finding> {
    None
}

#[cfg(unix)]
fn free_bytes(directory: &Path) -> io::Result<u64> {
    let known = rustix::fs::statvfs(directory)?;
    Ok(known.f_bavail.saturating_mul(known.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_directory: &Path) -> io::Result<u64> {
    Err(io::ErrorKind::Unsupported.into())
}
