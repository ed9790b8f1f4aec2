//! `keybin backup` and `keybin restore`: what was acknowledged before a backup began is in it, whatever goes on meanwhile and
//! whoever dies.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::client::Client;
use super::load::{Attempt, Writers, assert_kept, pause_up_to};
use crate::harness::program::{Installation, Program};
use crate::harness::{Backend, Harness, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_harness:
        a_backup_under_load_holds_what_was_acknowledged,
        a_server_that_is_killed_gives_no_backup,
    );
    cases!(trials.in_embedded:
        a_store_goes_and_comes_back,
        a_backup_that_is_killed_leaves_no_file,
        a_backup_waits_for_a_server_that_starts,
        a_pipe_takes_a_backup_elsewhere,
        a_store_in_use_is_not_replaced,
        what_is_no_backup_is_told_in_one_line,
    );
    cases!(trials.in_mongo: on_a_database_other_tools_are_named);
}

/// Accounts that write all the time.
const WRITERS: [&str; 4] = ["ann", "bob", "carl", "dora"];

/// Larger than what stands behind a head, and enough of it that a backup takes a while.
fn ballast(n: usize) -> Value {
    json!(format!("{n}").repeat(60_000))
}

async fn newcomers(client: &Client) -> Vec<String> {
    let mut tokens = Vec::new();
    for name in WRITERS {
        tokens.push(client.newcomer(name).await);
    }
    tokens
}

/// Restores a backup into an installation of its own, and serves it.
async fn served_from(harness: &Harness, backup: &Path) -> (Installation, Program) {
    let mut other = Installation::new(Backend::Embedded, harness.mongod(), "restored");
    other.set("KEYBIN_STORE_TOKEN_EXPIRATION", "86400");
    let restored = other.command(["restore", &backup.to_string_lossy()]).output().await;
    assert!(restored.stderr.starts_with("restored "), "{restored:?}");
    restored.good();
    let program = other.serve().await;
    (other, program)
}

/// Checks that everything that was acknowledged by the time of a backup is in what was restored of it, with its value or a
/// later one; and that nothing is in there that nobody wrote. `before` are the numbers of attempts that were over by then.
async fn assert_holds(client: &Client, token: &str, attempts: &[Attempt], before: usize) {
    let (done, later) = attempts.split_at(before);
    let mut possible: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for attempt in done {
        let values = possible.entry(&attempt.key).or_default();
        if attempt.status() == Some(200) {
            values.clear();
        }
        values.push(&attempt.value);
    }
    for attempt in later {
        possible.entry(&attempt.key).or_insert_with(|| vec![&Value::Null]).push(&attempt.value);
    }
    for (key, values) in &possible {
        let answer = client.get(token, key).await;
        let found = if answer.status == 404 { Value::Null } else { answer.good()["value"].take() };
        assert!(values.contains(&&found), "{key}: {found} is none of {values:?}");
    }
    for key in client.keys(token).await {
        assert!(possible.contains_key(key.as_str()) || key.starts_with("ballast"), "nobody wrote {key}");
    }
}

async fn a_backup_under_load_holds_what_was_acknowledged(harness: &Harness) {
    let mut installation = Installation::new(Backend::Embedded, harness.mongod(), "backup");
    installation.set("KEYBIN_STORE_TOKEN_EXPIRATION", "86400");
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let tokens = newcomers(&client).await;
    for n in 0..8 {
        client.put(&tokens[0], &format!("ballast{n}"), &ballast(n)).await.good();
    }
    let writers = Writers::start(&client, &tokens, "w");
    let mut backups: Vec<(PathBuf, Vec<usize>)> = Vec::new();
    for n in 0..3 {
        writers.acknowledge(50).await;
        let before = writers.counts();
        let file = installation.directory().join(format!("backup{n}"));
        installation.command(["backup", &file.to_string_lossy()]).output().await.good();
        backups.push((file, before));
    }
    writers.acknowledge(20).await;
    let attempts = writers.end_each().await;
    assert!(program.terminate().await.success());
    for (file, before) in backups {
        let all: usize = attempts.iter().map(Vec::len).sum();
        assert!(all > before.iter().sum::<usize>(), "nobody wrote after the backup began");
        let (other, program) = served_from(harness, &file).await;
        let client = Client::new(program.address());
        for ((token, attempts), before) in tokens.iter().zip(&attempts).zip(before) {
            assert_holds(&client, token, attempts, before).await;
        }
        for n in 0..8 {
            assert_eq!(client.value(&tokens[0], &format!("ballast{n}")).await, ballast(n));
        }
        client.log_in("bob", "phone").await.good();
        assert!(program.terminate().await.success());
        other.remove().await;
    }
}

