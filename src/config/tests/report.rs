//! What `check-config` shows.

use super::*;

#[test]
fn every_effective_value_stands_there_with_its_place() {
    let given = given()
        .store_cfg("[APP]\nport=1\ndebug=yes\n[TOKEN_EXPIRATION]\nphone=5\n")
        .file("Rocket.toml", "[default]\nkeep_alive = 8\naddress = \"::1\"\n[default.shutdown]\ngrace = 9\n")
        .env("KEYBIN_STORE_HOST", "mongodb://me:canary@h/?replicaSet=rs0")
        .env("ROCKET_WORKERS", "2")
        .options(Overrides { log_level: some("WARN"), ..Overrides::default() });
    let report = given.config().report();
    let lines: Vec<_> = report.lines().collect();
    for line in [
        "[APP] host = ::1  (Rocket.toml, address)",
        "[APP] port = 1  (store.cfg, line 2)",
        "[APP] debug = true  (store.cfg, line 3)",
        "[STORE] host = mongodb://me:***@h/?replicaSet=rs0  (environment KEYBIN_STORE_HOST)",
        "[STORE] database = store  (default)",
        "[TOKEN_EXPIRATION] stow = 3600  (default)",
        "[TOKEN_EXPIRATION] phone = 5  (store.cfg, line 5)",
        "[API] web = on  (default)",
        "[USERS] directory = self  (default)",
        "[LOG] level = warn  (command line --log-level)",
        "Rocket: keep_alive = 8  (Rocket.toml)",
        "Rocket: shutdown.grace = 9  (Rocket.toml)",
        "Rocket: shutdown.mercy = 3  (default)",
        "Rocket: workers = 2  (environment ROCKET_WORKERS)",
        "Rocket: log_level = off  (fixed by Keybin)",
    ] {
        assert!(lines.contains(&line), "{line}\nis not in\n{report}");
    }
    assert!(!report.contains("canary"));
    let keybin = lines.iter().filter(|line| line.starts_with('[')).count();
    assert_eq!(keybin, keys::KEYS.len() + 1);
    assert_eq!(lines.len(), keybin + 8, "{report}");
}

#[test]
fn no_password_shows_in_any_debug_output() {
    let overrides = Overrides { store: some("mongodb://me:canary@h"), ..Overrides::default() };
    let given = given().env("KEYBIN_STORE_HOST", "mongodb://me:canary@g").options(overrides);
    let environment: Environment = given.environment.iter().cloned().collect();
    let shown = format!("{:?} {environment:?} {:?} {}", given.config(), given.overrides, given.config().report());
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn threads_are_shown_as_they_come_out() {
    let threads = |value: &str| given().env("KEYBIN_PASSWORD_THREADS", value).config();
    assert_eq!(threads("3").password.threads, 3);
    let config = threads("0");
    assert!(config.password.threads >= 1);
    let line = format!("[PASSWORD] threads = {}  ", config.password.threads);
    assert!(config.report().contains(&line));
}
