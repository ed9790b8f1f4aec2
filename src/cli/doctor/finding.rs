//! What a check found, and how it is told.

use std::fmt;

use serde_json::{Value as Json, json};

/// How it stands with what was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// It works, and could be better or safer.
    Warning,
    /// It does not work, or is not safe.
    Problem,
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) state: State,
    /// What was looked at; the name stays the same from version to version.
    check: &'static str,
    text: String,
    /// What to do about it.
    advice: Option<String>,
}

impl Finding {
    /// It is as it should be.
    pub(super) fn ok(check: &'static str, text: impl Into<String>) -> Self {
        Self { state: State::Ok, check, text: text.into(), advice: None }
    }

    /// It works; `advice` makes it better.
    pub(super) fn warning(check: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { state: State::Warning, check, text: text.into(), advice: Some(advice.into()) }
    }

    /// It must be mended; `advice` says how.
    pub(super) fn problem(check: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { state: State::Problem, check, text: text.into(), advice: Some(advice.into()) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<8} {:<18} {}", self.state.as_str(), self.check, self.text)?;
        self.advice.as_ref().map_or(Ok(()), |advice| write!(f, "; {advice}"))
    }
}

/// A line for each.
pub(super) fn as_text(findings: &[Finding]) -> String {
    // Whatever came from elsewhere must not make two lines of one.
    findings.iter().map(|finding| format!("{}\n", finding.to_string().replace(char::is_control, " "))).collect()
}

/// For programs.
pub(super) fn as_json(findings: &[Finding]) -> String {
    let number = |state| findings.iter().filter(|finding| finding.state == state).count();
    let list: Vec<Json> = findings
        .iter()
        .map(|Finding { state, check, text, advice }| {
            json!({ "state": state.as_str(), "check": check, "text": text, "advice": advice })
        })
        .collect();
    format!("{}\n", json!({ "problems": number(State::Problem), "warnings": number(State::Warning), "findings": list }))
}
