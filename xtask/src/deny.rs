//! `cargo xtask deny`: what may be built in, by licence, name and source, as `deny.toml` says.
//!
//! Not part of `cargo xtask test`, because it needs a tool that is not there by itself.

use std::path::Path;

use crate::step::{Result, ask, cargo, heading, run as run_step, told};

/// Runs `cargo deny check`, with what the caller adds in place of everything (`licenses`, `bans`, `sources`, `advisories`).
pub(crate) fn run(root: &Path, which: &[String]) -> Result {
    if ask(cargo(root, &["deny", "--version"])).is_err() {
        return told("cargo-deny is not there; it comes with `cargo install cargo-deny`");
    }
    heading("dependencies");
    let mut deny = cargo(root, &["deny", "--workspace", "check"]);
    deny.args(which);
    run_step(deny)
}
