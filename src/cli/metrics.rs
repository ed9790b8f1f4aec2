//! The metrics at an address of their own, while the server runs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rocket::Shutdown;
use rocket::error::ErrorKind;
use rocket::fairing::AdHoc;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::CliError;
use crate::app;
use crate::config::Config;
use crate::metrics::Metrics;

/// How long somebody who is collecting them when the server stops gets to end.
const FAREWELL: Duration = Duration::from_secs(1);

/// A second listener, which ends with its handle.
pub(super) struct MetricsListener {
    address: SocketAddr,
    shutdown: Shutdown,
    task: JoinHandle<Option<rocket::Error>>,
}

impl MetricsListener {
    /// Listens at this address.
    ///
    /// # Errors
    /// When that cannot be.
    pub(super) async fn start(config: &Config, listen: SocketAddr, metrics: Arc<Metrics>) -> Result<Self, CliError> {
        let (announce, announced) = oneshot::channel();
        let liftoff = AdHoc::on_liftoff("announce", |rocket| {
            let address = SocketAddr::new(rocket.config().address, rocket.config().port);
            let _given_up = announce.send((address, rocket.shutdown()));
            Box::pin(async {})
        });
        let rocket = app::metrics_rocket(config, listen, metrics).attach(liftoff);
        let task = tokio::spawn(async { rocket.launch().await.err() });
        match announced.await {
            Ok((address, shutdown)) => Ok(Self { address, shutdown, task }),
            // It ended before it was up.
            Err(_) => {
                let why = task.await.ok().flatten().map(|error| reason(&error)).unwrap_or_default();
                Err(CliError::Serve(format!("cannot listen on {listen} for the metrics: {why}")))
            }
        }
    }

    /// Where it listens.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it.
    pub(super) async fn stop(mut self) {
        self.shutdown.clone().notify();
        let _late = timeout(FAREWELL, &mut self.task).await;
    }
}

impl Drop for MetricsListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn reason(error: &rocket::Error) -> String {
    match error.kind() {
        ErrorKind::Bind(cause) | ErrorKind::Io(cause) => cause.to_string(),
        other => other.to_string(),
    }
}
