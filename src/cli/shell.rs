//! `keybin shell`: a prompt over the user and token commands, with history, completion and help; or the same commands
//! from a pipe, one in a line.

mod completion;

use std::io::{IsTerminal, stdin};
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Config as LineConfig, Editor};

use self::completion::Completion;
use super::token::Token;
use super::user::User;
use super::{CliError, prompt};
use crate::service::Services;

const PROMPT: &str = "keybin> ";

/// A line of the shell.
#[derive(Debug, Parser)]
#[command(name = "keybin", no_binary_name = true, disable_help_flag = true, subcommand_required = true)]
#[command(help_template = "{subcommands}\n\n`help user` and `help token` say more.\n")]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Manage accounts: add, list, show, set, remove
    #[command(subcommand)]
    User(User),
    /// Manage tokens: issue, list, revoke
    #[command(subcommand)]
    Token(Token),
    /// Leave (as does Ctrl-D)
    #[command(alias = "quit")]
    Exit,
}

/// Whether to go on.
#[derive(PartialEq, Eq)]
enum Next {
    Line,
    Leave,
}

/// Reads and carries out commands until there are no more.
pub(super) async fn run(services: &Services, history: Option<PathBuf>) -> Result<(), CliError> {
    if stdin().is_terminal() { interactive(services, history).await } else { piped(services).await }
}

async fn interactive(services: &Services, history: Option<PathBuf>) -> Result<(), CliError> {
    let unusable = |error: ReadlineError| CliError::Shell(error.to_string());
    let settings = LineConfig::builder().history_ignore_space(true).build();
    let mut editor: Editor<Completion, DefaultHistory> = Editor::with_config(settings).map_err(unusable)?;
    editor.set_helper(Some(Completion::of::<Line>()));
    if let Some(history) = &history {
        // There is none the first time.
        let _none_yet = editor.load_history(history);
    }
    eprintln!("`help` lists the commands, Ctrl-D leaves.");
    loop {
        match editor.readline(PROMPT) {
            Ok(line) => {
                let _not_kept = editor.add_history_entry(&line);
                if tell(execute(services, &line).await).0 == Next::Leave {
                    break;
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(unusable(error)),
        }
    }
    if let Some(history) = &history
        && let Err(error) = editor.save_history(history)
    {
        eprintln!("the history was not saved to {}: {error}", history.display());
    }
    Ok(())
}

/// Goes on after a line that failed, and tells at the end that there was one.
async fn piped(services: &Services) -> Result<(), CliError> {
    let mut failed = 0;
    while let Some(line) = prompt::next_line()? {
        let (next, good) = tell(execute(services, &line).await);
        failed += usize::from(!good);
        if next == Next::Leave {
            break;
        }
    }
    match failed {
        0 => Ok(()),
        failed => Err(CliError::Shell(format!("{failed} of the commands failed"))),
    }
}

fn tell(outcome: Result<Next, CliError>) -> (Next, bool) {
    match outcome {
        Ok(next) => (next, true),
        Err(failure) => {
            eprintln!("{failure}");
            (Next::Line, false)
        }
    }
}

async fn execute(services: &Services, line: &str) -> Result<Next, CliError> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(Next::Line);
    }
    let words = shlex::split(line).ok_or_else(|| CliError::Shell("a quotation mark is not closed".to_owned()))?;
    let parsed = match Line::try_parse_from(words) {
        Ok(parsed) => parsed,
        // Help is no error, though clap hands it over as one.
        Err(told) if !told.use_stderr() => {
            print!("{told}");
            return Ok(Next::Line);
        }
        Err(told) => return Err(CliError::Shell(told.to_string().trim_end().to_owned())),
    };
    match parsed.command {
        Command::User(user) => user.run(services).await?,
        Command::Token(token) => token.run(services).await?,
        Command::Exit => return Ok(Next::Leave),
    }
    Ok(Next::Line)
}
