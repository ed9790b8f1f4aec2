//! Lines on their way to stderr, or to a file.
//!
//! * Those of the access log and of the audit log are gathered and written together a moment later: one call of the system for each would
//!   cost a good part of what the request costs.
//! * All others are written at once, after what was gathered before them.
//! * Nothing is dropped. Where stderr is slow, whoever finds no more room writes himself, and waits.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use super::{ACCESS, AUDIT};

/// How many bytes may be gathered.
const ROOM: usize = 256 * 1024;

/// How long a line may have to wait.
const MOMENT: Duration = Duration::from_millis(50);

/// The lines. Clones are the same lines.
#[derive(Clone)]
pub(in crate::cli) struct Lines(Arc<Inner>);

struct Inner {
    gathered: Mutex<Vec<u8>>,
    begun: Condvar,
    /// Held while writing, and taken before `gathered`, so that lines come in their order.
    out: Mutex<Box<dyn Write + Send>>,
}

impl Lines {
    /// Lines to `out`, and a thread that writes what was gathered.
    pub(super) fn to(out: impl Write + Send + 'static) -> Self {
        let (gathered, out) = (Mutex::default(), Mutex::new(Box::new(out) as Box<dyn Write + Send>));
        let lines = Self(Arc::new(Inner { gathered, begun: Condvar::new(), out }));
        let inner = Arc::downgrade(&lines.0);
        let write = move || {
            while let Some(inner) = inner.upgrade() {
                inner.wait_for_the_first();
                thread::sleep(MOMENT);
                inner.write_out(&[]);
            }
        };
        if thread::Builder::new().name("keybin-log".to_owned()).spawn(write).is_err() {
            // Then every line that fills the room writes it out, and the end does.
            lines.at_once(b"there is no thread for the log\n");
        }
        lines
    }

    /// Writes what was gathered.
    pub(in crate::cli) fn flush(&self) {
        self.0.write_out(&[]);
    }

    /// Writes what was gathered, and from then on to somewhere else.
    pub(super) fn go_on_in(&self, out: impl Write + Send + 'static) {
        let mut current = self.0.out.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.write_to(&mut *current, &[]);
        *current = Box::new(out);
    }

    fn at_once(&self, line: &[u8]) {
        self.0.write_out(line);
    }

    fn later(&self, line: &[u8]) {
        let is_full = {
            let mut gathered = self.0.gathered();
            if gathered.is_empty() {
                self.0.begun.notify_one();
            }
            gathered.extend_from_slice(line);
            gathered.len() >= ROOM
        };
        if is_full {
            self.flush();
        }
    }
}

impl Inner {
    fn wait_for_the_first(&self) {
        let gathered = self.gathered();
        drop(self.begun.wait_while(gathered, |gathered| gathered.is_empty()).unwrap_or_else(PoisonError::into_inner));
    }

    /// Writes what was gathered, and then `line`.
    fn write_out(&self, line: &[u8]) {
        self.write_to(&mut *self.out.lock().unwrap_or_else(PoisonError::into_inner), line);
    }

    /// There is nobody to tell of a stderr, or a file, that takes nothing.
    fn write_to(&self, out: &mut dyn Write, line: &[u8]) {
        let gathered = std::mem::take(&mut *self.gathered());
        for part in [&gathered[..], line] {
            if !part.is_empty() {
                let _ = out.write_all(part);
            }
        }
    }

    fn gathered(&self) -> MutexGuard<'_, Vec<u8>> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where one line goes.
pub(in crate::cli) struct Line<'l> {
    lines: &'l Lines,
    may_wait: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.may_wait {
            self.lines.later(line)
        } else {
            self.lines.at_once(line)
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'l> MakeWriter<'l> for Lines {
    type Writer = Line<'l>;

    fn make_writer(&'l self) -> Line<'l> {
        Line { lines: self, may_wait: false }
    }

    fn make_writer_for(&'l self, record: &Metadata<'_>) -> Line<'l> {
        Line { lines: self, may_wait: [ACCESS, AUDIT].contains(&record.target()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was written, by calls.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<Vec<u8>>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        fn calls(&self) -> Vec<Vec<u8>> {
            self.0.lock().expect("no panic").clone()
        }
    }

    #[test]
    fn lines_are_gathered_and_keep_their_order() {
        let written = Written::default();
        let lines = Lines::to(written.clone());
        lines.later(b"one\n");
        lines.later(b"two\n");
        lines.at_once(b"three\n");
        assert_eq!(written.calls().concat(), b"one\ntwo\nthree\n");
        lines.later(b"four\n");
        lines.flush();
        assert_eq!(written.calls().concat(), b"one\ntwo\nthree\nfour\n");
    }

    #[test]
    fn what_was_gathered_is_written_though_nothing_follows() {
        let written = Written::default();
        let lines = Lines::to(written.clone());
        for times in 1..=2 {
            lines.later(b"line\n");
            while written.calls().concat() != b"line\n".repeat(times) {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }

    #[test]
    fn what_was_gathered_before_a_change_goes_where_it_belongs() {
        let (before, after) = (Written::default(), Written::default());
        let lines = Lines::to(before.clone());
        lines.later(b"one\n");
        lines.go_on_in(after.clone());
        lines.at_once(b"two\n");
        assert_eq!((before.calls().concat(), after.calls().concat()), (b"one\n".to_vec(), b"two\n".to_vec()));
    }

    #[test]
    fn no_more_is_gathered_than_there_is_room_for() {
        let written = Written::default();
        let lines = Lines::to(written.clone());
        let line = [b'x'; 1024];
        for _ in 0..ROOM / line.len() {
            lines.later(&line);
        }
        assert_eq!(written.calls().concat().len(), ROOM);
        assert!(lines.0.gathered().is_empty());
    }
}
