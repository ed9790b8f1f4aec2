//! Who wins: `defaults < Rocket.toml < store.cfg < environment < command line`.

use std::net::{IpAddr, Ipv6Addr};

use rocket::config::LogLevel as RocketLevel;

use super::*;
use crate::domain::ClientId;

#[test]
fn a_key_of_keybin_level_by_level() {
    let host = |given: &Given| given.config().store.location;
    let file = |name: &str| Location::Embedded(name.into());
    let given = given();
    assert_eq!(host(&given), file("keybin.redb"));
    let given = given.store_cfg("[STORE]\nhost=embedded:file.redb\n");
    assert_eq!(host(&given), file("file.redb"));
    let given = given.env("KEYBIN_STORE_HOST", "embedded:env.redb");
    assert_eq!(host(&given), file("env.redb"));
    let given = given.options(Overrides { store: some("embedded:option.redb"), ..Overrides::default() });
    assert_eq!(host(&given), file("option.redb"));
}

#[test]
fn the_port_level_by_level() {
    // Rocket is told the same, whatever its own sources say.
    let port = |given: &Given| {
        let config = given.config();
        let rocket = rocket::Config::try_from(config.rocket()).expect("Rocket's configuration");
        assert_eq!(rocket.port, config.app.port);
        config.app.port
    };
    let given = given();
    assert_eq!(port(&given), 5000);
    let given = given.file("Rocket.toml", "[default]\nport = 1\n");
    assert_eq!(port(&given), 1);
    let given = given.file("Rocket.toml", "[default]\nport = 1\n[debug]\nport = 2\n[release]\nport = 2\n");
    assert_eq!(port(&given), 2);
    let given = given.store_cfg("[APP]\nport=3\n");
    assert_eq!(port(&given), 3);
    let given = given.env("ROCKET_PORT", "4");
    assert_eq!(port(&given), 4);
    let given = given.env("KEYBIN_APP_PORT", "5");
    assert_eq!(port(&given), 5);
    let given = given.options(Overrides { port: some("6"), ..Overrides::default() });
    assert_eq!(port(&given), 6);
}

#[test]
fn the_address_comes_from_rockets_sources_too() {
    let address = |given: &Given| given.config().app.host.to_string();
    let given = given().file("Rocket.toml", "[global]\naddress = \"10.0.0.1\"\n");
    assert_eq!(address(&given), "10.0.0.1");
    let given = given.env("ROCKET_ADDRESS", "10.0.0.2");
    assert_eq!(address(&given), "10.0.0.2");
    let given = given.env("KEYBIN_APP_HOST", "::");
    assert_eq!(given.config().app.host, IpAddr::from(Ipv6Addr::UNSPECIFIED));
    let given = given.options(Overrides { host: some("localhost"), ..Overrides::default() });
    assert_eq!(address(&given), "127.0.0.1");
}

#[test]
fn another_file_is_named_by_the_environment_or_before_it_by_the_command_line() {
    let port = |given: &Given| given.config().app.port;
    let given = given().store_cfg("[APP]\nport=1\n").file("a.cfg", "[APP]\nport=2\n").file("b.cfg", "[APP]\nport=3\n");
    assert_eq!(port(&given), 1);
    let given = given.env("KEYBIN_CONFIG", "a.cfg");
    assert_eq!(port(&given), 2);
    let given = given.options(Overrides { config: Some("b.cfg".into()), ..Overrides::default() });
    assert_eq!(port(&given), 3);
}

#[test]
fn rocket_gets_its_own_keys_and_what_keybin_decides() {
    let toml = "[default]\nkeep_alive = 7\nlog_level = \"debug\"\nident = \"me\"\n[default.shutdown]\nmercy = 9\n";
    let given = given().file("Rocket.toml", toml).env("ROCKET_LOG_LEVEL", "normal").env("ROCKET_WORKERS", "3");
    let rocket = rocket::Config::try_from(given.config().rocket()).expect("Rocket's configuration");
    assert_eq!((rocket.keep_alive, rocket.workers), (7, 3));
    assert_eq!((rocket.shutdown.grace, rocket.shutdown.mercy), (6, 9));
    assert_eq!(rocket.log_level, RocketLevel::Off);
    assert_eq!((rocket.ident, rocket.ip_header, rocket.cli_colors), (rocket::config::Ident::none(), None, false));

    let rocket = rocket::Config::try_from(super::given().config().rocket()).expect("Rocket's configuration");
    assert_eq!((rocket.shutdown.grace, rocket.shutdown.mercy, rocket.keep_alive), (6, 3, 5));

    let given = super::given().env("ROCKET_SHUTDOWN", "{grace=1}");
    let rocket = rocket::Config::try_from(given.config().rocket()).expect("Rocket's configuration");
    assert_eq!((rocket.shutdown.grace, rocket.shutdown.mercy), (1, 3));
}

