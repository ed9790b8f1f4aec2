//! The rules that the source itself keeps, checked like everything else: by tests.
//!
//! [`promises`] holds the documents against the trials.
//! [`tokens`] and [`paths`] read Rust just well enough, [`rules`] are the rules, and [`planted`] shows that each of
//! them finds what it is there to find.

mod paths;
mod planted;
pub(crate) mod promises;
mod rules;
mod tokens;

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{Trials, cases};
use rules::{Rule, SourceFile};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.plain:
        imports_follow_the_direction_of_dependencies,
        the_environment_is_read_in_one_room,
        the_clock_is_read_in_one_file,
        nothing_is_global,
        files_have_at_most_400_lines,
        files_begin_by_saying_what_they_are,
    );
    planted::register(trials);
}

fn imports_follow_the_direction_of_dependencies() {
    assert_kept(rules::direction);
}

fn the_environment_is_read_in_one_room() {
    assert_kept(rules::environment);
}

fn the_clock_is_read_in_one_file() {
    assert_kept(rules::clock);
}

fn nothing_is_global() {
    assert_kept(rules::globals);
}

fn files_have_at_most_400_lines() {
    assert_kept(rules::length);
}

fn files_begin_by_saying_what_they_are() {
    assert_kept(rules::header);
}

/// Holds a rule against every file.
fn assert_kept(rule: Rule) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches", "bench", "xtask"] {
        collect(&root.join(folder), &mut files);
    }
    // A rule that looks at nothing is always kept.
    assert!(files.iter().any(|file| file.ends_with("src/lib.rs")), "the source was not found");
    let mut broken = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("the source can be read");
        let path = file.strip_prefix(root).expect("it lies within").to_str().expect("UTF-8");
        broken.extend(rule(&SourceFile { path, text: &text }));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// All Rust files in a folder and those below it.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
