//! What is refused, and in which words.

use super::*;

#[test]
fn each_wrong_value_is_told_with_key_value_place_and_way_out() {
    let number = |from: u64, to: u64| format!("must be a whole number from {from} to {to}");
    let seconds = format!("{} (seconds)", number(1, 4_294_967_295));
    let switch = "must be on or off (or true or false, yes or no, 1 or 0)".to_owned();
    let name =
        "must be 1 to 128 bytes without blanks and $, must not begin with system. and must not have a dot at an \
                end or two in a row"
            .to_owned();
    let address = "must be localhost or an IP address such as 127.0.0.1, 0.0.0.0 or ::".to_owned();
    let networks = "must be IP addresses or networks such as 10.0.0.0/8, with commas between";
    let origins = "must be origins such as https://app.example.org or http://localhost:3000, in lower case and without a \
                   path, with commas between";
    let listener = "must be an IP address and a port such as 127.0.0.1:9464 or [::1]:9464";
    let database = "must be 1 to 63 bytes without blanks and without any of / \\ . \" $ * < > : | ?".to_owned();
    let level = "must be error, warn, info, debug, trace or off".to_owned();
    let table: &[(&str, &str, &[&str], &str)] = &[
        ("APP", "host", &["example.org", "127.0.0.1:80", ""], &address),
        ("APP", "port", &["65536", "-1", "+1", "5e3", "0x10", "1.0", "eighty", ""], &number(0, 65535)),
        ("APP", "debug", &["2", "maybe", ""], &switch),
        ("APP", "trusted_proxies", &["10.0.0.0/33", "example.org", "127.0.0.1; ::1"], networks),
        (
            "APP",
            "allowed_origins",
            &[
                "*",
                "null",
                "app.example.org",
                "https://App.example.org",
                "https://a.test/",
                "https://a.test:443",
                "ftp://a",
            ],
            origins,
        ),
        (
            "STORE",
            "database",
            &["a.b", "a b", "", "0123456789012345678901234567890123456789012345678901234567890123"],
            &database,
        ),
        ("STORE", "store_collection", &["", "a$", "system.users", ".a", "a.", "a..b"], &name),
        ("STORE", "users_collection", &["", "a b"], &name),
        ("STORE", "token_collection", &["", "a b"], &name),
        ("STORE", "token_expiration", &["0", "4294967296", "-5", "", "1h"], &seconds),
        ("STORE", "max_value_bytes", &["0", "15728641", ""], &number(1, 15_728_640)),
        ("STORE", "cache_bytes", &["1048575", "1099511627777", "64 MiB", ""], &number(1_048_576, 1_099_511_627_776)),
        ("TOKEN_EXPIRATION", "stow", &["0", ""], &seconds),
        ("TOKEN_EXPIRATION", "forms", &["0"], &seconds),
        ("TOKEN_EXPIRATION", "pairs", &["0"], &seconds),
        ("TOKEN_EXPIRATION", "users", &["0"], &seconds),
        ("TOKEN_EXPIRATION", "web", &["0"], &seconds),
        ("TOKEN_EXPIRATION", "phone/1", &["0", "99999999999999999999999"], &seconds),
        ("API", "keybin", &["open", ""], &switch),
        ("API", "stow", &["open"], &switch),
        ("API", "forms", &["open"], &switch),
        ("API", "pairs", &["open"], &switch),
        ("API", "users", &["open"], &switch),
        ("API", "web", &["open"], &switch),
        ("USERS", "directory", &["all", ""], "must be self or everyone"),
        ("PASSWORD", "bcrypt_cost", &["3", "32", ""], &number(4, 31)),
        ("PASSWORD", "threads", &["1025", "-1", ""], &number(0, 1024)),
        ("PASSWORD", "remember_seconds", &["3601", "-1", ""], &number(0, 3600)),
        ("LIMITS", "wrong_passwords", &["1000001", "-1", "", "10/min"], &number(0, 1_000_000)),
        ("LIMITS", "log_ins", &["1000001"], &number(0, 1_000_000)),
        ("LIMITS", "registrations", &["1000001"], &number(0, 1_000_000)),
        ("LIMITS", "requests", &["-1", "1000001", "many", ""], &number(0, 1_000_000)),
        ("METRICS", "enabled", &["open", ""], &switch),
        ("METRICS", "listen", &["9464", ":9464", "example.org:9464", "127.0.0.1:65536", "::1:9464"], listener),
        ("METRICS", "amounts_seconds", &["0", "86401", "-1", "", "1m"], &number(1, 86_400)),
        ("LOG", "level", &["loud", ""], &level),
        ("LOG", "format", &["yaml", ""], "must be text or json"),
        (
            "LOG",
            "otlp",
            &["127.0.0.1:4318", "https://a.test", "http://a.test/v1/traces", "http://me:secret@a.test", "on"],
            "must be the URL of a collector without a path, such as http://127.0.0.1:4318 (no https: it is meant to be near)",
        ),
    ];
    for (section, key, wrong, advice) in table {
        for value in *wrong {
            let told = given().store_cfg(&format!("[{section}]\n{key}={value}\n")).problems();
            // What looks like a connection string may hold a password.
            let value = if value.contains("://") {
                "***".to_owned()
            } else if value.chars().count() > 60 {
                format!("{:?}…", &value[..60])
            } else {
                format!("{value:?}")
            };
            assert_eq!(told, [format!("[{section}] {key} = {value} (store.cfg, line 2): {advice}")]);
        }
    }
    let untried = keys::KEYS.iter().filter(|key| !table.iter().any(|row| (row.0, row.1) == (key.section, key.name)));
    assert_eq!(
        untried.map(|key| key.name).collect::<Vec<_>>(),
        ["host", "secret", "file"],
        "what may be a secret has a test of its own, and any text can be the name of a file"
    );
}

