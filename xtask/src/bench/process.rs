//! Servers that the benchmark starts: each on a free port of the loopback interface, and gone with its handle.

use std::fs::{self, File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::install::on_path;
use crate::found::failed_at;
use crate::step::{Result, ask, command, told};

/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long it may take to end when it is asked to; after that it is killed.
const FAREWELL: Duration = Duration::from_secs(10);

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Process {
    /// Starts a server that will listen on `port`, and waits until it does. What it says goes to `log`.
    pub(crate) fn start(command: Command, port: u16, log: &Path) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut command = bound_to_us(command);
        let file = File::create(log).map_err(failed_at(log))?;
        // Appending, so that the file can be emptied while it is written.
        drop(file);
        let out = OpenOptions::new().append(true).open(log).map_err(failed_at(log))?;
        let err = out.try_clone().map_err(failed_at(log))?;
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return told(format!("{program} cannot be started: {error}")),
        };
        let mut process = Self { child, port, log: log.to_owned() };
        process.wait_until_it_listens(&program)?;
        Ok(process)
    }

    fn wait_until_it_listens(&mut self, program: &str) -> Result {
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            if let Ok(Some(status)) = self.child.try_wait() {
                return told(format!("{program} ended at once ({status}):\n{}", self.last_words()));
            }
            if start.elapsed() > PATIENCE {
                return told(format!("{program} does not listen:\n{}", self.last_words()));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn last_words(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Empties its log, which would fill the disk in the long run.
    pub(crate) fn forget_log(&self) {
        if let Ok(file) = OpenOptions::new().write(true).open(&self.log) {
            // It is only a matter of space.
            let _ = file.set_len(0);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // First as asked for, so that one that has processes of its own can end them.
        let _ = ask(command(Path::new("."), "kill", &["-TERM", &self.child.id().to_string()]));
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && start.elapsed() < FAREWELL {
            sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same command, which also ends when the benchmark is killed, where the machine has `setpriv`.
fn bound_to_us(command: Command) -> Command {
    let Some(setpriv) = on_path("setpriv") else { return command };
    let mut bound = Command::new(setpriv);
    bound.args(["--pdeathsig", "TERM", "--"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => bound.env(name, value),
            None => bound.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        bound.current_dir(folder);
    }
    bound
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    match listener.and_then(|listener| listener.local_addr()) {
        Ok(address) => Ok(address.port()),
        Err(error) => told(format!("there is no free port: {error}")),
    }
}
