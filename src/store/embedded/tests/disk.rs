//! A disk in memory: it remembers everything that it was told, and fails when it is told to.

use std::io;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard};

use redb::{BackendError, StorageBackend};

use super::*;

/// Enough to keep a whole store of these tests.
pub(super) const CACHE: usize = 1 << 20;

/// There is no room.
pub(super) const ENOSPC: i32 = 28;
/// The disk cannot be read or written.
pub(super) const EIO: i32 = 5;

/// Something that happened, in the order in which it happened.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Write {
        offset: usize,
        data: Vec<u8>,
    },
    SetLen(usize),
    /// All before this is durable.
    Sync,
    /// Somebody wanted to remember this moment.
    Mark,
}

impl Event {
    /// Does to `image` what the disk was told.
    pub(super) fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Self::Write { offset, data } => overwrite(image, *offset, data),
            Self::SetLen(len) => image.resize(*len, 0),
            Self::Sync | Self::Mark => {}
        }
    }
}

/// Puts `data` into `image`, which grows where it has to.
pub(super) fn overwrite(image: &mut Vec<u8>, offset: usize, data: &[u8]) {
    let end = offset + data.len();
    if image.len() < end {
        image.resize(end, 0);
    }
    image[offset..end].copy_from_slice(data);
}

/// Which calls fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Failing {
    #[default]
    Nothing,
    /// The call after so many others.
    Once(usize),
    /// That and all that come after it.
    From(usize),
}

/// What a call wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Reading,
    Writing,
}

#[derive(Default)]
struct State {
    content: Vec<u8>,
    events: Vec<Event>,
    is_locked: bool,
    /// How many syncs there were, and of how many one is not done.
    syncs: usize,
    lies_once_in: Option<usize>,
    failing: Failing,
    /// Whether only those calls count and fail that change something.
    reads_well: bool,
    error: i32,
    /// How many calls have failed.
    failed: usize,
}

impl State {
    fn call(&mut self, wish: Wish) -> io::Result<()> {
        if wish == Wish::Reading && self.reads_well {
            return Ok(());
        }
        let fails = match &mut self.failing {
            Failing::Nothing => false,
            Failing::Once(0) => {
                self.failing = Failing::Nothing;
                true
            }
            Failing::From(0) => true,
            Failing::Once(left) | Failing::From(left) => {
                *left -= 1;
                false
            }
        };
        if !fails {
            return Ok(());
        }
        self.failed += 1;
        Err(io::Error::from_raw_os_error(self.error))
    }

    fn happen(&mut self, event: Event) {
        event.apply(&mut self.content);
        self.events.push(event);
    }
}

/// The disk, with one file.
#[derive(Default)]
pub(super) struct Disk(Mutex<State>);

impl Disk {
    pub(super) fn empty() -> Arc<Self> {
        Self::with(Vec::new())
    }

    /// A disk on which this is durable.
    pub(super) fn with(content: Vec<u8>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { content, ..State::default() })))
    }

    /// The disk on which a store was made and closed.
    pub(super) fn formatted() -> Arc<Self> {
        let disk = Self::empty();
        drop(disk.make().expect("a store"));
        disk
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no panic")
    }

    /// What somebody would read.
    pub(super) fn content(&self) -> Vec<u8> {
        self.state().content.clone()
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }

    /// Remembers this moment.
    pub(super) fn mark(&self) -> usize {
        let mut state = self.state();
        state.happen(Event::Mark);
        state.events.len()
    }

    /// From now on one of so many syncs is said to be done and is not.
    pub(super) fn lie_once_in(&self, syncs: usize) {
        self.state().lies_once_in = Some(syncs);
    }

    /// From now on calls fail, in this way.
    pub(super) fn fail(&self, failing: Failing, error: i32) {
        let mut state = self.state();
        (state.failing, state.error, state.reads_well, state.failed) = (failing, error, false, 0);
    }

    /// From now on calls fail that change something.
    pub(super) fn fail_writing(&self, failing: Failing, error: i32) {
        self.fail(failing, error);
        self.state().reads_well = true;
    }

    /// Nothing fails any more. Tells how often something did.
    pub(super) fn heal(&self) -> usize {
        let mut state = self.state();
        state.failing = Failing::Nothing;
        state.failed
    }

    /// Makes a store on the empty disk.
    pub(super) fn make(self: &Arc<Self>) -> Result<Database, OpenError> {
        let path = Path::new("keybin.redb");
        open::fill(path, open::builder(path, CACHE).create_with_backend(self.file()))
    }

    /// Opens what is on the disk as a file is opened.
    pub(super) fn open(self: &Arc<Self>, cache_bytes: usize) -> Result<Database, OpenError> {
        let path = Path::new("keybin.redb");
        open::open_checked(path, || open::builder(path, cache_bytes).create_with_backend(self.file()))
    }

    /// Starts the store that is on the disk.
    pub(super) fn start(self: &Arc<Self>, now: Timestamp) -> Result<EmbeddedStore, OpenError> {
        self.start_with(CACHE, now)
    }

    /// The same with so much memory for pages.
    pub(super) fn start_with(self: &Arc<Self>, cache_bytes: usize, now: Timestamp) -> Result<EmbeddedStore, OpenError> {
        self.start_on(self.open(cache_bytes)?, cache_bytes, now)
    }

    /// The same with the database that was opened already.
    pub(super) fn start_on(
        self: &Arc<Self>,
        database: Database,
        cache_bytes: usize,
        now: Timestamp,
    ) -> Result<EmbeddedStore, OpenError> {
        let again = Arc::clone(self);
        let opener = Box::new(move || again.open(cache_bytes));
        EmbeddedStore::start(Path::new("keybin.redb"), database, opener, SetClock::at(now))
    }

    fn file(self: &Arc<Self>) -> DiskFile {
        DiskFile(Arc::clone(self))
    }
}

/// The file while redb has it.
struct DiskFile(Arc<Disk>);

impl fmt::Debug for DiskFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DiskFile")
    }
}

impl StorageBackend for DiskFile {
    fn len(&self) -> io::Result<u64> {
        let mut state = self.0.state();
        state.call(Wish::Reading)?;
        Ok(state.content.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut state = self.0.state();
        state.call(Wish::Reading)?;
        let offset = usize::try_from(offset).expect("an offset");
        let read = state.content.get(offset..offset + out.len());
        out.copy_from_slice(read.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.0.state();
        state.call(Wish::Writing)?;
        state.happen(Event::SetLen(usize::try_from(len).expect("a length")));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.0.state();
        state.call(Wish::Writing)?;
        state.syncs += 1;
        if state.lies_once_in.is_none_or(|times| !state.syncs.is_multiple_of(times)) {
            state.happen(Event::Sync);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.0.state();
        state.call(Wish::Writing)?;
        let offset = usize::try_from(offset).expect("an offset");
        state.happen(Event::Write { offset, data: data.to_vec() });
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        let mut state = self.0.state();
        state.is_locked = false;
        state.call(Wish::Writing)
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        if (start, end) != (Bound::Unbounded, Bound::Unbounded) {
            return Err(BackendError::Unsupported);
        }
        Ok(!std::mem::replace(&mut self.0.state().is_locked, true))
    }
}
