//! The door: a socket beside the file, through which whoever has the file open gives backups of it.
//!
//! * Its name is that of the file with `.sock` behind it. Nobody but the owner of the process may come in.
//! * Whoever has the file open is the only one who may have the door: it is opened after the file and closed before it. So one
//!   that is there at the opening was left by a process that died, and makes way.
//! * Each visitor has a thread; there are few at once. One who takes nothing for a minute has to go: pages that a backup still
//!   needs are not used again, so that the file grows meanwhile.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, fchmod};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen, socket_with};

use super::super::open::directory_of;
use super::super::open_file::OpenFile;
use super::{BackupError, sending};
use crate::domain::{Clock, with_causes};

/// What a visitor says who wants a backup.
const REQUEST: &[u8] = b"keybin backup\n";

/// How long a visitor may take to say it.
const GREETING: Duration = Duration::from_secs(5);

/// After a visitor who could not be let in.
const PAUSE: Duration = Duration::from_millis(100);

/// How many backups are given at once.
const VISITORS: usize = 4;

/// The pace that a visitor must keep: so many bytes within [`PATIENCE`].
const STRETCH: usize = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(60);

/// How long whoever takes a backup waits for the next of it.
const SILENCE: Duration = Duration::from_secs(120);

/// The longest path that the address of a socket holds, on Linux.
const LONGEST: usize = 107;

/// The door while it is open.
pub(in super::super) struct Door {
    socket: PathBuf,
    /// When this end is closed, the thread ends.
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread works with.
struct Keeper {
    listener: UnixListener,
    stop: UnixStream,
    file: Arc<OpenFile>,
    clock: Arc<dyn Clock>,
    patience: Duration,
    visitors: Vec<Visitor>,
}

struct Visitor {
    thread: JoinHandle<()>,
    stream: UnixStream,
}

impl Door {
    /// Opens the door of the file at `path`, which is open.
    pub(in super::super) fn open(path: &Path, file: Arc<OpenFile>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        Self::open_patiently(path, file, clock, PATIENCE)
    }

