//! `cargo xtask package`: the Debian package.
//!
//! The program tells its manual and its completions itself; `[package.metadata.deb]` of `Cargo.toml` says where everything
//! goes.

use std::fs;
use std::path::Path;

use crate::found::failed_at;
use crate::step::{Failure, Result, ask, cargo, command, heading, run as run_step, told};

/// The shells that there are completions for.
const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// Builds the program and all that belongs to it, and packs it.
pub(crate) fn run(root: &Path) -> Result {
    if ask(cargo(root, &["deb", "--version"])).is_err() {
        return told("cargo-deb is not there; it comes with `cargo install cargo-deb`");
    }

    heading("program");
    let mut build = cargo(root, &["build", "--release", "--locked", "--package", "keybin"]);
    // What `/version` tells; a source without a history has none.
    if let Ok(commit) = ask(command(root, "git", &["rev-parse", "HEAD"])) {
        build.env("KEYBIN_COMMIT", commit);
    }
    run_step(build)?;

    heading("manual and completions");
    let program = root.join("target/release/keybin").to_string_lossy().into_owned();
    let parts = root.join("target/package");
    // A page of a command that is no more must not come along.
    if parts.exists() {
        fs::remove_dir_all(&parts).map_err(failed_at(&parts))?;
    }
    run_step(command(root, &program, &["man", "--output", "target/package/man1"]))?;
    let completions = parts.join("completions");
    fs::create_dir_all(&completions).map_err(failed_at(&completions))?;
    for shell in SHELLS {
        let text = ask(command(root, &program, &["completions", shell])).map_err(Failure::Told)?;
        let file = completions.join(format!("keybin.{shell}"));
        fs::write(&file, text + "\n").map_err(failed_at(&file))?;
    }

    heading("package");
    run_step(cargo(root, &["deb", "--no-build", "--locked", "--package", "keybin"]))
}