#[test]
fn a_short_jwt_secret_is_refused_without_being_shown() {
    let told = given().store_cfg("[JWT]\nsecret=canary\n").problems();
    let advice = "must be at least 32 bytes long, or empty for one that is made and kept in the store";
    assert_eq!(told, [format!("[JWT] secret = *** (store.cfg, line 2): {advice}")]);
    let secret = "0123456789abcdef0123456789abcdef";
    let config = given().env("KEYBIN_JWT_SECRET", secret).config();
    assert_eq!(config.jwt.secret.as_deref(), Some(secret));
    assert!(!format!("{config:?} {}", config.report()).contains(secret));
}

#[test]
fn quotes_are_part_of_a_value_and_the_message_says_so() {
    let told = "[LOG] level = \"\\\"info\\\"\" (store.cfg, line 2): must be error, warn, info, debug, trace or off; \
                values are written without quotes";
    assert_eq!(given().store_cfg("[LOG]\nlevel=\"info\"\n").problems(), [told]);
}

#[test]
fn the_host_of_the_store_is_never_repeated() {
    for (host, advice) in [
        ("redis://me:canary@h", "must begin with embedded: or mongodb:// or mongodb+srv://"),
        (
            "\"mongodb://me:canary@h\"",
            "must begin with embedded: or mongodb:// or mongodb+srv://; values are written without quotes",
        ),
        ("embedded:", "embedded: must be followed by the path of a file"),
        ("", "must begin with embedded: or mongodb:// or mongodb+srv://"),
    ] {
        let given = given().env("KEYBIN_STORE_HOST", host);
        assert_eq!(given.problems(), [format!("[STORE] host = *** (environment KEYBIN_STORE_HOST): {advice}")]);
    }
}

#[test]
fn no_message_repeats_a_connection_string_wherever_it_was_put() {
    let uri = "mongodb://me:canary@h";
    for text in [
        format!("host={uri}"),
        format!("[STORE]\n{uri}"),
        format!("[STORE]\nhost {uri}"),
        format!("[STORE]\nhots={uri}"),
        format!("[STORE]\ndatabase={uri}"),
        format!("[APP]\nhost={uri}"),
        format!("[APP]\nport={uri}"),
        format!("[STOER]\nhost={uri}"),
        format!("[STORE]\nhost={uri}\nhost={uri}"),
        format!("[STORE\nhost={uri}"),
    ] {
        let errors = given().store_cfg(&text).load().expect_err("a problem");
        assert!(!errors.to_string().contains("canary"), "{errors}");
    }
    let errors = given().env("KEYBIN_STORE_HOTS", uri).load().expect_err("a problem");
    assert!(!errors.to_string().contains("canary"), "{errors}");
    for text in
        ["[default]\nsecret_key = \"canary\nport = 1", "secret_key = \"canary\"", "[default]\nsecret_key = \"canary\""]
    {
        let errors = given().file("Rocket.toml", text).load().expect_err("a problem");
        assert!(!errors.to_string().contains("canary"), "{errors}");
    }
}

