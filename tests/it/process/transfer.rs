//! `keybin export` and `keybin import`: everything, or one account, from one store to another.

use std::fs;

use keybin::domain::{
    AccountId, Email, Key, NewAccount, PasswordHash, Precondition, Profile, Timestamp, Username, Value,
};
use keybin::store::{Store, Write};
use serde_json::json;

use super::client::{Client, PASSWORD};
use crate::harness::program::Installation;
use crate::harness::{Backend, Harness, Trials, cases, trial_name};

pub(crate) fn register(trials: &mut Trials) {
    for backend in Backend::BOTH {
        let name =
            format!("{backend}::{}", trial_name(module_path!(), "everything_moves_to_a_store_of_the_other_kind"));
        trials.on_harness(name, async move |harness| moves(harness, backend).await);
    }
    cases!(trials.in_both:
        one_account_moves_to_another,
        accounts_that_are_there_are_told_and_left,
        an_account_is_overwritten_by_its_own_line,
        a_dry_run_leaves_nothing,
        what_is_no_archive_is_told,
    );
    cases!(trials.in_embedded: beside_a_server_a_file_is_neither_exported_nor_imported);
}

const ARCHIVE: &str = "all.ndjson";

/// Accounts with gaps in their numbers, in no order, and documents of every kind; more than a page of both.
async fn fill(installation: &Installation) {
    let store = installation.store().await;
    let hash = bcrypt::hash(PASSWORD, 4).expect("a hash");
    for (name, number) in [("zoe", 3), ("Ann", 900), ("é \"x\"", 17), ("bob", 4)] {
        let new = NewAccount {
            id: AccountId::random(),
            number: Some(number),
            username: Username::parse(name).expect("a name"),
            email: (number == 900).then(|| Email::parse("ann@example.org").expect("an address")),
            profile: match number {
                900 => Profile { full_name: Some("Ann \u{1F600}".into()), age: Some(3), gender: Some(String::new()) },
                _ => Profile::default(),
            },
            admin: number == 3,
            password: PasswordHash::from_stored(hash.as_str()),
            created_at: Timestamp::from_millis(1_500_000_000_123 + number as i64),
        };
        store.create_account(&new).await.expect("registers");
        if number != 4 {
            write_all(store.as_ref(), new.id).await;
        }
    }
    for i in 0..120 {
        let new = NewAccount {
            id: AccountId::random(),
            number: None,
            username: Username::parse(format!("user {i}")).expect("a name"),
            email: None,
            profile: Profile::default(),
            admin: false,
            password: PasswordHash::from_stored(hash.as_str()),
            created_at: Timestamp::from_millis(1_600_000_000_000),
        };
        store.create_account(&new).await.expect("registers");
    }
    store.close().await;
}

async fn write_all(store: &dyn Store, account: AccountId) {
    let large = format!("[\"{}\"]", "x".repeat(300_000));
    let odd = [
        ("a/b".replace('/', "\\"), "{\"$numberLong\":\"1\",\"é\":[1,-0.0,1.5e300]}"),
        ("int".to_owned(), "-1234567890123456789012345678901234"),
        ("large".to_owned(), large.as_str()),
        ("\u{10ffff}".to_owned(), "\"\\u0000\""),
    ];
    let many = (0..230).map(|i| (format!("k{i:03}"), "{\"n\":1}"));
    let far = Timestamp::parse("2999-01-01T00:00:00Z");
    for (i, (key, json)) in odd.into_iter().chain(many).enumerate() {
        let write = Write {
            created_at: Some(Timestamp::from_millis(1_400_000_000_001 + i as i64)),
            modified_at: Some(Timestamp::from_micros(1_400_000_000_123_456 + i as i64)),
            expires_at: far.filter(|_| i % 3 == 0),
            ..Write::of(Value::from_json(json.as_bytes(), 1 << 20).expect("a value"))
        };
        let key = Key::parse(key).expect("a key");
        store.put(account, &key, &write, Precondition::None, Timestamp::from_millis(0)).await.expect("writes");
    }
}

/// What an installation exports with these arguments, and what it says of it.
async fn export(installation: &Installation, arguments: &[&str]) -> (String, String) {
    let output = installation.command([&["export"], arguments].concat()).output().await;
    let said = output.stderr.clone();
    (output.good(), said)
}

