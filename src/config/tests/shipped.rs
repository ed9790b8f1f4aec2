//! The files that are shipped, and the syntax of `store.cfg`.

use super::*;

const STORE_CFG: &str = include_str!("../../../store.cfg");
const OPERATING: &str = include_str!("../../../docs/OPERATING.md");
const ROCKET_TOML: &str = include_str!("../../../Rocket.toml");

#[test]
fn the_shipped_store_cfg_is_the_table_with_a_comment_for_every_key() {
    assert_eq!(STORE_CFG, Config::template());
    assert!(keys::KEYS.iter().all(|key| key.meaning.len() > 10), "every key says what it means");
    assert!(STORE_CFG.lines().all(|line| line.len() <= 120));
}

#[test]
fn the_table_for_operators_is_the_table() {
    let code = |text: &str| if text.is_empty() { String::new() } else { format!("`{text}`") };
    let row = |key: &keys::Key| {
        let meaning = key.meaning.replace('<', "\\<");
        format!("| `[{}] {}` | {} | {meaning} |\n", key.section, key.name, code(key.default))
    };
    let table: String = keys::KEYS.iter().map(row).collect();
    let table = format!("\n| key | default | meaning |\n|---|---|---|\n{table}\n");
    assert!(OPERATING.contains(&table), "docs/OPERATING.md must have this table:\n{table}");
}

#[test]
fn the_shipped_files_say_what_holds_without_them() {
    let shipped = given().store_cfg(STORE_CFG).file("Rocket.toml", ROCKET_TOML).config();
    let bare = given().config();
    assert_eq!(values(&shipped), values(&bare));
    let rocket = |config: &Config| rocket::Config::try_from(config.rocket()).expect("Rocket's configuration");
    assert_eq!(rocket(&shipped), rocket(&bare));
    assert!(
        shipped.origins.iter().all(|origin| origin.place.starts_with("store.cfg, line ")),
        "every key is in the file"
    );
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let config = given().config();
    let app = AppConfig {
        host: [127, 0, 0, 1].into(),
        port: 5000,
        debug: false,
        trusted_proxies: Vec::new(),
        allowed_origins: Vec::new(),
    };
    assert_eq!(config.app, app);
    let store = StoreConfig {
        location: Location::Embedded("keybin.redb".into()),
        database: "store".to_owned(),
        store_collection: "store".to_owned(),
        users_collection: "users".to_owned(),
        token_collection: "tokens".to_owned(),
        max_value_bytes: 1_048_576,
        cache_bytes: 128 * 1024 * 1024,
    };
    assert_eq!(config.store, store);
    let open = ApiConfig { keybin: true, stow: true, forms: true, pairs: true, users: true, web: true };
    assert_eq!(config.api, open);
    assert_eq!(config.users, UsersConfig { directory: Directory::Own });
    assert_eq!(config.password.bcrypt_cost, 12);
    assert_eq!(config.log, LogConfig { level: LogLevel::Info, format: LogFormat::Text, file: None, otlp: None });
}

#[test]
fn the_table_names_every_section_in_order_and_no_key_twice() {
    let mut sections: Vec<_> = keys::KEYS.iter().map(|key| key.section).collect();
    sections.dedup();
    assert_eq!(sections, keys::SECTIONS);
    for (i, key) in keys::KEYS.iter().enumerate() {
        let same = keys::KEYS[..i].iter().any(|other| (other.section, other.name) == (key.section, key.name));
        assert!(!same, "{key:?}");
    }
}

#[test]
fn lists_have_commas_between() {
    let text = "[APP]\ntrusted_proxies=127.0.0.1, 10.0.0.0/8,::1 , fd00::/8\n\
                allowed_origins=https://app.example.org, http://localhost:3000,http://[::1]:8080\n";
    let config = given().store_cfg(text).config();
    let proxies: Vec<_> = config.app.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["127.0.0.1/32", "10.0.0.0/8", "::1/128", "fd00::/8"]);
    assert_eq!(config.app.allowed_origins, ["https://app.example.org", "http://localhost:3000", "http://[::1]:8080"]);
}

#[test]
fn comments_blanks_and_line_ends_are_as_operators_write_them() {
    let text = "\u{feff}; a comment\r\n  # another one\r\n\r\n[APP]   # one behind a section\r\n  port = 1  # and \
                one behind a value\r\nhost=localhost\t; or with a semicolon\r\n[API]\r\nweb=OFF\r\n\t[USERS]\r\n\
                directory:everyone";
    let config = given().store_cfg(text).config();
    assert_eq!((config.app.port, config.app.host.is_loopback()), (1, true));
    assert!(!config.api.web);
    assert_eq!(config.users.directory, Directory::Everyone);
}

#[test]
fn values_are_taken_as_they_are() {
    for (host, location) in [
        (r"embedded:C:\new\table\x.redb", Location::Embedded(r"C:\new\table\x.redb".into())),
        ("embedded:a b#c;d.redb", Location::Embedded("a b#c;d.redb".into())),
        ("embedded:'a'.redb   # a comment", Location::Embedded("'a'.redb".into())),
        (r"embedded:ends with\", Location::Embedded(r"ends with\".into())),
    ] {
        let text = format!("[STORE]\nhost={host}\ndatabase=d\n");
        let config = given().store_cfg(&text).config();
        assert_eq!((config.store.location, config.store.database.as_str()), (location, "d"));
    }
    let uri = "mongodb://me:p%40ss@h1:1,h2:2/db?replicaSet=rs0&w=majority#x";
    let config = given().store_cfg(&format!("[STORE]\nhost={uri}   # a comment\n")).config();
    assert_eq!(config.store.location, Location::Mongo(uri.to_owned()));
}

#[test]
fn a_line_never_runs_into_the_next() {
    for broken in ["port", "[APP", "[API] web=on", "=1", "port 5", r"port\"] {
        let problems = given().store_cfg(&format!("[APP]\n{broken}\nhost=localhost\n")).problems();
        assert_eq!(problems, ["broken line (store.cfg, line 2): must be a [SECTION], a key=value or a # comment"]);
    }
}
