//! Asking the person at the terminal.

use std::io::{self, BufRead, IsTerminal, Write, stdin};

/// Asks for a password without showing it; from a pipe, its first line is taken.
pub(super) fn password() -> io::Result<String> {
    if stdin().is_terminal() { rpassword::prompt_password("Password: ") } else { line() }
}

/// Asks a yes-or-no question. Without a terminal nobody can answer, and the answer is no.
pub(super) fn confirmed(question: &str) -> io::Result<bool> {
    if !stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("{question} [y/N] ");
    io::stderr().flush()?;
    Ok(matches!(line()?.trim(), "y" | "Y" | "yes"))
}

fn line() -> io::Result<String> {
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
