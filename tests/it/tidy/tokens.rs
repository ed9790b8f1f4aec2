//! Rust source as tokens: without comments, and without what stands in strings and characters.

/// One token and the line it stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    pub(super) line: usize,
}

impl Token<'_> {
    /// Whether it is a name or a keyword.
    pub(super) fn is_word(&self) -> bool {
        self.text.starts_with(is_word_character)
    }
}

/// Splits source into words, lifetimes, `::`, empty quotes for literals, and single characters for the rest.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut all = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let (kind, length) = next(rest, first);
        let text = &rest[..length];
        match kind {
            Kind::Nothing => {}
            Kind::Literal => all.push(Token { text: "\"\"", line }),
            Kind::Text => all.push(Token { text, line }),
        }
        line += text.matches('\n').count();
        rest = &rest[length..];
    }
    all
}

enum Kind {
    Nothing,
    Literal,
    Text,
}

fn is_word_character(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What comes next in `rest`, and how many bytes it takes.
fn next(rest: &str, first: char) -> (Kind, usize) {
    if rest.starts_with("//") {
        return (Kind::Nothing, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Kind::Nothing, block_comment(rest));
    }
    if first == '"' {
        return (Kind::Literal, string(rest, 1));
    }
    if first == '\'' {
        return quote(rest);
    }
    if is_word_character(first) {
        let word = rest.find(|c| !is_word_character(c)).unwrap_or(rest.len());
        return prefixed_string(rest, word).map_or((Kind::Text, word), |length| (Kind::Literal, length));
    }
    if rest.starts_with("::") {
        return (Kind::Text, 2);
    }
    (if first.is_whitespace() { Kind::Nothing } else { Kind::Text }, first.len_utf8())
}

/// The length of a comment that may hold others.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The length of a string whose text begins at `start`.
fn string(rest: &str, start: usize) -> usize {
    let mut escaped = false;
    for (at, c) in rest[start..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return start + at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a string that begins with a word, such as `b"…"` or `r#"…"#`; `None` when it is only a word.
fn prefixed_string(rest: &str, word: usize) -> Option<usize> {
    let (prefix, behind) = rest.split_at(word);
    if !matches!(prefix, "b" | "c" | "r" | "br" | "cr") {
        return None;
    }
    if !prefix.ends_with('r') {
        return behind.starts_with('"').then(|| string(rest, word + 1));
    }
    let hashes = behind.len() - behind.trim_start_matches('#').len();
    let text = behind[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = text.find(&end).map_or(text.len(), |at| at + end.len());
    Some(word + hashes + 1 + length)
}

/// A character or a lifetime.
fn quote(rest: &str) -> (Kind, usize) {
    let mut behind = rest[1..].char_indices();
    match (behind.next(), behind.next()) {
        (Some((_, '\\')), Some((escaped, _))) => {
            // The character that is escaped may itself be a quote.
            let end = rest[1 + escaped + 1..].find('\'').map_or(rest.len(), |at| 1 + escaped + 1 + at + 1);
            (Kind::Literal, end)
        }
        (Some(_), Some((at, '\''))) => (Kind::Literal, 1 + at + 1),
        _ => {
            let word = rest[1..].find(|c| !is_word_character(c)).unwrap_or(rest.len() - 1);
            (Kind::Text, 1 + word)
        }
    }
}
