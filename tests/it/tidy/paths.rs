//! The paths in a file (`crate::a::b`), with groups written out, and where they lead.

use super::tokens::{Token, tokens};

/// A path as it is written, one for each branch of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrittenPath {
    pub(super) segments: Vec<String>,
    /// The modules within the file that it stands in.
    pub(super) inside: Vec<String>,
    pub(super) line: usize,
}

/// All paths of a file, of two segments at least.
pub(super) fn paths(source: &str) -> Vec<WrittenPath> {
    let tokens = tokens(source);
    let mut all = Vec::new();
    let mut inside: Vec<(String, usize)> = Vec::new();
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => {
                depth += 1;
                if let [.., keyword, name] = &tokens[..at]
                    && keyword.text == "mod"
                {
                    inside.push((name.text.to_owned(), depth));
                }
            }
            "}" => {
                inside.retain(|(_, opened)| *opened != depth);
                depth -= 1;
            }
            _ if starts_path(&tokens, at) => {
                let inside: Vec<_> = inside.iter().map(|(name, _)| name.clone()).collect();
                let mut branches = Vec::new();
                branch(&tokens, at, Vec::new(), &mut branches);
                let written = branches.into_iter().filter(|segments| segments.len() > 1);
                all.extend(written.map(|segments| WrittenPath { segments, inside: inside.clone(), line: token.line }));
            }
            _ => {}
        }
    }
    all
}

/// Whether a path begins here: at a word with no path before it. Words within a group are reached from its beginning.
fn starts_path(tokens: &[Token<'_>], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|at| tokens[at].text);
    let goes_on = tokens.get(at + 1).is_some_and(|next| matches!(next.text, "::" | "as"));
    // A leading `::` starts a path; one behind a segment or a generic argument goes on with it.
    let continued = before(1) == Some("::")
        && at.checked_sub(2).is_some_and(|at| tokens[at].text == ">" || is_segment(&tokens[at]));
    tokens[at].is_word() && goes_on && !continued
}

fn is_segment(token: &Token<'_>) -> bool {
    token.is_word() && !matches!(token.text, "use" | "as" | "return" | "in" | "impl" | "dyn" | "for" | "else" | "mut")
}

/// Follows a path from the word or group at `at`; gives the place behind it.
fn branch(tokens: &[Token<'_>], mut at: usize, mut prefix: Vec<String>, out: &mut Vec<Vec<String>>) -> usize {
    loop {
        match tokens.get(at) {
            Some(open) if open.text == "{" => {
                at += 1;
                while let Some(token) = tokens.get(at)
                    && token.text != "}"
                {
                    at = if token.text == "," { at + 1 } else { branch(tokens, at, prefix.clone(), out) };
                }
                return at + 1;
            }
            Some(word) if word.is_word() || word.text == "*" => {
                prefix.push(word.text.to_owned());
                at += 1;
            }
            // Not a segment, and skipped so that a group that is none comes to its end.
            _ => {
                out.push(prefix);
                return at + 1;
            }
        }
        match tokens.get(at).map(|token| token.text) {
            Some("::") => at += 1,
            Some("as") => {
                // `crate as house` reaches for all of it, as a glob does.
                if prefix.len() == 1 {
                    prefix.push("*".to_owned());
                }
                out.push(prefix);
                return at + 2;
            }
            _ => {
                out.push(prefix);
                return at;
            }
        }
    }
}

/// Where a path leads within this crate, counted from its root; `None` when it leads elsewhere.
///
/// `module` is the module that the file is.
pub(super) fn within_crate(path: &WrittenPath, module: &[String]) -> Option<Vec<String>> {
    let here: Vec<String> = module.iter().chain(&path.inside).cloned().collect();
    let (first, rest) = path.segments.split_first()?;
    match first.as_str() {
        "crate" | "keybin" => Some(rest.to_vec()),
        "self" | "super" => {
            let after_self = if first == "self" { rest } else { &path.segments };
            let ups = after_self.iter().take_while(|segment| *segment == "super").count();
            let base = here.len().saturating_sub(ups);
            Some(here[..base].iter().chain(&after_self[ups..]).cloned().collect())
        }
        _ => None,
    }
}

/// The module that a file is: `src/store/mongo/mod.rs` is `store::mongo`, `src/lib.rs` the root.
pub(super) fn module_of(path: &str) -> Vec<String> {
    let within = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    let mut module: Vec<String> = within.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        module.pop();
    }
    module
}
