//! The configuration as types, one struct for each concern, and what the command line may override.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;

use super::layer::Layer;
use crate::store::Location;

/// `[APP]`: where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppConfig {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 for any free one.
    pub port: u16,
    /// Log in detail, whatever `[LOG] level` says.
    pub debug: bool,
    /// The proxies that may say for whom they ask.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins whose pages may use the APIs.
    pub allowed_origins: Vec<String>,
}

/// `[STORE]`: where and under which names the data is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// The embedded file or the MongoDB. A relative path is meant from the working directory.
    pub location: Location,
    /// Database within the MongoDB.
    pub database: String,
    /// Collection of the documents.
    pub store_collection: String,
    /// Collection of the accounts.
    pub users_collection: String,
    /// Collection of the tokens.
    pub token_collection: String,
    /// The most bytes a value may have as JSON.
    pub max_value_bytes: usize,
    /// The most memory for pages of the embedded file.
    pub cache_bytes: usize,
}

/// `[API]`: what is open. A closed API answers like an unknown path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiConfig {
    /// The Keybin API.
    pub keybin: bool,
    /// The Stow API.
    pub stow: bool,
    /// The Forms API.
    pub forms: bool,
    /// The Pairs API.
    pub pairs: bool,
    /// The Users API.
    pub users: bool,
    /// The web interface.
    pub web: bool,
}

/// `[USERS]`: what accounts may see of each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsersConfig {
    /// Who is on the list of users.
    pub directory: Directory,
}

/// Whom the list of users shows to somebody who is no administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directory {
    /// The caller alone (`self`).
    Own,
    /// Every account (`everyone`).
    Everyone,
}

impl Directory {
    /// How it is spelled in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "self",
            Self::Everyone => "everyone",
        }
    }
}

/// `[PASSWORD]`: how dear a password check is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordConfig {
    /// Cost of new bcrypt hashes: one more doubles the time.
    pub bcrypt_cost: u32,
    /// How many passwords are hashed or verified at the same time; at least 1.
    pub threads: usize,
    /// For how many seconds a password that was verified is not verified again.
    pub remember_seconds: u32,
}

/// `[LIMITS]`: how often one may try, and with how many others. A limit of 0 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Wrong passwords from one address for one account, in a minute.
    pub wrong_passwords: u32,
    /// Log-ins and tokens of one account, in a minute.
    pub log_ins: u32,
    /// Registrations from one address, in an hour.
    pub registrations: u32,
    /// Requests under way at once.
    pub requests: u32,
}

/// `[JWT]`: the key of the JWTs.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct JwtConfig {
    /// The key, where it is not to be the one that is made on first use and kept in the store.
    pub secret: Option<String>,
}

/// Without the key.
impl fmt::Debug for JwtConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secret.is_some() { "JwtConfig(***)" } else { "JwtConfig(none)" })
    }
}

/// `[METRICS]`: whether something is measured, and where it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricsConfig {
    /// Whether anything is measured and told.
    pub enabled: bool,
    /// Where it is told; `None` for the main address.
    pub listen: Option<SocketAddr>,
    /// Seconds from one look at how much there is to the next.
    pub amounts_seconds: u32,
}

/// `[LOG]`: what is logged, how it looks, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// The least important level that is logged.
    pub level: LogLevel,
    /// What a line looks like.
    pub format: LogFormat,
    /// The file to log to, where it is not to be stderr.
    pub file: Option<PathBuf>,
    /// The collector that gets spans (OTLP over HTTP), if there is one: a URL without a path.
    pub otlp: Option<String>,
}

/// What a line of the log looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// A time, a level, a message and fields, for people.
    Text,
    /// An object in JSON, for programs.
    Json,
}

impl LogFormat {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Text, Self::Json];

    /// How it is spelled in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// How much is logged, from nothing to everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// And what may become a failure.
    Warn,
    /// And what was done.
    Info,
    /// And how.
    Debug,
    /// And every step.
    Trace,
}

impl LogLevel {
    /// Every level, from nothing to everything.
    pub const ALL: [Self; 6] = [Self::Off, Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// How it is spelled in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// What the command line says. The values are texts, so that a wrong one is told together with all the others.
#[derive(Clone, Default)]
pub struct Overrides {
    /// `--config`: another file in place of `store.cfg`.
    pub config: Option<PathBuf>,
    /// `--host`: `[APP] host`.
    pub host: Option<String>,
    /// `--port`: `[APP] port`.
    pub port: Option<String>,
    /// `--store`: `[STORE] host`.
    pub store: Option<String>,
    /// `--database`: `[STORE] database`.
    pub database: Option<String>,
    /// `--log-level`: `[LOG] level`.
    pub log_level: Option<String>,
}

impl Overrides {
    pub(super) fn keys(&self) -> Layer {
        let mut layer = Layer::new("command line");
        for (section, name, option, value) in [
            ("APP", "host", "--host", &self.host),
            ("APP", "port", "--port", &self.port),
            ("STORE", "host", "--store", &self.store),
            ("STORE", "database", "--database", &self.database),
            ("LOG", "level", "--log-level", &self.log_level),
        ] {
            if let Some(value) = value {
                layer.set(section, name, value.trim(), &format!("command line {option}"));
            }
        }
        layer
    }
}

/// Without the values: `--store` may hold a password.
impl fmt::Debug for Overrides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overrides").field("config", &self.config).finish_non_exhaustive()
    }
}
