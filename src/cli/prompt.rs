//! Asking the person at the terminal.

use std::io::{self, IsTerminal, Write, stdin};

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

/// The next line of standard input, without its end; `None` at the end of the input.
pub(super) fn next_line() -> io::Result<Option<String>> {
    let mut line = String::new();
    let read = stdin().read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn line() -> io::Result<String> {
    next_line().map(Option::unwrap_or_default)
}