async fn a_server_that_is_killed_gives_no_backup(harness: &Harness) {
    let installation = Installation::new(Backend::Embedded, harness.mongod(), "killed");
    let file = installation.directory().join("backup");
    let mut tokens = Vec::new();
    let mut attempts = Vec::new();
    for round in 0..3 {
        // The socket that the one before has left is no hindrance.
        let program = installation.serve().await;
        let client = Client::new(program.address());
        if round == 0 {
            tokens = newcomers(&client).await;
            for n in 0..40 {
                client.put(&tokens[0], &format!("ballast{n}"), &ballast(n)).await.good();
            }
        } else {
            tokens.clear();
            for name in WRITERS {
                tokens.push(client.token(name, "default").await);
            }
        }
        let writers = Writers::start(&client, &tokens, &format!("r{round}"));
        writers.acknowledge(20).await;
        let backup = installation.command(["backup", "backup"]);
        let taken = tokio::spawn(backup.output());
        pause_up_to(Duration::from_millis(150)).await;
        program.kill().await;
        let taken = taken.await.expect("the backup ended");
        attempts.push(writers.broken_each().await);
        if taken.status.success() {
            fs::remove_file(&file).expect("it was made");
        } else {
            taken.reason();
        }
        assert!(!file.exists() && !installation.directory().join("backup.part").exists());
    }
    // Where nobody serves, the file gives the backup itself.
    installation.command(["backup", "backup"]).output().await.good();
    let (other, program) = served_from(harness, &file).await;
    let client = Client::new(program.address());
    for (n, name) in WRITERS.iter().enumerate() {
        let token = client.token(name, "default").await;
        for attempts in &attempts {
            assert_kept(&client, &token, &attempts[n]).await;
        }
    }
    assert!(program.terminate().await.success());
    other.remove().await;
}

async fn a_store_goes_and_comes_back(installation: &mut Installation) {
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    client.put(&token, "k", &json!({ "n": 1 })).await.good();
    let jwt = client
        .request(reqwest::Method::POST, "/auth")
        .json(&json!({ "username": "ann", "password": super::client::PASSWORD }));
    let jwt =
        client.try_request(jwt).await.expect("an answer").good()["access_token"].as_str().expect("a JWT").to_owned();
    let backup = installation.command(["backup", "backup"]).output().await;
    assert!(backup.stderr.starts_with("backed up 1 account, 2 tokens and 1 document ("), "{backup:?}");
    assert_eq!(backup.good(), "");

    client.put(&token, "k", &json!("later")).await.good();
    client.register("bob").await.good();
    assert!(program.terminate().await.success());
    let refused = installation.command(["restore", "backup"]).output().await.reason();
    assert!(refused.contains("--replace"), "{refused}");
    let replaced = installation.command(["restore", "backup", "--replace"]).output().await;
    assert!(replaced.stderr.contains("keybin.redb.before-restore"), "{replaced:?}");
    replaced.good();

    let program = installation.serve().await;
    let client = Client::new(program.address());
    assert_eq!(client.value(&token, "k").await, json!({ "n": 1 }));
    assert_eq!(client.log_in("bob", "phone").await.status, 403);
    // What signs JWTs came along.
    let users = client.request(reqwest::Method::GET, "/api/users").header("Authorization", format!("JWT {jwt}"));
    client.try_request(users).await.expect("an answer").good();
    assert!(program.terminate().await.success());

    // And what was there before is there.
    let directory = installation.directory();
    fs::rename(directory.join("keybin.redb.before-restore"), directory.join("keybin.redb")).expect("moves it back");
    let program = installation.serve().await;
    let client = Client::new(program.address());
    assert_eq!(client.value(&token, "k").await, json!("later"));
    client.log_in("bob", "phone").await.good();
}

