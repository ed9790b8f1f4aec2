//! Keys: the names documents live under.

use std::fmt;

use thiserror::Error;

/// The name of a document within its account.
///
/// * 1–255 bytes of UTF-8, no control characters, no `/`.
/// * Never `.` or `..`: clients and proxies fold them away.
/// * Compared and ordered bytewise: no case folding, no Unicode normalisation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// Why a text is no [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("Key must be 1 to 255 bytes, without control characters or /, and not . or ..")]
pub struct InvalidKey;

impl Key {
    /// The longest key, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// Checks the rule that holds on every API.
    ///
    /// # Errors
    /// [`InvalidKey`] when the text breaks one of the rules of the type.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidKey> {
        let text = text.into();
        let fits = (1..=Self::MAX_BYTES).contains(&text.len())
            && !matches!(text.as_str(), "." | "..")
            && !text.chars().any(|c| c == '/' || c.is_control());
        if fits { Ok(Self(text)) } else { Err(InvalidKey) }
    }

    /// Checks the narrower rule of the Keybin API as well: only `a-z A-Z 0-9 _ . ,`.
    ///
    /// # Errors
    /// [`InvalidKey`] when the text breaks either rule.
    pub fn parse_plain(text: impl Into<String>) -> Result<Self, InvalidKey> {
        let text = text.into();
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b',');
        if text.bytes().all(plain) { Self::parse(text) } else { Err(InvalidKey) }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_general_rule() {
        for good in ["a", "a b", "é", "…", "a%2Fb", "x".repeat(255).as_str(), "...", ".a"] {
            assert!(Key::parse(good).is_ok(), "{good:?}");
        }
        for bad in ["", ".", "..", "a/b", "a\0b", "\u{7f}", "\u{85}", "é".repeat(128).as_str()] {
            assert_eq!(Key::parse(bad), Err(InvalidKey), "{bad:?}");
        }
    }

    #[test]
    fn the_plain_rule_allows_exactly_the_contract() {
        let allowed: String =
            (0..=127u8).map(char::from).filter(|c| Key::parse_plain(*c).is_ok() || *c == '.').collect();
        assert_eq!(allowed, ",.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
        for bad in ["", ".", "..", "é", "a-b", "a b"] {
            assert_eq!(Key::parse_plain(bad), Err(InvalidKey), "{bad:?}");
        }
    }
}
