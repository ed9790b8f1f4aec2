//! What a command needs around it: a runtime, and the services over the configured store.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::{CliError, logger};
use crate::app;
use crate::config::{Config, LogLevel};
use crate::domain::{Clock, SystemClock};
use crate::service::Services;

/// How long a command waits for a database that does not answer, or that another process was preparing when it died.
const PATIENCE: Duration = Duration::from_secs(15);

/// Runs a command on the services, and closes the store after it.
pub(super) fn run(
    config: &Config,
    command: impl AsyncFnOnce(&Services) -> Result<(), CliError>,
) -> Result<(), CliError> {
    // A command answers by itself; of the log only what went wrong is of interest.
    logger::to_stderr(config.log_level().min(LogLevel::Warn));
    Runtime::new()?.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = app::open_store(config, &clock).await?;
        app::wait_for(store.as_ref(), PATIENCE).await?;
        let services = app::services(config, &store, &clock)?;
        let outcome = command(&services).await;
        store.close().await;
        outcome
    })
}
