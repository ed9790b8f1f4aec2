//! The configuration: what the operator decides, read once and checked before anything starts.
//!
//! * `defaults < Rocket.toml < store.cfg < environment < command line`; figment carries every value together with the
//!   place it came from.
//! * `keys` is the one table of what can be configured. Parsing, the search for unknown keys, the report and the test
//!   of the shipped `store.cfg` follow from it.
//! * Wrong values and unknown keys are told all at once, each with its place and the way out. What may be a secret is
//!   never shown.
//! * This is the only place that reads the environment, and it knows of the rest of the house only the words of
//!   `domain` and where a store can be.

mod environment;
mod keys;
mod layer;
mod parse;
mod problem;
mod rocket_toml;
mod secrets;
mod settings;
mod store_cfg;
#[cfg(test)]
mod tests;

use std::fmt::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::value::{Dict, Value};

pub use environment::Environment;
pub use problem::{ConfigErrors, Problem};
pub use settings::{
    ApiConfig, AppConfig, Directory, JwtConfig, LimitsConfig, LogConfig, LogFormat, LogLevel, MetricsConfig, Overrides,
    PasswordConfig, StoreConfig, UsersConfig,
};
#[cfg(any(test, fuzzing))]
pub use store_cfg::fuzzing;

use crate::domain::TokenExpirations;
use keys::Key;
use problem::Problems;
use rocket_toml::RocketToml;

use crate::store::Location;

/// Everything the operator decided. A value of this type has passed every check.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub app: AppConfig,
    /// Where and under which names the data is kept.
    pub store: StoreConfig,
    /// How long tokens live.
    pub token_expiration: TokenExpirations,
    /// Which APIs are open.
    pub api: ApiConfig,
    /// What accounts may see of each other.
    pub users: UsersConfig,
    /// How dear a password check is.
    pub password: PasswordConfig,
    /// How often one may try.
    pub limits: LimitsConfig,
    /// The key of the JWTs.
    pub jwt: JwtConfig,
    /// What is measured, and where it is told.
    pub metrics: MetricsConfig,
    /// How much is logged.
    pub log: LogConfig,
    rocket: RocketToml,
    origins: Vec<Origin>,
    /// The configuration file, whether or not it is there: as it was named, and where it is.
    file: (PathBuf, PathBuf),
}

/// Where the value of a key came from.
#[derive(Clone, Debug)]
struct Origin {
    key: &'static Key,
    name: String,
    place: String,
}

/// The directory that relative file names are looked up in.
///
/// # Errors
/// When the process has none that it may see.
pub fn working_directory() -> std::io::Result<PathBuf> {
    std::env::current_dir()
}

impl Config {
    /// Reads every source and checks what comes out. Relative file names are looked up in `directory`, `Rocket.toml` in
    /// the directories above it as well.
    ///
    /// # Errors
    /// [`ConfigErrors`] with all that is wrong: unreadable or broken files, unknown keys, wrong values.
    pub fn load(
        overrides: &Overrides,
        environment: &Environment,
        directory: impl AsRef<Path>,
    ) -> Result<Self, ConfigErrors> {
        let directory = directory.as_ref();
        let mut problems = Problems::default();
        let rocket = RocketToml::read(environment, directory, &mut problems);
        let figment = Figment::new()
            .merge(keys::defaults())
            .merge(rocket.listening())
            .merge(store_cfg::read(overrides, environment, directory, &mut problems))
            .merge(environment.listening())
            .merge(environment.keys(directory, &mut problems))
            .merge(overrides.keys());
        let mut config = Self::typed(&figment, rocket, &mut problems);
        let (file, _) = store_cfg::named(overrides, environment);
        config.file = (file.clone(), directory.join(file));
        problems.into_result(config)
    }

    /// The effective values, a line each, with the place where each came from; secrets as `***`.
    #[must_use]
    pub fn report(&self) -> String {
        let mut report = String::new();
        for Origin { key, name, place } in &self.origins {
            let value = (key.show)(self, name);
            // Writing to a String cannot fail.
            let _ = writeln!(report, "[{}] {name} = {value}  ({place})", key.section);
        }
        for (name, value, place) in self.rocket.entries(&self.app) {
            let _ = writeln!(report, "Rocket: {name} = {value}  ({place})");
        }
        report
    }

