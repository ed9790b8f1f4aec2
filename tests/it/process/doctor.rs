//! `keybin doctor`: everything that is wrong is found, and what to do about it is told.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bson::{Document, doc};
use serde_json::Value as Json;

use super::client::Client;
use crate::harness::mongod::Mongod;
use crate::harness::program::{Installation, Output};
use crate::harness::{Backend, Harness, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_both: a_healthy_installation_has_no_problem);
    cases!(trials.in_embedded:
        a_wrong_configuration_is_found,
        what_others_can_read_is_found,
        what_is_in_the_way_of_a_file_is_found,
        a_damaged_file_is_found,
        a_server_is_found_at_its_port,
        what_listens_instead_is_found,
        what_could_be_better_is_told,
    );
    cases!(trials.in_mongo: indexes_that_are_wrong_are_found, a_database_that_nobody_prepared_is_no_problem);
    cases!(trials.on_harness: a_database_that_is_away_is_found, a_server_that_stands_alone_is_told);
}

/// What the doctor said.
struct Told {
    output: Output,
    json: Json,
}

impl Told {
    /// What is said of a check: its state and the rest.
    fn of(&self, check: &str) -> (&str, String) {
        let findings = self.json["findings"].as_array().expect("findings");
        let finding = findings.iter().find(|finding| finding["check"] == check);
        let finding = finding.unwrap_or_else(|| panic!("nothing of {check} in {}", self.json));
        let text = |name: &str| finding[name].as_str().unwrap_or_default();
        (text("state"), format!("{}; {}", text("text"), text("advice")))
    }

    /// Checks that a problem is told with these words, and that the doctor ended accordingly.
    fn assert_problem(&self, check: &str, words: &[&str]) {
        self.assert_state("problem", check, words);
        assert_eq!(self.output.status.code(), Some(1), "{:?}", self.output);
        assert!(self.output.stderr.ends_with(" found\n"), "{:?}", self.output);
    }

    fn assert_state(&self, wanted: &str, check: &str, words: &[&str]) {
        let (state, text) = self.of(check);
        assert_eq!(state, wanted, "{check}: {text}");
        for word in words {
            assert!(text.contains(word), "{check}: {word} is not in {text}");
        }
    }
}

/// Asks the doctor.
async fn ask(installation: &Installation, more: &[&str]) -> Told {
    let arguments = ["doctor", "--json"].iter().chain(more);
    let output = installation.command(arguments).output().await;
    let json = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    Told { output, json }
}

/// A store that was used and is closed.
async fn used(installation: &mut Installation) {
    installation.set("KEYBIN_APP_PORT", "0");
    let program = installation.serve().await;
    Client::new(program.address()).newcomer("ann").await;
    assert!(program.terminate().await.success());
}

fn allow(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("sets the mode");
}

async fn a_healthy_installation_has_no_problem(installation: &mut Installation) {
    used(installation).await;
    for more in [&[][..], &["--deep"]] {
        let told = ask(installation, more).await;
        assert!(told.output.status.success(), "{:?}", told.output);
        assert_eq!(told.json["problems"], 0);
        for check in ["config", "config.listening", "store", "port", "clock"] {
            told.assert_state("ok", check, &[]);
        }
    }
    let text = installation.command(["doctor"]).output().await.good();
    assert!(text.lines().all(|line| line.starts_with("ok ") || line.starts_with("warning ")), "{text}");
    assert!(text.lines().count() > 6, "{text}");
}

async fn a_wrong_configuration_is_found(installation: &mut Installation) {
    fs::write(installation.directory().join("store.cfg"), "[APP]\nprot=80\n").expect("writes");
    ask(installation, &[]).await.assert_problem("config", &["prot", "store.cfg, line 2"]);
    fs::write(installation.directory().join("store.cfg"), "[JWT]\nsecret=canary\n").expect("writes");
    let told = ask(installation, &[]).await;
    told.assert_problem("config", &["[JWT] secret", "32"]);
    assert!(!told.json.to_string().contains("canary"));
}

