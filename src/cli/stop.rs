//! The wish of the operator that the server stops: SIGTERM, where there is such a thing, or Ctrl-C.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hears the wish from the moment on that it is made, whether or not anybody is waiting for it yet.
pub(super) struct Stop {
    #[cfg(unix)]
    term: Signal,
}

impl Stop {
    /// Begins to listen. From now on, SIGTERM does not end the process by itself.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            term: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the wish.
    #[cfg(unix)]
    pub(super) async fn wished(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }

    /// Waits for the wish.
    #[cfg(not(unix))]
    pub(super) async fn wished(&mut self) {
        let _cannot_be_heard = tokio::signal::ctrl_c().await;
    }
}