async fn moves(harness: &Harness, from: Backend) {
    let to = if from == Backend::Mongo { Backend::Embedded } else { Backend::Mongo };
    let (old, new) = (Installation::new(from, harness.mongod(), "old"), Installation::new(to, harness.mongod(), "new"));
    fill(&old).await;
    let (archive, said) = export(&old, &[]).await;
    assert_eq!(said, "124 accounts and 702 documents exported\n");
    assert_eq!(archive.lines().count(), 124 + 702);
    let file = new.directory().join(ARCHIVE);
    fs::write(&file, &archive).expect("writes");
    let imported = new.command(["import", ARCHIVE]).output().await;
    assert_eq!(imported.stderr, "124 accounts and 702 documents imported, 0 documents left as they are\n");
    assert_eq!(imported.good(), "");
    assert_eq!(export(&new, &[]).await.0, archive);

    // A second time changes nothing, and through a pipe is the same.
    let again = new.command(["import"]).stdin(&archive).output().await;
    assert_eq!(again.stderr, "0 accounts and 0 documents imported, 702 documents left as they are\n");
    again.good();
    assert_eq!(export(&new, &[]).await.0, archive);

    // The password is good, and nobody is given a number that was brought along.
    let added = new.command(["user", "add", "carl"]).stdin(&format!("{PASSWORD}\n")).output().await.good();
    assert!(added.ends_with("as number 1021\n"), "{added}");
    let program = new.serve().await;
    let client = Client::new(program.address());
    client.log_in("Ann", "phone").await.good();
    program.terminate().await;
    for installation in [old, new] {
        installation.remove().await;
    }
}

async fn newcomer(installation: &Installation, name: &str) {
    installation.command(["user", "add", name]).stdin(&format!("{PASSWORD}\n")).output().await.good();
}

async fn one_account_moves_to_another(installation: &mut Installation) {
    fill(installation).await;
    newcomer(installation, "carl").await;
    let (lines, said) = export(installation, &["--account", "zoe", "--output", "zoe.ndjson"]).await;
    assert_eq!((lines.as_str(), said.as_str()), ("", "234 documents exported\n"));
    let file = installation.directory().join("zoe.ndjson");
    let lines = fs::read_to_string(&file).expect("was written");
    assert_eq!(lines.lines().count(), 234);
    assert!(lines.lines().all(|line| line.starts_with("{\"key\":")));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).expect("is there").permissions().mode() & 0o777, 0o600);
    }
    let imported = installation.command(["import", "--account", "carl", "zoe.ndjson"]).output().await;
    assert_eq!(imported.stderr, "234 documents imported, 0 documents left as they are\n");
    assert_eq!(export(installation, &["--account", "carl"]).await.0, lines);

    let fail = installation.command(["import", "--account", "carl", "--mode", "fail", "zoe.ndjson"]).output().await;
    assert_eq!(fail.status.code(), Some(1));
    assert!(fail.stderr.starts_with("line 1: there is a document under the key "), "{}", fail.stderr);
    assert!(fail.stderr.ends_with("keybin: 1 line not taken\n"), "{}", fail.stderr);
    for arguments in [["export", "--account", "nobody"], ["import", "--account", "nobody"]] {
        let reason = installation.command(arguments).output().await.reason();
        assert_eq!(reason, "keybin: there is no account named nobody\n");
    }
}

/// An account line, with a hash of [`PASSWORD`].
fn account(id: AccountId, number: u64, name: &str, email: Option<&str>) -> String {
    let password = bcrypt::hash(PASSWORD, 4).expect("a hash");
    let mut account = json!({
        "user_id": id.to_string(), "number": number, "username": name, "password": password,
        "created_at": "2020-01-01T00:00:00.000Z",
    });
    if let Some(email) = email {
        account["email"] = json!(email);
    }
    format!("{{\"account\":{account}}}\n{{\"key\":\"k\",\"value\":\"{name}\"}}\n")
}

async fn accounts_that_are_there_are_told_and_left(installation: &mut Installation) {
    let added = installation.command(["user", "add", "ann", "--email", "ann@example.org"]).stdin(PASSWORD);
    added.output().await.good();
    let before = export(installation, &[]).await.0;
    let archive = [
        account(AccountId::random(), 50, "ann", None),
        account(AccountId::random(), 1, "bob", None),
        account(AccountId::random(), 51, "eve", Some("ann@example.org")),
        account(AccountId::random(), 52, "zoe", None),
    ];
    for mode in ["skip", "overwrite"] {
        let import = installation.command(["import", "--mode", mode]).stdin(&archive[..3].concat()).output().await;
        let expected = "line 1: ann: another account has this name; its documents are left out\n\
                        line 3: bob: another account has this number; its documents are left out\n\
                        line 5: eve: another account has this e-mail address; its documents are left out\n\
                        0 accounts and 0 documents imported, 3 documents left as they are\n\
                        keybin: 3 lines not taken\n";
        assert_eq!((import.status.code(), import.stderr.as_str()), (Some(1), expected), "{mode}");
        assert_eq!(export(installation, &[]).await.0, before, "{mode}");
    }
    // What comes behind them is taken; with `fail`, nothing is.
    let import = installation.command(["import", "--mode", "fail"]).stdin(&archive.concat()).output().await;
    assert!(import.stderr.contains("\n0 accounts and 0 documents imported"), "{}", import.stderr);
    assert_eq!(export(installation, &[]).await.0, before);
    let import = installation.command(["import"]).stdin(&archive.concat()).output().await;
    assert_eq!(import.status.code(), Some(1));
    assert!(import.stderr.contains("\n1 account and 1 document imported, 3 documents left"), "{}", import.stderr);
    assert_eq!(export(installation, &["--account", "zoe"]).await.0.lines().count(), 1);
}

