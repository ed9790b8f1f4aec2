//! Where the tests get schemathesis from, which makes up requests from `/openapi.json`.
//!
//! In this order: `KEYBIN_TEST_SCHEMATHESIS`, the PATH, target/schemathesis/bin/schemathesis. Where none is there, the last
//! one is made with pip: in an environment of its own, or where this Python makes none (Debian without python3-venv),
//! in a folder of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::found::{announced, failed_at, program, version};
use crate::step::{Failure, Result, ask, command, heading, run, told};

/// Names the program to use, and passes it on to the tests.
pub(crate) const VARIABLE: &str = "KEYBIN_TEST_SCHEMATHESIS";

/// What is fetched, by its content.
const REQUIREMENTS: &str = "tests/schemathesis/requirements.txt";

/// The path of one that runs.
pub(crate) fn find(root: &Path) -> Result<PathBuf> {
    if let Some(found) = program(root, VARIABLE, "schemathesis")? {
        return Ok(found);
    }
    let ours = root.join("target/schemathesis/bin/schemathesis");
    if !ours.is_file() || !is_current(root) {
        fetch(root)?;
    }
    match version(root, &ours) {
        Ok(version) => Ok(announced(ours, &version)),
        Err(reason) => told(format!("{} does not run: {reason}\nName one with {VARIABLE}", ours.display())),
    }
}

/// Whether what was fetched is what is asked for now. The list is copied last of all.
fn is_current(root: &Path) -> bool {
    let read = |path: &str| fs::read(root.join(path)).ok();
    read(REQUIREMENTS) == read("target/schemathesis/requirements.txt")
}

fn fetch(root: &Path) -> Result {
    heading("schemathesis: fetching it");
    let folder = root.join("target/schemathesis");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(failed_at(&folder))?;
    }
    let requirements = root.join(REQUIREMENTS);
    let wanted = ["--quiet", "--require-hashes", "--requirement", REQUIREMENTS];
    let hint = |failure: Failure| {
        Failure::Told(format!("{failure}\nPython 3.11 or later with pip is needed, or name it with {VARIABLE}"))
    };
    let environment = ask(command(root, "python3", &["-m", "venv", "target/schemathesis"]));
    if environment.is_ok() {
        let mut install = command(root, "target/schemathesis/bin/pip", &["install", "--disable-pip-version-check"]);
        install.args(wanted);
        run(install).map_err(hint)?;
    } else {
        let mut install =
            command(root, "python3", &["-m", "pip", "install", "--target", "target/schemathesis/packages"]);
        install.args(wanted);
        run(install).map_err(hint)?;
        starter(&folder)?;
    }
    let list = folder.join("requirements.txt");
    fs::copy(&requirements, &list).map_err(failed_at(&list))?;
    Ok(())
}

/// Makes a program of packages that lie in a folder.
fn starter(folder: &Path) -> Result {
    let programs = folder.join("bin");
    fs::create_dir_all(&programs).map_err(failed_at(&programs))?;
    let starter = programs.join("schemathesis");
    let packages = folder.join("packages");
    let script = format!(
        "#!/bin/sh\nPYTHONPATH='{}' exec python3 -c \
         'from schemathesis.cli import schemathesis; schemathesis(prog_name=\"schemathesis\")' \"$@\"\n",
        packages.display()
    );
    fs::write(&starter, script).map_err(failed_at(&starter))?;
    fs::set_permissions(&starter, fs::Permissions::from_mode(0o755)).map_err(failed_at(&starter))
}
