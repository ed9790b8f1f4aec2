//! The table of everything that can be configured. What is not in here is an unknown key.
//!
//! `[TOKEN_EXPIRATION]` alone takes other names too: every client id is one.

use figment::value::Dict;
use ipnet::IpNet;

use super::layer::Layer;
use super::parse::{
    address, client_id, collection, collector, database, directory, jwt_secret, level, listener, location, log_format,
    networks, number, origins, path, put, seconds, switch, threads,
};
use super::{Config, problem};

/// The section whose keys are client ids.
pub(super) const FREE_SECTION: &str = "TOKEN_EXPIRATION";

/// The sections, in the order of the table.
pub(super) const SECTIONS: [&str; 10] =
    ["APP", "STORE", FREE_SECTION, "API", "USERS", "PASSWORD", "LIMITS", "JWT", "METRICS", "LOG"];

/// What a `store.cfg` begins with.
const PREFACE: &str = "\
# Keybin's configuration: every key with its default.
#
# Values are unquoted. A # at the start of a line or after a blank begins a comment. The environment is stronger than
# this file (KEYBIN_<SECTION>_<KEY>, such as KEYBIN_APP_PORT), and the command line is stronger than both.
# KEYBIN_STORE_HOST_FILE and KEYBIN_JWT_SECRET_FILE name files that hold these values.
# `keybin check-config` shows what is in effect and where each value came from.
";

/// What a `store.cfg` says about a section as a whole.
fn note(section: &str) -> &'static str {
    match section {
        FREE_SECTION => {
            "\
# Seconds for which a token is good, by client id or by family (what stands before the / of a client id). The whole id
# wins over the family, and that over token_expiration. Any client id can be added:
# phone=86400

"
        }
        "API" => "# What is open: on or off. A closed API answers like an unknown path.\n\n",
        _ => "",
    }
}

/// Something that can be configured.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) section: &'static str,
    pub(super) name: &'static str,
    /// As it would be written.
    pub(super) default: &'static str,
    /// What `store.cfg` says about it.
    pub(super) meaning: &'static str,
    /// Whether the value must never be repeated in a message.
    pub(super) secret: bool,
    /// Takes over the text given for the name, or answers what would have been right.
    pub(super) set: Set,
    /// The effective value for the name, fit to be seen.
    pub(super) show: Show,
}

type Set = fn(&mut Config, &str, &str) -> Result<(), String>;
type Show = fn(&Config, &str) -> String;

const fn key(section: &'static str, name: &'static str, default: &'static str, set: Set, show: Show) -> Key {
    Key { section, name, default, meaning: "", secret: false, set, show }
}

impl Key {
    const fn means(self, meaning: &'static str) -> Self {
        Self { meaning, ..self }
    }

    const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }
}

/// An entry of the section with the free names.
const fn expiration(client_id: &'static str, default: &'static str) -> Key {
    key(FREE_SECTION, client_id, default, set_expiration, show_expiration)
}

fn set_expiration(config: &mut Config, name: &str, text: &str) -> Result<(), String> {
    config.token_expiration.by_client.insert(client_id(name)?, seconds(text)?);
    Ok(())
}

fn show_expiration(config: &Config, name: &str) -> String {
    config.token_expiration.by_client.get(name).map_or_else(String::new, u32::to_string)
}

/// Stands for every client id that the table does not list.
static OTHER_EXPIRATION: Key = expiration("", "");

fn on_off(on: bool) -> String {
    if on { "on" } else { "off" }.to_owned()
}

fn networks_text(networks: &[IpNet]) -> String {
    networks.iter().map(IpNet::to_string).collect::<Vec<_>>().join(", ")
}

/// The key of this name, if there is one.
pub(super) fn find(section: &str, name: &str) -> Option<&'static Key> {
    let other = (section == FREE_SECTION).then_some(&OTHER_EXPIRATION);
    KEYS.iter().find(|key| key.section == section && key.name == name).or(other)
}

/// Whether a running server takes over another value when it is told to (SIGHUP).
pub(super) fn is_read_again(key: &Key) -> bool {
    key.section == FREE_SECTION || (key.section, key.name) == ("STORE", "token_expiration")
}

/// The names to look at in a section: those of the table first, then the free ones.
pub(super) fn in_order<'a>(section: &'a str, values: &'a Dict) -> impl Iterator<Item = &'a str> {
    let listed = move |name: &str| KEYS.iter().any(|key| key.section == section && key.name == name);
    let table = KEYS.iter().filter(move |key| key.section == section).map(|key| key.name);
    table.chain(values.keys().map(String::as_str).filter(move |name| !listed(name)))
}

/// The names of a section, for a message.
pub(super) fn names(section: &str) -> String {
    let names: Vec<_> = KEYS.iter().filter(|key| key.section == section).map(|key| key.name).collect();
    names.join(", ")
}

/// The key that was probably meant, preferably one of this section.
pub(super) fn meant(section: &str, name: &str) -> Option<&'static Key> {
    let fixed = KEYS.iter().filter(|key| key.section != FREE_SECTION);
    fixed
        .filter_map(|key| Some(((problem::typos(name, key.name)?, key.section != section), key)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, key)| key)
}

