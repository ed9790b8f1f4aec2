//! The wish of the operator that a running server looks at its files again: SIGHUP, where there is such a thing.

use std::io;
use std::path::PathBuf;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use super::logger::Log;
use crate::config::{Config, ConfigErrors, Environment, Overrides};
use crate::service::Operator;

/// Where the configuration comes from.
pub(super) struct Sources {
    pub(super) overrides: Overrides,
    /// The directory that the program was started in.
    pub(super) directory: PathBuf,
}

impl Sources {
    /// Reads all of them.
    pub(super) fn load(&self) -> Result<Config, ConfigErrors> {
        Config::load(&self.overrides, &Environment::of_process(), &self.directory)
    }
}

/// Hears the wish from the moment on that it is made. From then on, SIGHUP does not end the process.
pub(super) struct Reload {
    #[cfg(unix)]
    hangup: Signal,
}

impl Reload {
    /// Begins to listen.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Does what is wished, again and again: opens the log anew, and lets new tokens live as long as is configured by now.
    pub(super) async fn run(mut self, sources: &Sources, started_with: &Config, operator: &Operator, log: &Log) -> ! {
        loop {
            self.wished().await;
            log.reopen();
            match sources.load() {
                Ok(config) => {
                    for name in started_with.needs_restart(&config) {
                        warn!("{name} has another value now, which takes effect after a restart");
                    }
                    operator.set_expirations(config.token_expiration);
                    info!("the log was opened anew, and the expirations of tokens were read again");
                }
                Err(errors) => error!("everything stays as it is: {errors}"),
            }
        }
    }

    #[cfg(unix)]
    async fn wished(&mut self) {
        if self.hangup.recv().await.is_none() {
            std::future::pending().await
        }
    }

    #[cfg(not(unix))]
    async fn wished(&mut self) {
        std::future::pending().await
    }
}