async fn a_backup_that_is_killed_leaves_no_file(installation: &mut Installation) {
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    for n in 0..40 {
        client.put(&token, &format!("ballast{n}"), &ballast(n)).await.good();
    }
    let file = installation.directory().join("backup");
    for _ in 0..3 {
        let backup = installation.launch_with(["backup", "backup"]);
        pause_up_to(Duration::from_millis(60)).await;
        backup.kill().await;
        // It may have been done already.
        if file.exists() {
            installation.command(["restore", "backup", "--store", "embedded:whole.redb"]).output().await.good();
            fs::remove_file(installation.directory().join("whole.redb")).expect("it was made");
            fs::remove_file(&file).expect("it was made");
        }
        client.put(&token, "k", &json!(1)).await.good();
    }
    // What they left is no hindrance.
    installation.command(["backup", "backup"]).output().await.good();
    assert!(!installation.directory().join("backup.part").exists());
    assert!(program.terminate().await.success());
    assert!(!installation.directory().join("keybin.redb.sock").exists());
}

async fn a_backup_waits_for_a_server_that_starts(installation: &mut Installation) {
    installation.serve().await.terminate().await;
    let file = fs::File::open(installation.directory().join("keybin.redb")).expect("opens");
    file.lock().expect("locks");
    let taken = tokio::spawn(installation.command(["backup", "backup"]).output());
    sleep(Duration::from_millis(300)).await;
    drop(file);
    taken.await.expect("the backup ended").good();
}

async fn a_pipe_takes_a_backup_elsewhere(installation: &mut Installation) {
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    client.put(&token, "k", &json!(1)).await.good();
    let keybin = env!("CARGO_BIN_EXE_keybin");
    let line = format!("{keybin} backup - | {keybin} restore - --store embedded:other.redb");
    let piped = std::process::Command::new("sh").args(["-c", &line]).current_dir(installation.directory()).output();
    let piped = piped.expect("there is a shell");
    assert!(piped.status.success(), "{piped:?}");
    assert!(program.terminate().await.success());
    let listed = installation.command(["user", "list", "--store", "embedded:other.redb"]).output().await.good();
    assert!(listed.contains("ann"), "{listed}");
}

async fn a_store_in_use_is_not_replaced(installation: &mut Installation) {
    let program = installation.serve().await;
    installation.command(["backup", "backup"]).output().await.good();
    let reason = installation.command(["restore", "backup", "--replace"]).output().await.reason();
    assert!(reason.ends_with("keybin.redb is in use by another Keybin\n"), "{reason}");
    Client::new(program.address()).register("ann").await.good();
}

async fn what_is_no_backup_is_told_in_one_line(installation: &mut Installation) {
    let reason = installation.command(["backup", "backup"]).output().await.reason();
    assert!(reason.contains("there is no store at "), "{reason}");
    installation.serve().await.terminate().await;
    installation.command(["backup", "backup"]).output().await.good();
    let backup = fs::read(installation.directory().join("backup")).expect("reads");
    let other = ["--store", "embedded:other.redb"];
    let mut damaged = backup.clone();
    damaged[backup.len() / 2] ^= 1;
    for (content, told) in [
        (&b"Dear Ann,\n"[..], "no backup of a Keybin store"),
        (b"", "no backup of a Keybin store"),
        (&backup[..backup.len() - 1], "breaks off"),
        (&damaged, "damaged"),
    ] {
        fs::write(installation.directory().join("bad"), content).expect("writes");
        let reason = installation.command(["restore", "bad"].iter().chain(&other)).output().await.reason();
        assert!(reason.contains(told), "{reason}");
        for left in ["other.redb", "other.redb.restoring"] {
            assert!(!installation.directory().join(left).exists(), "{left} after {reason}");
        }
    }
    let reason = installation.command(["restore", "nowhere"].iter().chain(&other)).output().await.reason();
    assert!(reason.contains("cannot read nowhere"), "{reason}");
    let reason = installation.command(["backup", "keybin.redb"]).output().await.reason();
    assert!(reason.contains("something else than a backup is there"), "{reason}");
}

async fn on_a_database_other_tools_are_named(installation: &mut Installation) {
    for (arguments, tool) in [(["backup", "backup"], "mongodump"), (["restore", "backup"], "mongorestore")] {
        let reason = installation.command(arguments).output().await.reason();
        assert!(reason.contains(tool) && reason.contains("keybin export"), "{reason}");
    }
    assert!(!installation.directory().join("backup").exists());
}
