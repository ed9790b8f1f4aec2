//! The commands beside `serve`: what they do, what they print, and how they fail.

use reqwest::Method;
use serde_json::json;

use super::client::{Client, PASSWORD};
use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_both:
        accounts_are_added_listed_shown_changed_and_removed,
        a_new_password_is_the_only_one,
        nobody_is_removed_without_a_yes,
        what_is_refused_is_told_in_one_line,
        tokens_are_issued_listed_and_revoked,
        an_issued_token_opens_the_door_of_the_server,
    );
    cases!(trials.in_mongo: commands_work_beside_a_server);
    cases!(trials.in_embedded:
        beside_a_server_the_file_is_refused,
        completions_name_the_commands,
        the_version_and_the_help_are_told,
        an_unknown_command_is_wrong_usage,
        a_good_configuration_is_shown_with_its_places,
        everything_that_is_wrong_with_a_configuration_is_told,
        a_file_needs_no_migration,
    );
}

/// What the help and the completions name.
const COMMANDS: [&str; 11] = [
    "serve",
    "user",
    "token",
    "export",
    "import",
    "backup",
    "restore",
    "doctor",
    "migrate",
    "check-config",
    "completions",
];

/// Adds an account with [`PASSWORD`], and gives what was printed.
async fn add(installation: &Installation, name: &str) -> String {
    installation.command(["user", "add", name]).stdin(&format!("{PASSWORD}\n")).output().await.good()
}

async fn run<const N: usize>(installation: &Installation, arguments: [&str; N]) -> String {
    installation.command(arguments).output().await.good()
}

async fn refused<const N: usize>(installation: &Installation, arguments: [&str; N]) -> String {
    installation.command(arguments).output().await.reason()
}

/// What stands behind a name of `user show`.
fn shown<'s>(account: &'s str, name: &str) -> &'s str {
    let line = account.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in {account:?}")).trim()
}

async fn accounts_are_added_listed_shown_changed_and_removed(installation: &mut Installation) {
    assert_eq!(add(installation, "ann").await, "registered ann as number 1\n");
    let bob = installation.command(["user", "add", "bob", "--email", "bob@example.org"]).stdin(PASSWORD);
    assert_eq!(bob.output().await.good(), "registered bob as number 2\n");

    let list = run(installation, ["user", "list"]).await;
    let columns: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(columns[0], ["NUMBER", "CREATED", "NAME", "E-MAIL"]);
    let without_time = |line: &[&str]| [line[0], line[2], line[3]].join(" ");
    assert_eq!(
        columns[1..].iter().map(|line| without_time(line)).collect::<Vec<_>>(),
        ["1 ann -", "2 bob bob@example.org"]
    );

    let ann = run(installation, ["user", "show", "ann"]).await;
    for (name, value) in
        [("name", "ann"), ("number", "1"), ("e-mail", "-"), ("admin", "no"), ("created", columns[1][1])]
    {
        assert_eq!(shown(&ann, name), value, "{name}");
    }
    assert_eq!(shown(&ann, "user_id").len(), 36);

    assert_eq!(run(installation, ["user", "set", "ann", "--email", "ann@example.org"]).await, "changed ann\n");
    assert_eq!(shown(&run(installation, ["user", "show", "ann"]).await, "e-mail"), "ann@example.org");
    run(installation, ["user", "set", "ann", "--email", ""]).await;
    assert_eq!(shown(&run(installation, ["user", "show", "ann"]).await, "e-mail"), "-");

    assert_eq!(run(installation, ["user", "remove", "ann", "--yes"]).await, "removed ann\n");
    assert_eq!(refused(installation, ["user", "show", "ann"]).await, "keybin: there is no account named ann\n");
    assert_eq!(run(installation, ["user", "list"]).await.lines().count(), 2);
}

async fn a_new_password_is_the_only_one(installation: &mut Installation) {
    add(installation, "ann").await;
    run(installation, ["token", "issue", "ann", "phone"]).await;
    let set = installation.command(["user", "set", "ann", "--password"]).stdin("another one\n");
    assert_eq!(set.output().await.good(), "changed ann\n");
    assert_eq!(run(installation, ["token", "list", "ann"]).await.lines().count(), 1, "tokens outlive the password");

    let program = installation.serve().await;
    let client = Client::new(program.address());
    assert_eq!(client.log_in("ann", "phone").await.status, 403);
    let body = json!({ "username": "ann", "password": "another one" });
    client.send(Method::POST, "/token", Some(&body)).await.good();
}