#[test]
fn what_is_unknown_is_told_with_what_was_meant() {
    for (text, told) in [
        ("[APP]\nprot=1", "[APP] prot (store.cfg, line 2): unknown key; did you mean port?"),
        ("[APP]\nPort=1", "[APP] Port (store.cfg, line 2): unknown key; did you mean port?"),
        ("[APP]\ndatabase=x", "[APP] database (store.cfg, line 2): unknown key; did you mean [STORE] database?"),
        ("[USERS]\ncolour=x", "[USERS] colour (store.cfg, line 2): unknown key; known here are directory"),
        ("[STOER]\nhost=x\nport=y", "[STOER] (store.cfg, line 1): unknown section; did you mean [STORE]?"),
        ("[app]", "[app] (store.cfg, line 1): unknown section; did you mean [APP]?"),
        (
            "[CACHE]",
            "[CACHE] (store.cfg, line 1): unknown section; known are APP, STORE, TOKEN_EXPIRATION, API, USERS, \
             PASSWORD, LIMITS, JWT, METRICS, LOG",
        ),
        (
            "database=x",
            "database (store.cfg, line 1): stands above the first section; put it under one, such as [STORE]",
        ),
    ] {
        assert_eq!(given().store_cfg(text).problems(), [told]);
    }
}

#[test]
fn unknown_variables_are_told_and_foreign_ones_are_left_alone() {
    for (name, meant) in [
        ("KEYBIN_APP_PROT", "did you mean KEYBIN_APP_PORT?"),
        ("KEYBIN_PORT", "did you mean KEYBIN_APP_PORT?"),
        ("KEYBIN_TOKEN_EXPIRATION", "did you mean KEYBIN_STORE_TOKEN_EXPIRATION?"),
        ("KEYBIN_TOKEN_EXPIRATON_WEB", "did you mean KEYBIN_TOKEN_EXPIRATION_WEB?"),
        ("KEYBIN_COLOUR", "a key is spelled KEYBIN_<SECTION>_<KEY>, such as KEYBIN_APP_PORT"),
        ("KEYBIN_", "a key is spelled KEYBIN_<SECTION>_<KEY>, such as KEYBIN_APP_PORT"),
    ] {
        assert_eq!(given().env(name, "1").problems(), [format!("{name} (environment): unknown variable; {meant}")]);
    }
    for (name, value) in [
        ("KEYBIN_TEST_MONGODB", "mongodb://h"),
        ("KEYBIN_SERVICE_HOST", "10.0.0.1"),
        ("KEYBIN_SERVICE_PORT_HTTP", "5000"),
        ("KEYBIN_PORT", "tcp://10.0.0.1:5000"),
        ("KEYBIN_PORT_5000_TCP_ADDR", "10.0.0.1"),
        ("KEYBIN_APP_PORT", "tcp://10.0.0.1:5000"),
        ("KEYBINX_APP_PORT", "x"),
        ("ROCKET_CHAT_URL", "x"),
    ] {
        assert_eq!(given().env(name, value).problems(), [""; 0], "{name}");
    }
}

