//! Processes that do not outlive their handles.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, kill_process, kill_process_group};
use tokio::time::sleep;

pub(crate) use rustix::process::Signal;

/// A process that ends with its handle, also while a panic unwinds.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// Whether the group of processes that it leads ends with it.
    leads: bool,
}

impl Process {
    pub(super) fn spawn(command: &mut Command) -> io::Result<Self> {
        Ok(Self { child: command.spawn()?, leads: false })
    }

    /// The same for one that starts others: they are its group, and end with the handle as well.
    pub(super) fn lead(command: &mut Command) -> io::Result<Self> {
        Ok(Self { child: command.process_group(0).spawn()?, leads: true })
    }

    /// Its number.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub(super) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// How it ended; `None` when it goes on for longer than `patience`.
    pub(super) async fn ended(&mut self, patience: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        loop {
            let ended = self.child.try_wait().expect("a child can be waited for");
            if ended.is_some() || start.elapsed() > patience {
                return ended;
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Sends a signal, unless the process has ended.
    pub(super) fn signal(&mut self, signal: Signal) {
        // Until it was waited for, nobody else gets its number.
        if matches!(self.child.try_wait(), Ok(None)) {
            kill_process(Pid::from_child(&self.child), signal).expect("a child can be signalled");
        }
    }

    /// The other end of its standard input, once.
    pub(super) fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Until it was waited for, nobody else gets its number.
        if self.leads && matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        // It may have ended by itself; either way it is gone after the wait.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
