//! Where the tests get axe-core from, which tells whether everybody can use a page.
//!
//! It is the file that `KEYBIN_TEST_AXE` names, or else target/axe-core/axe.min.js, which is made from the npm package
//! where it is missing or of another version.

use std::fs;
use std::path::{Path, PathBuf};

use crate::found::{announced, failed_at, named};
use crate::step::{Failure, Result, command, heading, run, told};

/// Names a script to use, and passes it on to the tests.
pub(crate) const VARIABLE: &str = "KEYBIN_TEST_AXE";

/// The version of the package.
const VERSION: &str = "4.14.1";

/// The package, by its content: what is fetched will be executed.
const INTEGRITY: &str =
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==";

/// What the script begins with, in front of its version.
const BEGINNING: &str = "/*! axe v";

/// The path of the script.
pub(crate) fn find(root: &Path) -> Result<PathBuf> {
    if let Some(named) = named(root, VARIABLE) {
        return match version(&named)? {
            Some(version) => Ok(announced(named, &format!("axe-core {version}"))),
            None => told(format!("{VARIABLE} names {}, which is not axe-core", named.display())),
        };
    }
    let ours = root.join("target/axe-core/axe.min.js");
    if !ours.is_file() || version(&ours)?.as_deref() != Some(VERSION) {
        fetch(root, &ours)?;
    }
    Ok(announced(ours, &format!("axe-core {VERSION}")))
}

/// The version that a script says it is, if it is axe-core.
fn version(script: &Path) -> Result<Option<String>> {
    let text = fs::read_to_string(script).map_err(failed_at(script))?;
    let version = text.strip_prefix(BEGINNING).and_then(|rest| rest.split_whitespace().next());
    Ok(version.map(str::to_owned))
}

/// Fetches the package, and moves the script in it to `script`.
fn fetch(root: &Path, script: &Path) -> Result {
    heading("axe-core: fetching it");
    let folder = root.join("target/axe-core");
    fs::create_dir_all(&folder).map_err(failed_at(&folder))?;
    for (name, content) in [("package.json", package()), ("package-lock.json", lock())] {
        let file = folder.join(name);
        fs::write(&file, content).map_err(failed_at(&file))?;
    }
    // npm holds what it gets against the lock file.
    let npm = run(command(&folder, "npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]));
    npm.map_err(|failure| Failure::Told(format!("{failure}\nInstall npm, or name axe.min.js with {VARIABLE}")))?;

    // Last of all, so that a file under this name is always a whole one.
    let fetched = folder.join("node_modules/axe-core/axe.min.js");
    fs::rename(&fetched, script).map_err(failed_at(&fetched))?;
    let leftover = folder.join("node_modules");
    fs::remove_dir_all(&leftover).map_err(failed_at(&leftover))
}

fn package() -> String {
    format!(r#"{{ "private": true, "dependencies": {{ "axe-core": "{VERSION}" }} }}"#)
}

fn lock() -> String {
    let root = format!(r#""": {{ "dependencies": {{ "axe-core": "{VERSION}" }} }}"#);
    let axe = format!(r#""node_modules/axe-core": {{ "version": "{VERSION}", "integrity": "{INTEGRITY}" }}"#);
    format!(r#"{{ "lockfileVersion": 3, "requires": true, "packages": {{ {root}, {axe} }} }}"#)
}