async fn nobody_is_removed_without_a_yes(installation: &mut Installation) {
    add(installation, "ann").await;
    for answer in ["", "y\n", "yes\n"] {
        // Nobody sits at a pipe, whatever comes out of it.
        let remove = installation.command(["user", "remove", "ann"]).stdin(answer);
        assert_eq!(remove.output().await.reason(), "keybin: nothing was done\n");
    }
    run(installation, ["user", "show", "ann"]).await;
}

async fn what_is_refused_is_told_in_one_line(installation: &mut Installation) {
    add(installation, "ann").await;
    let again = installation.command(["user", "add", "ann"]).stdin(PASSWORD).output().await;
    assert_eq!(again.reason(), "keybin: another account has this name\n");
    let long = "x".repeat(73);
    for password in ["", "\n", "a\0b", long.as_str()] {
        let add = installation.command(["user", "add", "bob"]).stdin(password).output().await;
        assert!(add.reason().contains("password"), "{password:?}");
    }
    for arguments in [
        ["user", "show", "nobody"],
        ["user", "set", "nobody"],
        ["user", "remove", "nobody"],
        ["token", "list", "nobody"],
        ["token", "issue", "nobody"],
    ] {
        let mut arguments = arguments.to_vec();
        match arguments[1] {
            "set" => arguments.extend(["--email", "a@example.org"]),
            "remove" => arguments.push("--yes"),
            _ => {}
        }
        let reason = installation.command(&arguments).output().await.reason();
        assert_eq!(reason, "keybin: there is no account named nobody\n", "{arguments:?}");
    }
    let reason = refused(installation, ["user", "set", "ann", "--email", "no address"]).await;
    assert!(reason.contains("e-mail"), "{reason}");
    let reason = refused(installation, ["token", "issue", "ann", "a\nb"]).await;
    assert!(reason.contains("client_id"), "{reason}");
    assert_eq!(run(installation, ["user", "list"]).await.lines().count(), 2);
}

async fn tokens_are_issued_listed_and_revoked(installation: &mut Installation) {
    installation.set("KEYBIN_TOKEN_EXPIRATION_PHONE", "86400");
    add(installation, "ann").await;
    for (arguments, seconds) in [(&["token", "issue", "ann"][..], 300), (&["token", "issue", "ann", "phone"], 86400)] {
        let issued = installation.command(arguments).output().await;
        assert_eq!(issued.stderr, format!("valid for {seconds} seconds\n"));
        let token = issued.good();
        assert_eq!(token.trim_end().len(), 36, "{token:?}");
    }
    let list = run(installation, ["token", "list", "ann"]).await;
    let client_ids: Vec<_> = list.lines().filter_map(|line| line.split_whitespace().last()).collect();
    assert_eq!(client_ids, ["ID", "default", "phone"]);

    assert_eq!(run(installation, ["token", "revoke", "ann", "phone"]).await, "ended\n");
    assert_eq!(run(installation, ["token", "revoke", "ann", "phone"]).await, "there was no token\n");
    assert_eq!(run(installation, ["token", "list", "ann"]).await.lines().count(), 2);
}

async fn an_issued_token_opens_the_door_of_the_server(installation: &mut Installation) {
    add(installation, "ann").await;
    let replaced = run(installation, ["token", "issue", "ann"]).await;
    let token = run(installation, ["token", "issue", "ann"]).await;
    let revoked = run(installation, ["token", "issue", "ann", "phone"]).await;
    run(installation, ["token", "revoke", "ann", "phone"]).await;

    let program = installation.serve().await;
    let client = Client::new(program.address());
    client.put(token.trim(), "k", &json!(1)).await.good();
    assert_eq!(client.keys(token.trim()).await, ["k"]);
    for ended in [replaced.trim(), revoked.trim()] {
        assert_eq!(client.get(ended, "k").await.status, 403);
    }
    // The password from the pipe is what stands before the end of its line.
    client.log_in("ann", "web").await.good();
}

