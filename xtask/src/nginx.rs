//! Where the tests get nginx from, in front of which Keybin is tried.
//!
//! It is the one that the variable names, or else that of the PATH or of where Debian puts it. Where it is missing, it comes
//! from Debian's packages.

use std::env;
use std::path::{Path, PathBuf};

use crate::found::{announced, can_install, install, named};
use crate::step::{Result, ask, command, heading, told};

/// Names an nginx to use, and passes it on to the tests.
pub(crate) const VARIABLE: &str = "KEYBIN_TEST_NGINX";

/// Debian's package.
const PACKAGE: &str = "nginx-light";

/// The path of an nginx that runs.
pub(crate) fn find(root: &Path) -> Result<PathBuf> {
    if let Some(found) = look(root) {
        return Ok(found);
    }
    if can_install(root) {
        heading("nginx: installing it");
        install(root, &[PACKAGE])?;
        if let Some(found) = look(root) {
            return Ok(found);
        }
    }
    told(format!("The tests need nginx. Install it (Debian: `apt-get install {PACKAGE}`), or name it with {VARIABLE}"))
}

fn look(root: &Path) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let candidates = named(root, VARIABLE).into_iter().chain(folders.map(|folder| folder.join("nginx")));
    let mut runs = candidates.filter(|file| file.is_file()).filter(|file| {
        // It says its version on stderr, which is of no use here.
        ask(command(root, &file.to_string_lossy(), &["-v"])).is_ok()
    });
    runs.next().map(|file| announced(file, "nginx"))
}
