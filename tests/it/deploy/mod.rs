//! What Keybin is handed out with: files that no compiler reads, held against the program and against each other.
//!
//! That an engine builds the image, that it starts the composition and systemd the service, is not tried here.

mod composition;
mod image;
mod package;
mod service;

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::Trials;

pub(crate) fn register(trials: &mut Trials) {
    image::register(trials);
    composition::register(trials);
    service::register(trials);
    package::register(trials);
}

/// Where a file of the repository is.
fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A file of the repository.
fn shipped(path: &str) -> String {
    fs::read_to_string(in_repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The strings within a list: `["a", "b"]`.
fn strings(list: &str) -> Vec<&str> {
    list.split('"').skip(1).step_by(2).collect()
}