#[test]
fn rockets_file_and_profile_are_chosen_as_rocket_does() {
    let toml = "[default]\nport = 1\n[staging]\nport = 2\n";
    let given = given().file("Rocket.toml", toml).file("Other.toml", "[default]\nport = 3\n");
    assert_eq!(given.config().app.port, 1);
    assert_eq!(given.env("ROCKET_PROFILE", "staging").config().app.port, 2);
    let given = super::given().file("Other.toml", "[default]\nport = 3\n").env("ROCKET_CONFIG", "Other.toml");
    assert_eq!(given.config().app.port, 3);

    let given = super::given().file("Rocket.toml", toml);
    let below = given.directory.path().join("below");
    fs::create_dir(&below).expect("a directory");
    let config = Config::load(&Overrides::default(), &Environment::default(), below).expect("a configuration");
    assert_eq!(config.app.port, 1);
}

#[test]
fn token_expirations_are_looked_up_by_id_then_family_then_the_rest() {
    let store_cfg = "[STORE]\ntoken_expiration=10\n[TOKEN_EXPIRATION]\nPhone=20\nweb/my.kiosk-1=30\nstow=40\n";
    let given = given().store_cfg(store_cfg).env("KEYBIN_TOKEN_EXPIRATION_PHONE", "50");
    let config = given.env("KEYBIN_TOKEN_EXPIRATION_PAIRS", "60").env("KEYBIN_TOKEN_EXPIRATION_A/B-C", "70").config();
    for (id, seconds) in [
        ("default", 10),
        ("Phone", 20),
        ("phone", 50),
        ("phone/2", 50),
        ("web/my.kiosk-1", 30),
        ("web/other", 43200),
        ("stow", 40),
        ("forms", 3600),
        ("pairs/x", 60),
        ("users", 300),
        ("a/b-c", 70),
        ("a", 10),
    ] {
        let client_id = ClientId::parse(id).expect("a client id");
        assert_eq!(config.token_expiration.seconds_for(&client_id), seconds, "{id}");
    }
}

#[test]
fn debug_raises_the_level_and_never_lowers_it() {
    for (debug, level, effective) in [
        ("off", "warn", LogLevel::Warn),
        ("on", "warn", LogLevel::Debug),
        ("on", "off", LogLevel::Debug),
        ("on", "trace", LogLevel::Trace),
    ] {
        let given = given().env("KEYBIN_APP_DEBUG", debug).env("KEYBIN_LOG_LEVEL", level);
        assert_eq!(given.config().log_level(), effective, "{debug} {level}");
    }
}

#[test]
fn what_takes_effect_after_a_restart_only_is_named() {
    let given = given().store_cfg("[TOKEN_EXPIRATION]\nphone=100\n").config();
    let needs = |text: &str| given.needs_restart(&super::given().store_cfg(text).config());
    assert_eq!(needs("[STORE]\ntoken_expiration=7\n[TOKEN_EXPIRATION]\nphone=200\n[APP]\nport=5000\n"), [""; 0]);
    assert_eq!(needs("[LOG]\nformat=json\n[APP]\nport=5001\n"), ["[APP] port", "[LOG] format"]);
    // Of secrets, too, although they look alike wherever they are shown.
    let secret = format!("[JWT]\nsecret={}\n", "x".repeat(32));
    assert_eq!(needs(&secret), ["[JWT] secret"]);
    let other = super::given().store_cfg(&format!("[JWT]\nsecret={}\n", "y".repeat(32))).config();
    assert_eq!(super::given().store_cfg(&secret).config().needs_restart(&other), ["[JWT] secret"]);
    let at =
        |password| super::given().store_cfg(&format!("[STORE]\nhost=mongodb://a:{password}@127.0.0.1/\n")).config();
    assert_eq!(at("x").needs_restart(&at("y")), ["[STORE] host"]);
}

#[test]
fn a_secret_may_stand_in_a_file() {
    let secret = "a key of at least thirty-two bytes";
    let given = given().file("jwt", &format!("{secret}\n")).file("uri", "embedded:secret.redb");
    let given = given.store_cfg("[JWT]\nsecret=another key of at least thirty-two bytes\n");
    let given = given.env("KEYBIN_JWT_SECRET_FILE", "jwt").env("KEYBIN_STORE_HOST_FILE", "uri");
    let config = given.config();
    assert_eq!(config.jwt.secret.as_deref(), Some(secret));
    assert_eq!(config.store.location, Location::Embedded("secret.redb".into()));
    assert!(config.report().contains("[JWT] secret = ***  (environment KEYBIN_JWT_SECRET_FILE)"));
}

#[test]
fn a_file_is_there_and_the_only_one_to_say_it() {
    let missing = given().env("KEYBIN_JWT_SECRET_FILE", "/no/such/file").problems();
    assert!(
        missing[0].starts_with("KEYBIN_JWT_SECRET_FILE (environment): /no/such/file cannot be read: "),
        "{missing:?}"
    );
    let twice = given().file("uri", "x").env("KEYBIN_STORE_HOST_FILE", "uri").env("KEYBIN_STORE_HOST", "embedded:x");
    let twice = twice.problems();
    assert_eq!(twice, ["KEYBIN_STORE_HOST_FILE (environment): must not be set together with KEYBIN_STORE_HOST"]);
    // What is no secret stands where it can be seen.
    let port = given().file("port", "80").env("KEYBIN_APP_PORT_FILE", "port").problems();
    assert!(port[0].contains("unknown variable"), "{port:?}");
}
