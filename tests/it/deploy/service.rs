//! The service of systemd: it runs a command of the program, on what the package puts into place, and gives it time to stop.

use super::shipped;
use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.plain: it_gives_keybin_time_to_stop, it_runs_in_its_folder_as_its_user);
    cases!(trials.in_embedded: it_runs_a_command_on_what_the_package_brings);
}

const UNIT: &str = "deploy/systemd/keybin.service";

/// The last value of a setting.
fn setting(name: &str) -> String {
    let unit = shipped(UNIT);
    let mut values = unit.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    values.next_back().unwrap_or_else(|| panic!("no {name}")).to_owned()
}

/// A number of Rocket.toml.
fn rockets(name: &str) -> u64 {
    let text = shipped("Rocket.toml");
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
    value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name}"))
}

fn it_gives_keybin_time_to_stop() {
    let given: u64 = setting("TimeoutStopSec").parse().expect("seconds");
    assert!(given > rockets("grace") + rockets("mercy") + 5, "{given}");
}

fn it_runs_in_its_folder_as_its_user() {
    assert_eq!(setting("WorkingDirectory"), format!("/var/lib/{}", setting("StateDirectory")));
    let user = setting("User");
    assert_eq!(user, setting("Group"));
    assert!(shipped("deploy/systemd/keybin.sysusers").contains(&format!("\nu {user} ")));
}

async fn it_runs_a_command_on_what_the_package_brings(installation: &mut Installation) {
    let start = setting("ExecStart");
    let words: Vec<&str> = start.split(' ').collect();
    let [program, "--config", file, command] = words[..] else { panic!("{start}") };
    let manifest = shipped("Cargo.toml");
    for (source, path) in [("target/release/keybin", program), ("store.cfg", file)] {
        let (folder, name) = path.trim_start_matches('/').rsplit_once('/').expect("a path");
        assert!(source.ends_with(name), "{path}");
        assert!(manifest.contains(&format!("[\"{source}\", \"{folder}/\"")), "{path} is not in the package");
    }
    installation.command([command, "--help"]).output().await.good();
    // What is proposed in a comment is understood.
    let unit = shipped(UNIT);
    let secret = unit.lines().find_map(|line| line.strip_prefix("#Environment=")).expect("a proposal");
    let (variable, value) = secret.split_once("=%d/").expect("a file of the credentials");
    assert!(unit.contains(&format!("#LoadCredential={value}:")), "{value} is no credential");
    std::fs::write(installation.directory().join(value), "a key of at least thirty-two bytes\n").expect("writes");
    installation.set(variable, value);
    installation.command(["check-config"]).output().await.good();
}