    /// The same with patience of one's own.
    pub(super) fn open_patiently(
        path: &Path,
        file: Arc<OpenFile>,
        clock: Arc<dyn Clock>,
        patience: Duration,
    ) -> io::Result<Self> {
        let socket = socket_of(path);
        let (stop, stopped) = UnixStream::pair()?;
        let listener = listen_at(&socket)?;
        let keeper = Keeper { listener, stop: stopped, file, clock, patience, visitors: Vec::new() };
        let thread = thread::Builder::new().name("keybin-backups".to_owned()).spawn(move || keeper.work())?;
        Ok(Self { socket, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Door {
    /// Closes the door and breaks off what is being given.
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.socket) {
            tracing::warn!("store: {} cannot be removed: {error}", self.socket.display());
        }
        drop(self.stop.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("store: the thread that gives backups has panicked");
        }
    }
}

impl Keeper {
    fn work(mut self) {
        while self.wait() {
            match self.listener.accept() {
                Ok((stream, _)) => self.receive(stream),
                // Who knocked has gone, or there is no file descriptor left.
                Err(_) => thread::sleep(PAUSE),
            }
        }
        for visitor in self.visitors.drain(..) {
            let _ = visitor.stream.shutdown(Shutdown::Both);
            let _ = visitor.thread.join();
        }
    }

    /// Waits until somebody knocks. `false` when it is over.
    fn wait(&self) -> bool {
        loop {
            let mut both = [PollFd::new(&self.listener, PollFlags::IN), PollFd::new(&self.stop, PollFlags::IN)];
            match poll(&mut both, None) {
                Ok(_) if !both[1].revents().is_empty() => return false,
                Ok(_) if !both[0].revents().is_empty() => return true,
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => {
                    tracing::error!("store: nobody can ask for a backup any more: {error}");
                    return false;
                }
            }
        }
    }

    fn receive(&mut self, stream: UnixStream) {
        self.visitors.retain(|visitor| !visitor.thread.is_finished());
        if self.visitors.len() >= VISITORS {
            let _ = stream.set_write_timeout(Some(GREETING));
            let _ = sending::refuse("too many backups are being taken already", stream);
            return;
        }
        let Ok(copy) = stream.try_clone() else { return };
        let (file, clock, patience) = (Arc::clone(&self.file), Arc::clone(&self.clock), self.patience);
        let give = move || {
            give(&stream, &file, clock.as_ref(), patience);
            // The copy would keep it open.
            let _ = stream.shutdown(Shutdown::Both);
        };
        if let Ok(thread) = thread::Builder::new().name("keybin-backup".to_owned()).spawn(give) {
            self.visitors.push(Visitor { thread, stream: copy });
        }
    }
}

/// Gives one visitor what he asks for.
fn give(stream: &UnixStream, file: &OpenFile, clock: &dyn Clock, patience: Duration) {
    if !asks(stream) {
        return;
    }
    let paced = Paced { stream, patience, since: Instant::now(), taken: 0 };
    let Some(snapshot) = file.latest() else {
        let _ = sending::refuse("the file is not open", paced);
        return;
    };
    tracing::info!("store: a backup is being taken");
    match sending::send(&snapshot, clock.now(), paced) {
        Ok(summary) => tracing::info!("store: a backup of {} bytes was taken", summary.bytes),
        Err(error) => tracing::warn!("store: a backup was broken off: {}", with_causes(&error)),
    }
}

/// Whether the visitor asks for a backup, rather than only to see whether the door is open.
fn asks(mut stream: &UnixStream) -> bool {
    let mut request = [0; REQUEST.len()];
    let read = stream.set_read_timeout(Some(GREETING)).and_then(|()| stream.read_exact(&mut request));
    read.is_ok() && request == *REQUEST
}

/// The visitor, as long as he keeps the pace.
struct Paced<'s> {
    stream: &'s UnixStream,
    patience: Duration,
    since: Instant,
    taken: usize,
}

impl Write for Paced<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let too_slow = || io::Error::new(ErrorKind::TimedOut, "whoever takes it is too slow");
        let left =
            self.patience.checked_sub(self.since.elapsed()).filter(|left| !left.is_zero()).ok_or_else(too_slow)?;
        self.stream.set_write_timeout(Some(left))?;
        let taken = match self.stream.write(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(too_slow()),
            taken => taken?,
        };
        self.taken += taken;
        if self.taken >= STRETCH {
            (self.since, self.taken) = (Instant::now(), 0);
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Knocks at the door of the file at `path`. `None` where nobody opens.
pub(super) fn knock(path: &Path) -> Result<Option<Server>, BackupError> {
    let socket = socket_of(path);
    match Address::of(&socket).and_then(|address| UnixStream::connect(&address.path)) {
        Ok(stream) => Ok(Some(Server { socket, stream })),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => Ok(None),
        Err(source) => Err(BackupError::Door { socket, source }),
    }
}

/// Whoever opened.
pub(super) struct Server {
    socket: PathBuf,
    stream: UnixStream,
}

impl Server {
    /// Asks for a backup, which is then read from what comes back.
    pub(super) fn ask(mut self) -> Result<impl Read, BackupError> {
        let asked = self.stream.set_read_timeout(Some(SILENCE)).and_then(|()| self.stream.write_all(REQUEST));
        asked.map_err(|source| BackupError::Door { socket: self.socket, source })?;
        Ok(self.stream)
    }
}

fn socket_of(path: &Path) -> PathBuf {
    let mut socket = path.as_os_str().to_owned();
    socket.push(".sock");
    socket.into()
}

/// Listens at a path that nobody else may listen at.
fn listen_at(socket: &Path) -> io::Result<UnixListener> {
    match fs::symlink_metadata(socket) {
        Ok(known) if known.file_type().is_socket() => fs::remove_file(socket)?,
        Ok(_) => return Err(io::Error::new(ErrorKind::AlreadyExists, "there is something else")),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let address = Address::of(socket)?;
    let listener = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    // Linux gives the file the mode of the socket, so that it is never open to others; elsewhere it gets it a moment later.
    let _ = fchmod(&listener, Mode::RUSR | Mode::WUSR);
    bind(&listener, &SocketAddrUnix::new(&address.path)?)?;
    fs::set_permissions(socket, Permissions::from_mode(0o600))?;
    listen(&listener, VISITORS as i32)?;
    Ok(listener.into())
}

/// By which path a socket is named. Those of sockets are short; where one is too long for that, it is named by way of its
/// directory, which is open for as long.
struct Address {
    path: PathBuf,
    _directory: Option<File>,
}

impl Address {
    fn of(socket: &Path) -> io::Result<Self> {
        if socket.as_os_str().len() <= LONGEST {
            return Ok(Self { path: socket.to_owned(), _directory: None });
        }
        let directory = File::open(directory_of(socket))?;
        let path = Path::new("/proc/self/fd").join(directory.as_raw_fd().to_string());
        let path = path.join(socket.file_name().unwrap_or_default());
        if path.as_os_str().len() > LONGEST {
            return Err(io::Error::new(ErrorKind::InvalidFilename, "the name of the file is too long for a socket"));
        }
        Ok(Self { path, _directory: Some(directory) })
    }
}
