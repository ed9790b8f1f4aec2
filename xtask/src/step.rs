//! Steps: commands that are announced, run from the root of the repository, and end the chore when they fail.

use std::env;
use std::fmt;
use std::path::Path;
use std::process::{Command, ExitStatus};

/// Why a chore ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A command ran and was not content.
    Ended { command: String, status: ExitStatus },
    /// Something could not be done at all.
    Told(String),
}

impl Failure {
    /// The status to leave with: that of the command, or 1.
    pub(crate) fn status(&self) -> u8 {
        let code = match self {
            Self::Ended { status, .. } => status.code(),
            Self::Told(_) => None,
        };
        code.and_then(|code| u8::try_from(code).ok()).filter(|code| *code != 0).unwrap_or(1)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended { command, status } => write!(f, "`{command}` failed ({status})"),
            Self::Told(reason) => f.write_str(reason),
        }
    }
}

pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

/// Fails with a message.
pub(crate) fn told<T>(reason: impl Into<String>) -> Result<T> {
    Err(Failure::Told(reason.into()))
}

/// Announces what comes next.
pub(crate) fn heading(text: &str) {
    // stderr, because that is where cargo's own progress goes: on stdout the order would be lost.
    eprintln!("\n── {text}");
}

/// A command line, to be run in `directory`.
pub(crate) fn command(directory: &Path, program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory).args(args);
    command
}

/// The cargo that runs this, and so the toolchain that the caller chose.
pub(crate) fn cargo(root: &Path, args: &[&str]) -> Command {
    let program = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut cargo = command(root, &program, args);
    // What cargo says about this package is not about those that are built: build scripts that look at it would run anew
    // whenever cargo is called from here after it was called by hand.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Runs a command with its output shown.
pub(crate) fn run(mut command: Command) -> Result {
    let shown = shown(&command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::Ended { command: shown, status }),
        Err(error) => told(format!("`{shown}` cannot be run: {error}")),
    }
}

/// Runs a command and gives what it printed: stdout when it succeeded, stderr (or the reason it did not start) when
/// it failed.
pub(crate) fn ask(mut command: Command) -> std::result::Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let (good, bytes) = if output.status.success() { (true, output.stdout) } else { (false, output.stderr) };
    let text = String::from_utf8_lossy(&bytes).trim().to_owned();
    if good { Ok(text) } else { Err(text) }
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        command(Path::new("."), "sh", &["-c", script])
    }

    #[test]
    fn a_failure_keeps_the_exit_status_of_its_command() {
        assert!(run(sh("true")).is_ok());
        for (script, status) in [("exit 101", 101), ("exit 1", 1), ("kill -9 $$", 1)] {
            assert_eq!(run(sh(script)).map_err(|failure| failure.status()), Err(status), "{script}");
        }
        assert_eq!(run(command(Path::new("."), "no such program", &[])).map_err(|failure| failure.status()), Err(1));
    }

    #[test]
    fn an_answer_is_what_was_printed_or_why_there_is_none() {
        assert_eq!(ask(sh("echo yes; echo no >&2")), Ok("yes".to_owned()));
        assert_eq!(ask(sh("echo yes; echo no >&2; exit 3")), Err("no".to_owned()));
    }
}
