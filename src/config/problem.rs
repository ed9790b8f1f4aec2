//! What is wrong with a configuration, and the guess at what was meant.

use std::fmt;

use thiserror::Error;

use super::keys::Key;

/// Everything that is wrong with the configuration, a line each.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", self.text())]
pub struct ConfigErrors(Vec<Problem>);

impl ConfigErrors {
    /// The problems one by one.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }

    fn text(&self) -> String {
        let lines: String = self.0.iter().map(|problem| format!("\n  {problem}")).collect();
        let noun = if self.0.len() == 1 { "problem" } else { "problems" };
        format!("the configuration has {} {noun}:{lines}", self.0.len())
    }
}

/// One thing that is wrong: what, where, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    what: String,
    place: String,
    advice: String,
}

impl Problem {
    pub(super) fn new(what: impl Into<String>, place: impl Into<String>, advice: impl Into<String>) -> Self {
        // A name that nobody knows is shown as it was found, and must not bring the terminal or the lines into disorder.
        let what = what.into().replace(char::is_control, "\u{fffd}");
        Self { what, place: place.into(), advice: advice.into() }
    }

    /// A known key with a wrong value.
    pub(super) fn wrong(key: &Key, name: &str, text: &str, place: &str, advice: &str) -> Self {
        let value = if key.secret { "***".to_owned() } else { shown(text) };
        let quoted = text.len() > 1 && ['"', '\''].iter().any(|q| text.starts_with(*q) && text.ends_with(*q));
        let hint = if quoted { "; values are written without quotes" } else { "" };
        Self::new(format!("[{}] {name} = {value}", key.section), place, format!("{advice}{hint}"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.what, self.place, self.advice)
    }
}

/// Collects problems, so that all of them are told at once.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    pub(super) fn into_result<T>(self, value: T) -> Result<T, ConfigErrors> {
        if self.0.is_empty() { Ok(value) } else { Err(ConfigErrors(self.0)) }
    }
}

/// A value as it may appear in a message: short, on one line, and nothing that could be a connection string with a
/// password under the wrong key.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.contains('@') || text.contains("://") {
        return "***".to_owned();
    }
    let short: String = text.chars().take(LONGEST).collect();
    if short == text { format!("{text:?}") } else { format!("{short:?}…") }
}

/// The candidate that was probably meant.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter_map(|candidate| Some((typos(word, candidate)?, candidate)))
        .min_by_key(|(typos, _)| *typos)
        .map(|(_, candidate)| candidate)
}

/// How many typing errors lie between two words, regardless of case; `None` for too many to be the same word.
pub(super) fn typos(word: &str, meant: &str) -> Option<usize> {
    let (word, meant) = (word.to_lowercase(), meant.to_lowercase());
    let far = distance(&word.chars().collect::<Vec<_>>(), &meant.chars().collect::<Vec<_>>());
    (far <= (meant.chars().count() / 3).max(1)).then_some(far)
}

/// Letters to add, drop, replace or swap with their neighbour (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_recognised_and_another_word_is_not() {
        let known = ["host", "port", "token_expiration"];
        for (word, meant) in [
            ("prot", Some("port")),
            ("PORT", Some("port")),
            ("hots", Some("host")),
            ("token_expirations", Some("token_expiration")),
            ("tokenexpiry", None),
            ("address", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
    }

    #[test]
    fn a_problem_is_one_line() {
        let problem = Problem::new("a\r\n\u{1b}[31mb", "store.cfg, line 1", "unknown key");
        assert_eq!(problem.to_string(), "a���[31mb (store.cfg, line 1): unknown key");
    }

    #[test]
    fn a_shown_value_is_short_and_no_connection_string() {
        assert_eq!(shown("a\nb"), "\"a\\nb\"");
        assert_eq!(shown("mongodb://me:canary@h"), "***");
        assert_eq!(shown("me:canary@h"), "***");
        assert_eq!(shown(&"é".repeat(100)).chars().count(), 63);
    }
}