    /// The keys, such as `[APP] port`, that have another value in `other` and do not take effect while a server runs.
    #[must_use]
    pub fn needs_restart(&self, other: &Self) -> Vec<String> {
        let differs = |Origin { key, name, .. }: &&Origin| {
            let shown = (key.show)(self, name) != (key.show)(other, name);
            shown && !keys::is_read_again(key)
        };
        let mut names: Vec<_> =
            self.origins.iter().filter(differs).map(|Origin { key, name, .. }| (key.section, name.as_str())).collect();
        // What is not shown may differ all the same.
        let hidden =
            [("STORE", "host", self.store.location != other.store.location), ("JWT", "secret", self.jwt != other.jwt)];
        for (section, name, differs) in hidden {
            if differs && !names.contains(&(section, name)) {
                names.push((section, name));
            }
        }
        names.into_iter().map(|(section, name)| format!("[{section}] {name}")).collect()
    }

    /// The text of a `store.cfg` that holds every key with its meaning and its default, as it is shipped.
    #[must_use]
    pub fn template() -> String {
        keys::template()
    }

    /// What to build Rocket from: its defaults, `Rocket.toml`, `ROCKET_*`, and above them what Keybin decides: the
    /// address, the port, no log and no `Server` header of Rocket's own, and no trust in a client's address header.
    #[must_use]
    pub fn rocket(&self) -> Figment {
        self.rocket.figment(&self.app)
    }

    /// The level to log at: [`LogConfig::level`], but at least `debug` where [`AppConfig::debug`] asks for it.
    #[must_use]
    pub fn log_level(&self) -> LogLevel {
        if self.app.debug { self.log.level.max(LogLevel::Debug) } else { self.log.level }
    }

    /// Takes the values out of the figment; the result is only good when no problem was added.
    fn typed(figment: &Figment, rocket: RocketToml, problems: &mut Problems) -> Self {
        let mut config = Self::blank(rocket);
        for section in keys::SECTIONS {
            let values = figment.find_value(section).ok().and_then(Value::into_dict).unwrap_or_default();
            for name in keys::in_order(section, &values) {
                config.take(figment, section, name, &values, problems);
            }
        }
        config.cross_check(problems);
        config
    }

    fn take(&mut self, figment: &Figment, section: &str, name: &str, values: &Dict, problems: &mut Problems) {
        let (Some(key), Some(value)) = (keys::find(section, name), values.get(name)) else { return };
        let place = layer::place(figment, value, &[section, name]);
        let text = value.as_str().unwrap_or_default();
        if let Err(advice) = (key.set)(self, name, text) {
            problems.add(Problem::wrong(key, name, text, &place, &advice));
        }
        self.origins.push(Origin { key, name: name.to_owned(), place });
    }

    /// What no key can tell alone.
    fn cross_check(&self, problems: &mut Problems) {
        let store = &self.store;
        let names = [
            ("store_collection", &store.store_collection),
            ("users_collection", &store.users_collection),
            ("token_collection", &store.token_collection),
        ];
        for (i, (name, value)) in names.iter().enumerate() {
            let Some((same, _)) = names[..i].iter().find(|(_, earlier)| earlier == value && !value.is_empty()) else {
                continue;
            };
            let origin = self.origins.iter().find(|origin| origin.key.section == "STORE" && origin.name == *name);
            if let Some(Origin { key, place, .. }) = origin {
                problems.add(Problem::wrong(key, name, value, place, &format!("must differ from {same}")));
            }
        }
    }

    /// Values that mean nothing, to be replaced from the table, which has a default for every key.
    fn blank(rocket: RocketToml) -> Self {
        Self {
            app: AppConfig {
                host: Ipv4Addr::LOCALHOST.into(),
                port: 0,
                debug: false,
                trusted_proxies: Vec::new(),
                allowed_origins: Vec::new(),
            },
            store: StoreConfig {
                location: Location::Embedded(PathBuf::new()),
                database: String::new(),
                store_collection: String::new(),
                users_collection: String::new(),
                token_collection: String::new(),
                max_value_bytes: 0,
                cache_bytes: 0,
            },
            token_expiration: TokenExpirations::default(),
            api: ApiConfig { keybin: false, stow: false, forms: false, pairs: false, users: false, web: false },
            users: UsersConfig { directory: Directory::Own },
            password: PasswordConfig { bcrypt_cost: 0, threads: 0, remember_seconds: 0 },
            limits: LimitsConfig { wrong_passwords: 0, log_ins: 0, registrations: 0, requests: 0 },
            jwt: JwtConfig::default(),
            metrics: MetricsConfig { enabled: false, listen: None, amounts_seconds: 0 },
            log: LogConfig { level: LogLevel::Off, format: LogFormat::Text, file: None, otlp: None },
            rocket,
            origins: Vec::new(),
            file: (PathBuf::new(), PathBuf::new()),
        }
    }
}
