//! The composition root: from a configuration to a store, the services and a Rocket.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use figment::providers::Serialized;
use rocket::fairing::AdHoc;
use rocket::{Build, Rocket};
use thiserror::Error;
use tokio::time::{Instant, sleep};

use crate::auth::{DoorkeeperSettings, Hasher, HasherSettings, ThrottleSettings};
use crate::config::{Config, ConfigErrors, Directory};
use crate::domain::Clock;
use crate::http;
use crate::metrics::Metrics;
use crate::service::{Services, Settings};
use crate::store::embedded::{self, EmbeddedStore};
use crate::store::mongo::{self, MongoStore};
use crate::store::{Location, Store, StoreError, Traced};

/// Passwords that may wait for a thread.
const PASSWORD_QUEUE: usize = 64;

/// Why Keybin did not start, or a command was not carried out.
#[derive(Debug, Error)]
pub enum StartError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The embedded file cannot be used.
    #[error(transparent)]
    Embedded(#[from] embedded::OpenError),
    /// The MongoDB cannot be used.
    #[error(transparent)]
    Mongo(#[from] mongo::OpenError),
    /// The operating system gave no thread.
    #[error("cannot start the threads for passwords: {0}")]
    Threads(io::Error),
    /// The store did not become ready in time.
    #[error("the store does not answer: {0}")]
    NotReady(StoreError),
}

/// How the MongoDB store is reached, if that is what the configuration names.
#[must_use]
pub fn mongo_options(config: &Config) -> Option<mongo::Options> {
    match &config.store.location {
        Location::Embedded(_) => None,
        Location::Mongo(uri) => Some(options(config, uri)),
    }
}

fn options(config: &Config, uri: &str) -> mongo::Options {
    mongo::Options {
        uri: uri.to_owned(),
        database: config.store.database.clone(),
        users: config.store.users_collection.clone(),
        tokens: config.store.token_collection.clone(),
        documents: config.store.store_collection.clone(),
    }
}

/// Opens the store that the configuration names. A MongoDB that is away is no error: the store answers when it is there.
///
/// # Errors
/// [`StartError`] when the store can never work like this.
pub async fn open_store(config: &Config, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Store>, StartError> {
    let clock = Arc::clone(clock);
    let store: Arc<dyn Store> = match &config.store.location {
        Location::Embedded(path) => Arc::new(EmbeddedStore::open_with_cache(path, config.store.cache_bytes, clock)?),
        Location::Mongo(uri) => Arc::new(MongoStore::open(&options(config, uri), clock).await?),
    };
    Ok(if config.log.otlp.is_some() { Arc::new(Traced(store)) } else { store })
}

/// Waits until the store answers, for commands that are of no use without it.
///
/// # Errors
/// [`StartError::NotReady`] with the last answer when the time is over.
pub async fn wait_for(store: &dyn Store, patience: Duration) -> Result<(), StartError> {
    let end = Instant::now() + patience;
    loop {
        match store.ping().await {
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() >= end => return Err(StartError::NotReady(error)),
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// The services over a store.
///
/// # Errors
/// [`StartError::Threads`].
pub fn services(config: &Config, store: &Arc<dyn Store>, clock: &Arc<dyn Clock>) -> Result<Services, StartError> {
    let settings =
        HasherSettings { cost: config.password.bcrypt_cost, threads: config.password.threads, queue: PASSWORD_QUEUE };
    let hasher = Arc::new(Hasher::start(settings).map_err(StartError::Threads)?);
    let settings = Settings {
        expirations: config.token_expiration.clone(),
        max_value_bytes: config.store.max_value_bytes,
        jwt_secret: config.jwt.secret.clone().map(String::into_bytes),
        doorkeeper: DoorkeeperSettings {
            remember_seconds: config.password.remember_seconds,
            throttle: ThrottleSettings {
                wrong_passwords: config.limits.wrong_passwords,
                log_ins: config.limits.log_ins,
                registrations: config.limits.registrations,
            },
        },
    };
    Ok(Services::new(store, &hasher, clock, settings))
}

/// The Rocket with every open API. It has the metrics as its state, if there are any.
#[must_use]
pub fn rocket(config: &Config, services: Services) -> Rocket<Build> {
    let metrics = config.metrics.enabled.then(|| Arc::new(Metrics::new(services.observer.clone())));
    let settings = http::Settings {
        max_body_bytes: config.store.max_value_bytes + http::ENVELOPE_BYTES,
        open: http::Open {
            keybin: config.api.keybin,
            stow: config.api.stow,
            forms: config.api.forms,
            pairs: config.api.pairs,
            users: config.api.users,
            web: config.api.web,
        },
        open_directory: config.users.directory == Directory::Everyone,
        trusted_proxies: config.app.trusted_proxies.clone(),
        allowed_origins: config.app.allowed_origins.clone(),
        store: match config.store.location {
            Location::Embedded(_) => "embedded",
            Location::Mongo(_) => "mongodb",
        },
        max_requests: config.limits.requests,
        metrics: metrics.clone(),
        tells_metrics: config.metrics.listen.is_none(),
    };
    let rocket = http::mount(rocket::custom(config.rocket()), services, settings);
    match metrics {
        Some(metrics) => rocket.attach(looks(metrics, Duration::from_secs(config.metrics.amounts_seconds.into()))),
        None => rocket,
    }
}

/// While a Rocket is up, there is somebody who looks how much there is.
fn looks(metrics: Arc<Metrics>, pause: Duration) -> AdHoc {
    AdHoc::on_liftoff("amounts", move |rocket| {
        let stop = rocket.shutdown();
        Box::pin(async move {
            tokio::spawn(async move {
                tokio::select! {
                    () = metrics.look_again_and_again(pause) => {}
                    () = stop => {}
                }
            });
        })
    })
}

/// A Rocket that tells the metrics and nothing else, at an address of its own.
#[must_use]
pub fn metrics_rocket(config: &Config, listen: SocketAddr, metrics: Arc<Metrics>) -> Rocket<Build> {
    // Above whatever the other one is told. It ends with the server, which hears the signals.
    let figment = config
        .rocket()
        .merge(Serialized::global("address", listen.ip()))
        .merge(Serialized::global("port", listen.port()))
        .merge(Serialized::global("shutdown.ctrlc", false))
        .merge(Serialized::global("shutdown.signals", [(); 0]));
    http::mount_metrics(rocket::custom(figment), metrics)
}
