//! The documents say which trials try what they promise: those trials are there.

use std::fs;
use std::path::Path;

use crate::harness::Trials;

/// The rooms of trials.
const ROOMS: [&str; 6] = ["conformance", "http", "apis", "web", "process", "tidy"];

/// The documents that promise something.
const DOCUMENTS: [&str; 2] = ["docs/PROMISES.md", "docs/SECURITY.md"];

/// To be called when all other trials are registered.
pub(crate) fn register(trials: &mut Trials) {
    let names = trials.names();
    trials.with_names("tidy::promises::what_tries_a_promise_is_there", names, what_tries_a_promise_is_there);
}

fn what_tries_a_promise_is_there(names: &[String]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cited = 0;
    for document in DOCUMENTS {
        let text = fs::read_to_string(root.join(document)).expect("the document can be read");
        for word in text.split('`').skip(1).step_by(2) {
            let first = word.split("::").next().unwrap_or_default();
            if word.contains("::") && ROOMS.contains(&first) {
                assert!(names.iter().any(|name| name.contains(word)), "{document}: there is no trial {word}");
                cited += 1;
            }
            let is_path = ["src/", "tests/", "deploy/", "docs/"].iter().any(|folder| word.starts_with(folder));
            if is_path {
                let is_there = root.join(word).exists() || root.join(format!("{word}.rs")).exists();
                assert!(is_there, "{document}: there is no {word}");
            }
        }
    }
    assert!(cited > 40, "{cited}");
}
