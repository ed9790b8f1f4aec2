//! Completion in the shell: of commands and options, from the same definition that parses them.

use clap::{Command, CommandFactory};
use rustyline::completion::{Completer, Pair};
use rustyline::{Context, Helper, Highlighter, Hinter, Result, Validator};

/// Completes words of a command line.
#[derive(Helper, Highlighter, Hinter, Validator)]
pub(super) struct Completion(Command);

impl Completion {
    /// For what `T` parses.
    pub(super) fn of<T: CommandFactory>() -> Self {
        let mut command = T::command();
        command.build();
        Self(command)
    }

    /// Where the last word of `line` begins, and what it may become.
    fn candidates(&self, line: &str) -> (usize, Vec<String>) {
        let start = line.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
        let mut command = &self.0;
        for word in line[..start].split_whitespace() {
            command = command.find_subcommand(word).unwrap_or(command);
        }
        let names = command.get_subcommands().map(|sub| sub.get_name().to_owned());
        let options = command.get_arguments().filter_map(|option| Some(format!("--{}", option.get_long()?)));
        let fits = |word: &String| word.starts_with(&line[start..]);
        (start, names.chain(options).filter(fits).collect())
    }
}

impl Completer for Completion {
    type Candidate = Pair;

    fn complete(&self, line: &str, position: usize, _: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        let (start, words) = self.candidates(&line[..position]);
        let pair = |word: String| Pair { display: word.clone(), replacement: format!("{word} ") };
        Ok((start, words.into_iter().map(pair).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Line;
    use super::*;

    #[test]
    fn commands_and_options_are_completed() {
        let completion = Completion::of::<Line>();
        for (line, start, expected) in [
            ("us", 0, vec!["user"]),
            ("user s", 5, vec!["show", "set"]),
            ("user set ann --p", 13, vec!["--password"]),
            ("token ", 6, vec!["issue", "list", "revoke", "help"]),
            ("nothing", 0, vec![]),
        ] {
            let (at, words) = completion.candidates(line);
            assert_eq!((at, words), (start, expected.into_iter().map(str::to_owned).collect()), "{line:?}");
        }
    }
}