async fn an_account_is_overwritten_by_its_own_line(installation: &mut Installation) {
    let id = AccountId::random();
    let import = async |mode: &str, archive: &str| {
        installation.command(["import", "--mode", mode]).stdin(archive).output().await
    };
    import("skip", &account(id, 7, "ann", None)).await.good();
    installation.command(["token", "issue", "ann"]).output().await.good();
    let tokens = async || installation.command(["token", "list", "ann"]).output().await.good().lines().count() - 1;

    // With another hash of the password and an address; the hash of the file is the one that counts.
    let other = account(id, 7, "ann", Some("ann@example.org"));
    import("skip", &other).await.good();
    assert!(!export(installation, &[]).await.0.contains("ann@example.org"));
    assert_eq!(tokens().await, 1);
    let said = import("overwrite", &other).await;
    assert_eq!(said.stderr, "1 account and 1 document imported, 0 documents left as they are\n");
    said.good();
    let archive = export(installation, &[]).await.0;
    assert!(archive.contains("ann@example.org"));
    assert_eq!(tokens().await, 0, "a password that changed left a token");
    installation.command(["token", "issue", "ann"]).output().await.good();
    import("overwrite", &archive).await.good();
    assert_eq!(tokens().await, 1, "the same password ended a token");
    assert_eq!(export(installation, &[]).await.0, archive);

    // A name and a number stay with an id.
    for wrong in [account(id, 7, "bob", None), account(id, 8, "ann", None)] {
        let said = import("overwrite", &wrong).await;
        assert!(said.stderr.contains("the account is there already, as ann with the number 7"), "{}", said.stderr);
    }
    let said = import("fail", &other).await;
    assert!(said.stderr.contains("ann: the account is there already;"), "{}", said.stderr);
}

async fn a_dry_run_leaves_nothing(installation: &mut Installation) {
    newcomer(installation, "ann").await;
    let before = export(installation, &[]).await.0;
    let archive = account(AccountId::random(), 7, "bob", None) + &account(AccountId::random(), 8, "ann", None);
    let run = installation.command(["import", "--dry-run"]).stdin(&archive).output().await;
    let expected = "line 3: ann: another account has this name; its documents are left out\n\
                    1 account and 1 document would be imported, 1 document left as they are\n\
                    keybin: 1 line not taken\n";
    assert_eq!(run.stderr, expected);
    assert_eq!(export(installation, &[]).await.0, before);
    newcomer(installation, "carl").await;
    let shown = installation.command(["user", "show", "carl"]).output().await.good();
    assert!(shown.contains("number   2"), "{shown}");
}

async fn what_is_no_archive_is_told(installation: &mut Installation) {
    let lines = "{\"key\":\"k\",\"value\":1}\nnonsense\n{\"account\":{}}\n{\"key\":\"k\",\"value\":1}\n";
    let import = installation.command(["import"]).stdin(lines).output().await;
    let expected = "line 1: no account stands before this document\n\
                    line 2: no account stands before this document\n\
                    line 3: \"user_id\" must be a UUID; its documents are left out\n\
                    0 accounts and 0 documents imported, 1 document left as they are\n\
                    keybin: 3 lines not taken\n";
    assert_eq!((import.status.code(), import.stderr.as_str()), (Some(1), expected));
    let reason = installation.command(["import", "nowhere.ndjson"]).output().await.reason();
    assert!(reason.starts_with("keybin: cannot read nowhere.ndjson: "), "{reason}");
    let reason = installation.command(["export", "--output", "no/such/file"]).output().await.reason();
    assert!(reason.starts_with("keybin: cannot write no/such/file"), "{reason}");
    let usage = installation.command(["import", "--mode", "merge"]).output().await;
    assert_eq!(usage.status.code(), Some(2), "{usage:?}");
    assert_eq!(export(installation, &[]).await.0, "");
}

async fn beside_a_server_a_file_is_neither_exported_nor_imported(installation: &mut Installation) {
    let program = installation.serve().await;
    for arguments in [&["export"][..], &["export", "--output", "all.ndjson"], &["import"]] {
        let reason = installation.command(arguments).output().await.reason();
        assert!(reason.ends_with("keybin.redb is in use by another Keybin\n"), "{reason}");
    }
    assert!(!installation.directory().join("all.ndjson").exists());
    assert!(program.terminate().await.success());
}