async fn commands_work_beside_a_server(installation: &mut Installation) {
    let program = installation.serve().await;
    let client = Client::new(program.address());
    add(installation, "ann").await;
    client.log_in("ann", "web").await.good();
    let token = run(installation, ["token", "issue", "ann"]).await;
    client.put(token.trim(), "k", &json!(1)).await.good();
    run(installation, ["token", "revoke", "ann", "default"]).await;
    assert_eq!(client.get(token.trim(), "k").await.status, 403);
    client.register("bob").await.good();
    run(installation, ["user", "remove", "bob", "--yes"]).await;
    assert_eq!(client.log_in("bob", "web").await.status, 403);
}

async fn beside_a_server_the_file_is_refused(installation: &mut Installation) {
    let program = installation.serve().await;
    for arguments in [&["user", "list"][..], &["user", "show", "ann"], &["token", "issue", "ann"]] {
        let reason = installation.command(arguments).output().await.reason();
        assert!(reason.ends_with("keybin.redb is in use by another Keybin\n"), "{reason}");
    }
    assert!(program.terminate().await.success());
    run(installation, ["user", "list"]).await;
}

async fn completions_name_the_commands(installation: &mut Installation) {
    for shell in ["bash", "zsh", "fish"] {
        let completions = run(installation, ["completions", shell]).await;
        for command in COMMANDS {
            assert!(completions.contains(command), "{shell}: {command}");
        }
    }
    // They are asked for where nothing is set up yet.
    installation.set("KEYBIN_APP_PORT", "none");
    run(installation, ["completions", "bash"]).await;
    assert!(!installation.directory().join("keybin.redb").exists());
}

async fn the_version_and_the_help_are_told(installation: &mut Installation) {
    let version = run(installation, ["--version"]).await;
    assert_eq!(version, format!("keybin {}\n", env!("CARGO_PKG_VERSION")));
    let help = run(installation, ["--help"]).await;
    for command in COMMANDS {
        assert!(help.contains(command), "{command}");
    }
}

async fn an_unknown_command_is_wrong_usage(installation: &mut Installation) {
    for arguments in [&["frobnicate"][..], &["user"], &["user", "add"], &["user", "set", "ann"], &["serve", "--prot=1"]]
    {
        let output = installation.command(arguments).output().await;
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty() && output.stderr.contains("Usage:"), "{output:?}");
    }
    assert!(!installation.directory().join("keybin.redb").exists());
}

async fn a_good_configuration_is_shown_with_its_places(installation: &mut Installation) {
    let file = installation.directory().join("other.cfg");
    std::fs::write(&file, "[TOKEN_EXPIRATION]\nphone=86400\n").expect("writes");
    installation.set("KEYBIN_APP_HOST", "127.0.0.2");
    let shown = run(installation, ["check-config", "--config", "other.cfg", "--log-level", "debug"]).await;
    for (line, place) in [
        ("[APP] port = 5000", "default"),
        ("[APP] host = 127.0.0.2", "environment KEYBIN_APP_HOST"),
        ("[TOKEN_EXPIRATION] phone = 86400", "other.cfg"),
        ("[LOG] level = debug", "--log-level"),
    ] {
        let found = shown.lines().find_map(|shown| shown.strip_prefix(line));
        let found = found.unwrap_or_else(|| panic!("no {line} in\n{shown}"));
        assert!(found.contains(place), "{line}{found}");
    }
    assert!(!installation.directory().join("keybin.redb").exists(), "looking at the configuration made a store");
}

async fn everything_that_is_wrong_with_a_configuration_is_told(installation: &mut Installation) {
    std::fs::write(installation.directory().join("store.cfg"), "[APP]\nprot=80\n[LOG]\nlevel=loud\n").expect("writes");
    installation.set("KEYBIN_APP_PORT", "many");
    for command in ["check-config", "serve", "migrate"] {
        let output = installation.command([command]).output().await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        for part in ["3 problems", "prot", "did you mean", "\"loud\"", "store.cfg", "\"many\"", "KEYBIN_APP_PORT"] {
            assert!(output.stderr.contains(part), "{part} is not in\n{}", output.stderr);
        }
    }
}

async fn a_file_needs_no_migration(installation: &mut Installation) {
    for arguments in [&["migrate"][..], &["migrate", "--check"]] {
        let told = installation.command(arguments).output().await.good();
        assert_eq!(told, "embedded:keybin.redb needs no migration\n");
    }
}
