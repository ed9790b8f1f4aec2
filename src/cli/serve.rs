//! `keybin serve`: the server.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use rocket::error::ErrorKind;
use rocket::fairing::AdHoc;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use super::CliError;
use super::logger::{self, Log};
use super::metrics::MetricsListener;
use super::reload::{Reload, Sources};
use super::stop::Stop;
use crate::app;
use crate::config::{Config, Overrides};
use crate::domain::{Clock, SystemClock};
use crate::metrics::Metrics;
use crate::service::Services;

/// How long listening is put off for a database that is about to be ready, so that whoever comes first is served.
/// After that, requests are told to come again.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long connections get to end before Rocket looks whether any is left. Where it finds one, it waits for the whole of
/// its grace period, even if that one ends a moment later.
const FAREWELL: Duration = Duration::from_millis(250);

/// Serves the APIs.
#[derive(Debug, Default, Args)]
pub(super) struct Serve {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS")]
    host: Option<String>,
    /// The port to listen on; 0 takes any that is free
    #[arg(long, value_name = "PORT")]
    port: Option<String>,
}

impl Serve {
    pub(super) fn add_to(&self, overrides: &mut Overrides) {
        overrides.host.clone_from(&self.host);
        overrides.port.clone_from(&self.port);
    }
}

pub(super) fn run(config: &Config, sources: &Sources) -> Result<(), CliError> {
    let log = logger::start(config)?;
    // Each connection needs a file descriptor, and many systems give 1024 to whoever does not ask for more.
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(most) => debug!("may have {most} files and connections open"),
        Err(error) => warn!("the limit of open files stays as it is: {error}"),
    }
    let served = runtime(config)?.block_on(serve(config, sources, &log));
    log.end();
    served
}

async fn serve(config: &Config, sources: &Sources, log: &Log) -> Result<(), CliError> {
    let (mut stop, reload) = (Stop::listen()?, Reload::listen()?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = app::open_store(config, &clock).await?;
    let services = app::services(config, &store, &clock)?;
    tokio::select! {
        ready = app::wait_for(store.as_ref(), PATIENCE) => {
            if let Err(error) = ready {
                warn!("listening all the same: {error}");
            }
        }
        () = stop.wished() => {
            store.close().await;
            return Ok(());
        }
    }
    let operator = services.operator.clone();
    let stopped = tokio::select! {
        stopped = listen(config, services, stop) => stopped,
        never = reload.run(sources, config, &operator, log) => never,
    };
    // What was acknowledged is durable already; this lets the file be opened again at once.
    store.close().await;
    stopped
}

async fn listen(config: &Config, services: Services, mut stop: Stop) -> Result<(), CliError> {
    let rocket = app::rocket(config, services);
    let aside = match (config.metrics.listen, rocket.state::<Arc<Metrics>>()) {
        (Some(listen), Some(metrics)) => Some(MetricsListener::start(config, listen, Arc::clone(metrics)).await?),
        _ => None,
    };
    let (data, aside_at) = (config.store.location.to_string(), aside.as_ref().map(MetricsListener::address));
    let announce = AdHoc::on_liftoff("announce", move |rocket| {
        Box::pin(async move {
            let (address, port) = (rocket.config().address, rocket.config().port);
            let address = std::net::SocketAddr::new(address, port);
            println!("Keybin {} listens on http://{address}, data in {data}", env!("CARGO_PKG_VERSION"));
            if let Some(address) = aside_at {
                println!("Metrics are told on http://{address}/metrics");
            }
        })
    });
    let farewell = AdHoc::on_shutdown("farewell", |_| Box::pin(sleep(FAREWELL)));
    let rocket = rocket.attach(announce).attach(farewell).ignite().await;
    let rocket = rocket.map_err(|error| CliError::Serve(reason(config, &error)))?;
    let shutdown = rocket.shutdown();
    let watch = tokio::spawn(async move {
        stop.wished().await;
        shutdown.notify();
    });
    let launched = rocket.launch().await;
    watch.abort();
    if let Some(aside) = aside {
        aside.stop().await;
    }
    match launched {
        Ok(_) => Ok(()),
        Err(error) if connections_end(&error).await => Ok(()),
        Err(error) => Err(CliError::Serve(reason(config, &error))),
    }
}

/// Waits for the connections that Rocket has not waited for. It hears of the end in two places, and where a connection
/// comes in at that very moment, the one that does not wait is the first. Whether there is none left.
async fn connections_end(error: &rocket::Error) -> bool {
    let ErrorKind::Shutdown(rocket, None) = error.kind() else { return false };
    let limits = &rocket.config().shutdown;
    let most = Duration::from_secs(u64::from(limits.grace) + u64::from(limits.mercy) + 1);
    // Each connection holds one.
    let none_left = async {
        while Arc::strong_count(rocket) > 1 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(most, none_left).await.is_ok()
}

/// Why Rocket stopped, in one line.
fn reason(config: &Config, error: &rocket::Error) -> String {
    match error.kind() {
        ErrorKind::Bind(cause) | ErrorKind::Io(cause) => {
            format!("cannot listen on {}:{}: {cause}", config.app.host, config.app.port)
        }
        ErrorKind::Shutdown(..) => "stopped, but some requests did not end in time".to_owned(),
        other => other.to_string(),
    }
}

/// A runtime with as many workers as Rocket is configured for.
fn runtime(config: &Config) -> Result<Runtime, CliError> {
    let mut builder = Builder::new_multi_thread();
    if let Ok(workers) = config.rocket().extract_inner::<usize>("workers") {
        builder.worker_threads(workers.max(1));
    }
    Ok(builder.thread_name("keybin").enable_all().build()?)
}
