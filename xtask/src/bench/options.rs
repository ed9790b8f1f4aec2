//! What the command line asks of the benchmark.

use crate::step::{Result, told};

/// How much is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// What floods do to Keybin, instead of everything else.
    pub(crate) floods: bool,
    /// Without what people would pick instead.
    pub(crate) no_peers: bool,
    /// Only whether everything answers; figures mean nothing.
    pub(crate) smoke: bool,
    /// Without the runs that show how cost grows.
    pub(crate) no_growth: bool,
    /// Parts of names of subjects; none for all.
    pub(crate) only: Vec<String>,
    /// How often everything is repeated.
    pub(crate) rounds: u32,
    /// How long each run takes.
    pub(crate) seconds: u32,
    /// Log-ins that are timed, of known and of unknown names each.
    pub(crate) tries: u32,
}

impl Options {
    /// Reads the words behind `cargo xtask bench`.
    pub(crate) fn parse(words: &[String]) -> Result<Self> {
        let mut options = Self {
            floods: false,
            no_peers: false,
            smoke: false,
            no_growth: false,
            only: Vec::new(),
            rounds: 3,
            seconds: 4,
            tries: 500,
        };
        if words.iter().any(|word| word == "--smoke") {
            options = Self { no_peers: true, smoke: true, no_growth: true, rounds: 1, seconds: 1, tries: 2, ..options };
        }
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--floods" => options.floods = true,
                "--no-peers" => options.no_peers = true,
                "--no-growth" => options.no_growth = true,
                "--smoke" => {}
                "--rounds" => options.rounds = number(word, words.next())?,
                "--seconds" => options.seconds = number(word, words.next())?,
                "--tries" => options.tries = number(word, words.next())?,
                "--only" => {
                    while let Some(name) = words.next_if(|next| !next.starts_with("--")) {
                        options.only.push(name.to_lowercase());
                    }
                }
                _ => return told(format!("cargo xtask bench does not know {word:?}")),
            }
        }
        Ok(options)
    }

    /// Whether a subject takes part.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part))
    }
}

fn number(word: &str, given: Option<&String>) -> Result<u32> {
    match given.and_then(|given| given.parse().ok()).filter(|number| *number > 0) {
        Some(number) => Ok(number),
        None => told(format!("{word} wants a number above 0")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> std::result::Result<Options, String> {
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words).map_err(|failure| failure.to_string())
    }

    #[test]
    fn words_are_read_in_any_order() {
        let options = parse("--rounds 5 --only eve parse --no-peers --seconds 2").expect("options");
        assert_eq!((options.rounds, options.seconds, options.no_peers, options.smoke), (5, 2, true, false));
        assert!(parse("--tries 9 --floods").is_ok_and(|options| options.floods && options.tries == 9));
        assert!(options.wants("Parse Server") && !options.wants("the limit"));
        assert!(parse("").expect("options").wants("the limit"));
    }

    #[test]
    fn a_smoke_test_is_short() {
        let options = parse("--smoke").expect("options");
        assert_eq!((options.rounds, options.seconds), (1, 1));
        assert!(options.no_peers && options.no_growth);
    }

    #[test]
    fn other_words_are_refused() {
        for wrong in ["--fast", "--rounds", "--rounds x", "--seconds 0", "--tries -1", "eve"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