async fn what_others_can_read_is_found(installation: &mut Installation) {
    used(installation).await;
    let file = installation.directory().join("store.cfg");
    fs::write(&file, "[JWT]\nsecret=canary-canary-canary-canary-canary\n").expect("writes");
    allow(&file, 0o644);
    allow(installation.directory().join("keybin.redb"), 0o640);
    allow(installation.directory(), 0o777);
    let told = ask(installation, &[]).await;
    told.assert_problem("config.secrets", &["[JWT] secret", "chmod 600"]);
    told.assert_problem("store.permissions", &["0640", "chmod 600"]);
    told.assert_problem("store.directory", &["0777", "chmod o-w"]);
    assert!(!told.json.to_string().contains("canary"));
    allow(&file, 0o600);
    allow(installation.directory().join("keybin.redb"), 0o600);
    allow(installation.directory(), 0o700);
    assert_eq!(ask(installation, &[]).await.json["problems"], 0);
}

async fn what_is_in_the_way_of_a_file_is_found(installation: &mut Installation) {
    installation.set("KEYBIN_APP_PORT", "0");
    ask(installation, &[]).await.assert_state("ok", "store", &["is made at the first start"]);
    assert!(!installation.directory().join("keybin.redb").exists(), "looking made a store");
    let away = ask(installation, &["--store", "embedded:no/where.redb"]).await;
    away.assert_problem("store", &["there is no directory no", "mkdir"]);
    fs::write(installation.directory().join("letter"), "Dear Ann,\n").expect("writes");
    allow(installation.directory().join("letter"), 0o600);
    ask(installation, &["--store", "embedded:letter"]).await.assert_problem("store", &["is no Keybin store"]);

    used(installation).await;
    let file = fs::File::open(installation.directory().join("keybin.redb")).expect("opens");
    file.lock().expect("locks");
    ask(installation, &[]).await.assert_state("warning", "store", &["another process"]);
}

async fn a_damaged_file_is_found(installation: &mut Installation) {
    used(installation).await;
    let file = installation.directory().join("keybin.redb");
    let mut content = fs::read(&file).expect("reads");
    let name = b"username\0\x04\0\0\0ann\0";
    let places: Vec<_> = (0..content.len()).filter(|at| content[*at..].starts_with(name)).collect();
    assert!(!places.is_empty(), "the account is not where it was thought to be");
    for at in places {
        content[at + name.len() - 2] = b'a';
    }
    fs::write(&file, content).expect("writes");
    let told = ask(installation, &["--deep"]).await;
    told.assert_problem("store", &["is damaged", "keybin restore"]);
    let reason = installation.command(["backup", "backup"]).output().await.reason();
    assert!(reason.contains("damaged"), "{reason}");
}

async fn a_server_is_found_at_its_port(installation: &mut Installation) {
    let program = installation.serve().await;
    installation.set("KEYBIN_APP_PORT", &program.address().port().to_string());
    for host in ["127.0.0.1", "0.0.0.0"] {
        installation.set("KEYBIN_APP_HOST", host);
        let told = ask(installation, &["--deep"]).await;
        told.assert_state("ok", "port", &["is ready", env!("CARGO_PKG_VERSION")]);
        told.assert_state("ok", "store", &["open in a server"]);
    }
}

async fn what_listens_instead_is_found(installation: &mut Installation) {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    installation.set("KEYBIN_APP_PORT", &port.to_string());
    // It says goodbye at once to everybody.
    std::thread::spawn(move || taken.incoming().for_each(drop));
    ask(installation, &[]).await.assert_problem("port", &["something else than Keybin"]);
    // An address of the documentation (RFC 5737), which no machine has.
    installation.set("KEYBIN_APP_HOST", "192.0.2.1");
    ask(installation, &[]).await.assert_problem("port", &["nobody can listen on", "[APP] host"]);
}