#[test]
fn every_problem_is_told_at_once_and_one_line_is_one_problem() {
    let store_cfg = "[APP]\nport=70000\nprot=1\n\n[STORE]\nhost=nowhere\nusers_collection=store\n[APP]\nhost\nport=1\n\
                     [API]\nweb=perhaps\nstow=on\nstow=off\n";
    let toml = "[default]\nkeepalive = 1\nkeep_alive = \"long\"\nworkers = -1\n[default.shutdown]\ngarce = 1\n";
    let given =
        given().store_cfg(store_cfg).file("Rocket.toml", toml).env("KEYBIN_LOG_LEVEL", "loud").env("KEYBIN_X", "");
    let given = given.options(Overrides { database: some("a b"), ..Overrides::default() });
    let told = given.problems();
    let expected = [
        "[default] keepalive (Rocket.toml): unknown key; did you mean keep_alive?",
        "[default] shutdown.garce (Rocket.toml): unknown key; did you mean grace?",
        "keep_alive (Rocket.toml): invalid type: found string \"long\", expected u32",
        "workers (Rocket.toml): invalid value signed int `-1`, expected usize",
        "[APP] prot (store.cfg, line 3): unknown key; did you mean port?",
        "[APP] (store.cfg, line 8): this section is already in line 1; put its keys together",
        "broken line (store.cfg, line 9): must be a [SECTION], a key=value or a # comment",
        "[APP] port (store.cfg, line 10): already set in store.cfg, line 2; keep one of them",
        "[API] stow (store.cfg, line 14): already set in store.cfg, line 13; keep one of them",
        "KEYBIN_X (environment): unknown variable; a key is spelled KEYBIN_<SECTION>_<KEY>, such as KEYBIN_APP_PORT",
        "[APP] port = \"70000\" (store.cfg, line 2): must be a whole number from 0 to 65535",
        "[STORE] host = *** (store.cfg, line 6): must begin with embedded: or mongodb:// or mongodb+srv://",
        "[STORE] database = \"a b\" (command line --database): must be 1 to 63 bytes without blanks and without any of \
         / \\ . \" $ * < > : | ?",
        "[API] web = \"perhaps\" (store.cfg, line 12): must be on or off (or true or false, yes or no, 1 or 0)",
        "[LOG] level = \"loud\" (environment KEYBIN_LOG_LEVEL): must be error, warn, info, debug, trace or off",
        "[STORE] users_collection = \"store\" (store.cfg, line 7): must differ from store_collection",
    ];
    assert_eq!(told, expected);
    let text = given.load().expect_err("problems").to_string();
    assert_eq!(text.lines().next(), Some("the configuration has 16 problems:"));
    assert_eq!(text.lines().count(), 17, "{text}");
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let given = given().env("KEYBIN_CONFIG", "none.cfg");
    assert_eq!(given.problems(), ["none.cfg (environment KEYBIN_CONFIG): no such file"]);
    let given = given.options(Overrides { config: Some("absent.cfg".into()), ..Overrides::default() });
    assert_eq!(given.problems(), ["absent.cfg (command line --config): no such file"]);
    let given = super::given().env("ROCKET_CONFIG", "None.toml");
    assert_eq!(given.problems(), ["None.toml (environment ROCKET_CONFIG): no such file"]);
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem() {
    let given = given();
    fs::write(given.directory.path().join("store.cfg"), b"[APP]\nhost=\xff").expect("a written file");
    assert_eq!(given.problems(), ["store.cfg (in the working directory): must be a text file in UTF-8"]);
    let given = super::given();
    fs::create_dir(given.directory.path().join("store.cfg")).expect("a directory");
    assert!(given.problems().concat().starts_with("store.cfg (in the working directory): cannot be read"));
}

#[test]
fn what_keybin_does_not_understand_in_rockets_sources_is_a_problem() {
    for (toml, told) in [
        ("port 5", "broken file (Rocket.toml): TOML parse error at line 1"),
        ("port = 5", "port (Rocket.toml): must stand under [default] or a profile such as [release]"),
        ("[default]\nport = 70000", "[APP] port = \"70000\" (Rocket.toml, port): must be a whole number"),
        ("[default]\nport = [1]", "[APP] port = \"[1]\" (Rocket.toml, port): must be a whole number"),
        ("[default]\naddress = \"here\"", "[APP] host = \"here\" (Rocket.toml, address): must be localhost or"),
        ("[default]\ndatabase = 1", "[default] database (Rocket.toml): Rocket has no such key, or not in this build"),
        ("[default.shutdown]\ngrace = \"x\"", "shutdown.grace (Rocket.toml): invalid type: found string"),
    ] {
        let problems = given().file("Rocket.toml", toml).problems();
        assert!(problems.len() == 1 && problems[0].starts_with(told), "{problems:?}");
        assert_eq!(problems[0].matches('\n').count(), 0, "{problems:?}");
    }
    let problems = given().env("ROCKET_KEEP_ALIVE", "long").problems();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].starts_with("keep_alive (environment ROCKET_KEEP_ALIVE): invalid type"), "{problems:?}");
    let problems = given().env("ROCKET_TLS", "{certs=\"a\",key=\"b\"}").problems();
    assert_eq!(problems, ["tls (environment ROCKET_TLS): this build cannot do TLS; let a proxy in front do it"]);
}
