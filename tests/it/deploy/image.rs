//! The `Dockerfile`: what it copies is there and comes in, and what it runs is a command of the program.

use super::{in_repository, shipped, strings};
use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.plain: what_is_copied_is_there, every_manifest_is_in_the_layer_of_the_dependencies);
    cases!(trials.in_embedded: what_the_image_runs_is_a_command);
}

/// The instructions of this name, with lines that go on put together.
fn instructions(name: &str) -> Vec<String> {
    let whole = shipped("Dockerfile").replace("\\\n", " ");
    let lines = whole.lines().filter_map(|line| line.trim_start().strip_prefix(name));
    lines.filter(|rest| rest.starts_with(' ')).map(|rest| rest.trim().to_owned()).collect()
}

fn what_is_copied_is_there() {
    let ignored = shipped(".dockerignore");
    let let_in: Vec<&str> = ignored.lines().filter_map(|line| line.strip_prefix('!')).collect();
    for pattern in let_in.iter().filter(|pattern| !pattern.contains('*')) {
        assert!(in_repository(pattern).exists(), ".dockerignore lets in {pattern}, which is not there");
    }
    let mut copied = 0;
    for copy in instructions("COPY").iter().filter(|copy| !copy.starts_with("--from")) {
        let words: Vec<&str> = copy.split_whitespace().collect();
        for source in words[..words.len() - 1].iter().filter(|source| **source != ".") {
            assert!(in_repository(source).is_file(), "{source} is not there");
            let comes_in = let_in.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(beginning) => source.starts_with(beginning),
                None => source == pattern,
            });
            assert!(comes_in, "{source} is ignored");
            copied += 1;
        }
    }
    assert!(copied > 3, "{copied}");
    // What the program is made of, beside src.
    for folder in ["src", "static", "templates"] {
        assert!(let_in.contains(&folder), "{folder} is ignored");
    }
}

/// Cargo reads the manifests of all members, whichever it builds.
fn every_manifest_is_in_the_layer_of_the_dependencies() {
    let manifest = shipped("Cargo.toml");
    let members = manifest.lines().find_map(|line| line.strip_prefix("members = ")).expect("a workspace");
    let copies = instructions("COPY").join("\n");
    for member in strings(members).into_iter().filter(|member| *member != ".") {
        assert!(copies.contains(&format!("{member}/Cargo.toml {member}/")), "{member} is not copied");
    }
    let oldest = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).expect("a version of Rust");
    assert!(shipped("Dockerfile").contains(&format!("FROM rust:{}-", oldest.trim_matches('"'))));
}

async fn what_the_image_runs_is_a_command(installation: &mut Installation) {
    let entry = instructions("ENTRYPOINT");
    let [program] = strings(&entry[0])[..] else { panic!("{entry:?}") };
    assert!(instructions("COPY").iter().any(|copy| copy.ends_with(program)), "{program} is not in the image");
    let (health, default) = (instructions("HEALTHCHECK"), instructions("CMD"));
    let (health, default) = (strings(&health[0]), strings(&default[0]));
    assert_eq!(health[0], program);
    for command in [&health[1..], &default[..]] {
        assert!(!command.is_empty());
        let with_help = command.iter().chain(&["--help"]);
        installation.command(with_help).output().await.good();
    }
    // What the environment of the image says is understood.
    for set in instructions("ENV") {
        let (variable, value) = set.split_once('=').expect("a variable");
        installation.set(variable, value);
    }
    installation.command(["check-config"]).output().await.good();
}
