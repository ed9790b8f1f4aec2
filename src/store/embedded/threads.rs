//! The threads of a store, and the order in which they end.

use std::io;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use super::backup::Door;
use super::housekeeping::Housekeeper;
use super::open;
use super::open_file::OpenFile;
use super::queue::Queue;
use super::writer::Writer;
use crate::domain::Clock;

/// The threads of a store.
pub(super) struct Threads {
    writer: JoinHandle<()>,
    housekeeper: JoinHandle<()>,
    stop: mpsc::Sender<()>,
    /// There is none before the first time that it is opened, or where it cannot be.
    door: Option<Door>,
}

impl Threads {
    /// Starts those that every store has.
    pub(super) fn start(writer: Writer, housekeeper: Housekeeper) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        Ok(Self { writer: writer.start()?, housekeeper: housekeeper.start(stopped)?, stop, door: None })
    }

    /// Opens the door to whoever wants a backup. Without one, the store serves all the same.
    pub(super) fn open_door(&mut self, path: &Path, file: &Arc<OpenFile>, clock: Arc<dyn Clock>) {
        match Door::open(&open::resolved(path), Arc::clone(file), clock) {
            Ok(door) => self.door = Some(door),
            Err(error) => {
                tracing::warn!("store: no backup of {} can be taken while it is in use: {error}", path.display());
            }
        }
    }

    /// Takes nothing more, and waits until all have ended.
    pub(super) fn end(self, queue: &Queue) {
        // While the file is still ours: the next who opens it has a door of its own in the same place.
        drop(self.door);
        queue.close();
        drop(self.stop);
        for thread in [self.housekeeper, self.writer] {
            if thread.join().is_err() {
                tracing::error!("store: a thread has panicked");
            }
        }
    }
}
