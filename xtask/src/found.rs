//! How programs that the tests need are found, and how what is missing comes from Debian's packages.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use crate::step::{Failure, Result, ask, command, run, told};

/// The program that a variable of the environment names, or else the first of the PATH that runs.
pub(crate) fn program(root: &Path, variable: &str, name: &str) -> Result<Option<PathBuf>> {
    if let Some(named) = named(root, variable) {
        return match version(root, &named) {
            Ok(version) => Ok(Some(announced(named, &version))),
            Err(reason) => told(format!("{variable} names {}, which does not run: {reason}", named.display())),
        };
    }
    let path = env::var_os("PATH").unwrap_or_default();
    for candidate in env::split_paths(&path).map(|folder| folder.join(name)).filter(|file| file.is_file()) {
        if let Ok(version) = version(root, &candidate) {
            return Ok(Some(announced(candidate, &version)));
        }
    }
    Ok(None)
}

/// The file that a variable of the environment names.
pub(crate) fn named(root: &Path, variable: &str) -> Option<PathBuf> {
    let named = PathBuf::from(env::var_os(variable)?);
    // Cargo starts test binaries in their package's folder, so a relative path would mean another file there.
    Some(if named.is_relative() { root.join(named) } else { named })
}

/// Says which file is taken.
pub(crate) fn announced(file: PathBuf, version: &str) -> PathBuf {
    eprintln!("{} ({version})", file.display());
    file
}

/// The first line of what a program says to `--version`, or why it does not run.
pub(crate) fn version(root: &Path, program: &Path) -> std::result::Result<String, String> {
    let answer = ask(command(root, &program.to_string_lossy(), &["--version"]))?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

/// Whether packages can be installed: by root, where there is apt-get.
pub(crate) fn can_install(root: &Path) -> bool {
    let is_root = ask(command(root, "id", &["-u"])).is_ok_and(|id| id == "0");
    is_root && ask(command(root, "apt-get", &["--version"])).is_ok()
}

/// Installs Debian packages.
pub(crate) fn install(root: &Path, packages: &[&str]) -> Result {
    run(command(root, "apt-get", &["update", "--quiet"]))?;
    let mut install = command(root, "apt-get", &["install", "--yes", "--quiet", "--no-install-recommends"]);
    // Nobody is there to answer.
    install.args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    run(install)
}

/// Says where something went wrong.
pub(crate) fn failed_at(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.display().to_string();
    move |error| Failure::Told(format!("{path}: {error}"))
}