/// The values that hold where nobody says anything.
pub(super) fn defaults() -> Layer {
    let mut layer = Layer::new("default");
    for key in KEYS {
        layer.set(key.section, key.name, key.default, "default");
    }
    layer
}

/// The text of a `store.cfg` that holds every key with its meaning and its default.
pub(super) fn template() -> String {
    let mut text = PREFACE.to_owned();
    for section in SECTIONS {
        text.push_str(&format!("\n[{section}]\n{}", note(section)));
        for key in KEYS.iter().filter(|key| key.section == section) {
            text.push_str(&format!("# {}\n{}={}\n", key.meaning, key.name, key.default));
        }
    }
    text
}

/// Everything that can be configured.
#[rustfmt::skip] // one row, one key: a table is read by its columns
pub(super) static KEYS: &[Key] = &[
    key("APP", "host", "127.0.0.1", |c, _, t| put(&mut c.app.host, address(t)), |c, _| c.app.host.to_string())
        .means("Address to listen on: an IP address or localhost; 0.0.0.0 is every IPv4 interface, :: every one."),
    key("APP", "port", "5000", |c, _, t| put(&mut c.app.port, number(t, 0..=65535)), |c, _| c.app.port.to_string())
        .means("Port to listen on, 0 to 65535; 0 takes any free one."),
    key("APP", "debug", "false", |c, _, t| put(&mut c.app.debug, switch(t)), |c, _| c.app.debug.to_string())
        .means("true logs in detail, whatever [LOG] level says."),
    key("APP", "trusted_proxies", "",
        |c, _, t| put(&mut c.app.trusted_proxies, networks(t)), |c, _| networks_text(&c.app.trusted_proxies))
        .means("Proxies whose X-Forwarded-For is believed: addresses or networks such as 10.0.0.0/8, with commas between."),
    key("APP", "allowed_origins", "",
        |c, _, t| put(&mut c.app.allowed_origins, origins(t)), |c, _| c.app.allowed_origins.join(", "))
        .means("Origins whose pages may use the APIs from a browser, such as https://app.example.org, with commas between."),

    key("STORE", "host", "embedded:keybin.redb",
        |c, _, t| put(&mut c.store.location, location(t)), |c, _| c.store.location.to_string())
        .means("Where the data is: embedded:<file>, or a MongoDB such as mongodb://<IP:PORT>/?replicaSet=rs0").secret(),
    key("STORE", "database", "store",
        |c, _, t| put(&mut c.store.database, database(t)), |c, _| c.store.database.clone())
        .means("Database within the MongoDB."),
    key("STORE", "store_collection", "store",
        |c, _, t| put(&mut c.store.store_collection, collection(t)), |c, _| c.store.store_collection.clone())
        .means("Collection of the documents."),
    key("STORE", "users_collection", "users",
        |c, _, t| put(&mut c.store.users_collection, collection(t)), |c, _| c.store.users_collection.clone())
        .means("Collection of the accounts."),
    key("STORE", "token_collection", "tokens",
        |c, _, t| put(&mut c.store.token_collection, collection(t)), |c, _| c.store.token_collection.clone())
        .means("Collection of the tokens."),
    key("STORE", "token_expiration", "300",
        |c, _, t| put(&mut c.token_expiration.others, seconds(t)), |c, _| c.token_expiration.others.to_string())
        .means("Seconds for which a token is good, unless [TOKEN_EXPIRATION] knows its client id."),
    key("STORE", "max_value_bytes", "1048576",
        |c, _, t| put(&mut c.store.max_value_bytes, number(t, 1..=15_728_640)),
        |c, _| c.store.max_value_bytes.to_string())
        .means("The most bytes a value may have as JSON, 1 to 15728640."),
    key("STORE", "cache_bytes", "134217728",
        |c, _, t| put(&mut c.store.cache_bytes, number(t, 1_048_576..=1_099_511_627_776)),
        |c, _| c.store.cache_bytes.to_string())
        .means("The most memory for pages of the embedded file, 1048576 (1 MiB) to 1099511627776; MongoDB has its own."),

    expiration("stow", "3600").means("Tokens of the Stow API."),
    expiration("forms", "3600").means("Tokens of the Forms API."),
    expiration("pairs", "1200").means("Tokens of the Pairs API."),
    expiration("users", "300").means("Tokens of the Users API."),
    expiration("web", "43200").means("Sessions of the web interface."),

    key("API", "keybin", "on", |c, _, t| put(&mut c.api.keybin, switch(t)), |c, _| on_off(c.api.keybin))
        .means("The Keybin API: /register, /token, /user/..."),
    key("API", "stow", "on", |c, _, t| put(&mut c.api.stow, switch(t)), |c, _| on_off(c.api.stow))
        .means("The Stow API: /api/user, /api/token, /api/stow/..."),
    key("API", "forms", "on", |c, _, t| put(&mut c.api.forms, switch(t)), |c, _| on_off(c.api.forms))
        .means("The Forms API: /api/register, /api/login, /api/data"),
    key("API", "pairs", "on", |c, _, t| put(&mut c.api.pairs, switch(t)), |c, _| on_off(c.api.pairs))
        .means("The Pairs API: /auth/..., /keyvaluepairs/..., /get, /set"),
    key("API", "users", "on", |c, _, t| put(&mut c.api.users, switch(t)), |c, _| on_off(c.api.users))
        .means("The Users API: /api/users, /auth"),
    key("API", "web", "on", |c, _, t| put(&mut c.api.web, switch(t)), |c, _| on_off(c.api.web))
        .means("The web interface."),

    key("USERS", "directory", "self",
        |c, _, t| put(&mut c.users.directory, directory(t)), |c, _| c.users.directory.as_str().to_owned())
        .means("Whom GET /api/users shows to an account that is no administrator: self or everyone."),

    key("PASSWORD", "bcrypt_cost", "12",
        |c, _, t| put(&mut c.password.bcrypt_cost, number(t, 4..=31)), |c, _| c.password.bcrypt_cost.to_string())
        .means("Cost of new password hashes, 4 to 31; one more takes twice as long."),
    key("PASSWORD", "threads", "0",
        |c, _, t| put(&mut c.password.threads, threads(t)), |c, _| c.password.threads.to_string())
        .means("Passwords checked at the same time; 0 is one less than there are cores, but at least 1."),

    key("PASSWORD", "remember_seconds", "60",
        |c, _, t| put(&mut c.password.remember_seconds, number(t, 0..=3600)),
        |c, _| c.password.remember_seconds.to_string())
        .means("Seconds for which a Basic password that was right is not verified again, 0 to 3600."),

    key("LIMITS", "wrong_passwords", "10",
        |c, _, t| put(&mut c.limits.wrong_passwords, number(t, 0..=1_000_000)), |c, _| c.limits.wrong_passwords.to_string())
        .means("Wrong passwords per minute from one address for one account, and ten times as many for all; 0 for no limit."),
    key("LIMITS", "log_ins", "60",
        |c, _, t| put(&mut c.limits.log_ins, number(t, 0..=1_000_000)), |c, _| c.limits.log_ins.to_string())
        .means("Log-ins and tokens per minute for one account; 0 for no limit."),
    key("LIMITS", "registrations", "60",
        |c, _, t| put(&mut c.limits.registrations, number(t, 0..=1_000_000)), |c, _| c.limits.registrations.to_string())
        .means("Registrations per hour from one address; 0 for no limit."),
    key("LIMITS", "requests", "2048",
        |c, _, t| put(&mut c.limits.requests, number(t, 0..=1_000_000)), |c, _| c.limits.requests.to_string())
        .means("Requests under way at once; more are told to come again (503). 0 for no limit."),

    key("JWT", "secret", "",
        |c, _, t| put(&mut c.jwt.secret, jwt_secret(t)),
        |c, _| c.jwt.secret.as_ref().map_or_else(String::new, |_| "***".to_owned()))
        .means("Key that signs JWTs, at least 32 bytes; empty for one that is made and kept in the store.").secret(),

    key("METRICS", "enabled", "on", |c, _, t| put(&mut c.metrics.enabled, switch(t)), |c, _| on_off(c.metrics.enabled))
        .means("Whether requests, the store and the process are measured, and told at /metrics: on or off."),
    key("METRICS", "listen", "",
        |c, _, t| put(&mut c.metrics.listen, listener(t)),
        |c, _| c.metrics.listen.map_or_else(String::new, |address| address.to_string()))
        .means("Where /metrics is told instead of on the main address: ADDRESS:PORT, such as 127.0.0.1:9464; empty for there."),
    key("METRICS", "amounts_seconds", "30",
        |c, _, t| put(&mut c.metrics.amounts_seconds, number(t, 1..=86400)),
        |c, _| c.metrics.amounts_seconds.to_string())
        .means("Seconds from one look at how much there is to the next, 1 to 86400; nobody waits for it."),

    key("LOG", "level", "info",
        |c, _, t| put(&mut c.log.level, level(t)), |c, _| c.log.level.as_str().to_owned())
        .means("How much is logged: error, warn, info, debug, trace or off."),
    key("LOG", "format", "text",
        |c, _, t| put(&mut c.log.format, log_format(t)), |c, _| c.log.format.as_str().to_owned())
        .means("What a line looks like: text, or json for an object on each line."),
    key("LOG", "file", "",
        |c, _, t| put(&mut c.log.file, Ok(path(t))),
        |c, _| c.log.file.as_ref().map_or_else(String::new, |file| file.display().to_string()))
        .means("File to log to, which SIGHUP opens anew; empty for stderr."),
    key("LOG", "otlp", "",
        |c, _, t| put(&mut c.log.otlp, collector(t)), |c, _| c.log.otlp.clone().unwrap_or_default())
        .means("Collector of traces (OTLP over HTTP), such as http://127.0.0.1:4318; empty for none."),
];
