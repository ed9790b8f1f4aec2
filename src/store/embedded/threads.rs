//! The threads of a store, and how they end.

use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

/// The threads of a store.
pub(super) struct Threads {
    pub(super) writer: JoinHandle<()>,
    pub(super) housekeeper: JoinHandle<()>,
    pub(super) stop: Sender<()>,
}

impl Threads {
    /// Waits until both have ended; the queue must be closed before.
    pub(super) fn join(self) {
        drop(self.stop);
        for thread in [self.housekeeper, self.writer] {
            if thread.join().is_err() {
                tracing::error!("store: a thread has panicked");
            }
        }
    }
}