async fn what_could_be_better_is_told(installation: &mut Installation) {
    for (variable, value) in
        [("KEYBIN_APP_HOST", "0.0.0.0"), ("KEYBIN_APP_PORT", "0"), ("KEYBIN_LIMITS_REQUESTS", "1000000")]
    {
        installation.set(variable, value);
    }
    let told = ask(installation, &[]).await;
    told.assert_state("warning", "config.listening", &["TLS", "trusted_proxies"]);
    told.assert_state("warning", "passwords", &["bcrypt_cost 4", "cheap", "set [PASSWORD] bcrypt_cost="]);
    assert!(told.output.status.success(), "{:?}", told.output);
    installation.set("KEYBIN_APP_TRUSTED_PROXIES", "127.0.0.1");
    installation.set("KEYBIN_PASSWORD_BCRYPT_COST", "24");
    let told = ask(installation, &[]).await;
    told.assert_state("ok", "config.listening", &[]);
    told.assert_state("warning", "passwords", &["bcrypt_cost 24", "few people"]);
    installation.set("KEYBIN_STORE_CACHE_BYTES", "1099511627776");
    ask(installation, &[]).await.assert_problem("limits.memory", &["cache_bytes"]);
}

async fn indexes_that_are_wrong_are_found(installation: &mut Installation) {
    used(installation).await;
    let told = ask(installation, &[]).await;
    told.assert_state("ok", "store.indexes", &[]);
    told.assert_state("ok", "store.durability", &["rs0"]);
    told.assert_state("ok", "store.majority", &["1 of 1"]);
    told.assert_state("ok", "store.clock", &[]);
    // The tests switch it off, to find whoever relies on it.
    told.assert_state("warning", "store.sweeping", &["ttlMonitorEnabled"]);

    let database = installation.database().expect("a database");
    let drop_index = async |collection: &str, name: &str| {
        database.collection::<Document>(collection).drop_index(name).await.expect("drops");
    };
    drop_index("users", "username_1").await;
    drop_index("tokens", "expires_at_1").await;
    let plain = doc! { "createIndexes": "tokens", "indexes": [{ "key": { "expires_at": 1 }, "name": "mine" }] };
    database.run_command(plain).await.expect("makes an index");
    let told = ask(installation, &[]).await;
    let words = ["there is no index on users.username", "the index on tokens.expires_at is not what it should be"];
    told.assert_problem("store.indexes", &words);
    // What it advises helps.
    installation.serve().await.terminate().await;
    ask(installation, &[]).await.assert_state("ok", "store.indexes", &[]);
}

async fn a_database_that_nobody_prepared_is_no_problem(installation: &mut Installation) {
    installation.set("KEYBIN_APP_PORT", "0");
    let told = ask(installation, &[]).await;
    told.assert_state("ok", "store.indexes", &["not prepared yet"]);
    let names = installation.database().expect("a database").list_collection_names().await.expect("lists");
    assert_eq!(names, [""; 0], "looking made something");
}

async fn a_database_that_is_away_is_found(harness: &Harness) {
    let mut installation = Installation::new(Backend::Embedded, harness.mongod(), "away");
    installation.set("KEYBIN_APP_PORT", "0");
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port");
    installation.set("KEYBIN_STORE_HOST", &format!("mongodb://me:canary@{closed}/"));
    let told = ask(&installation, &[]).await;
    told.assert_problem("store", &["cannot be used", "[STORE] host"]);
    assert!(!told.json.to_string().contains("canary"), "{}", told.json);
    told.assert_state("ok", "config", &[]);
}

async fn a_server_that_stands_alone_is_told(harness: &Harness) {
    let mongod = Mongod::start_alone(harness.mongod_binary()).await.expect("starts");
    let mut installation = Installation::new(Backend::Embedded, harness.mongod(), "alone");
    installation.set("KEYBIN_APP_PORT", "0");
    installation.set("KEYBIN_STORE_HOST", &mongod.uri());
    let told = ask(&installation, &[]).await;
    told.assert_state("warning", "store.durability", &["without a replica set", "replica set"]);
    assert!(told.output.status.success(), "{:?}", told.output);
}
