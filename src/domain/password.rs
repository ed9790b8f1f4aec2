//! Passwords and their hashes, as values that never show themselves.

use std::fmt;

use thiserror::Error;

/// A password as somebody typed it: 1–72 bytes, no NUL.
///
/// bcrypt reads at most 72 bytes and stops at a NUL, so that two longer passwords could open the same door.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a text is no [`Password`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("A password must be 1 to 72 bytes and must not contain a NUL character")]
pub struct InvalidPassword;

impl Password {
    /// The most bytes that bcrypt tells apart.
    pub const MAX_BYTES: usize = 72;

    /// Checks the rule and keeps the text exactly as it was given.
    ///
    /// # Errors
    /// [`InvalidPassword`] when the text is empty, longer than 72 bytes, or holds a NUL.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidPassword> {
        let text = text.into();
        let fits = (1..=Self::MAX_BYTES).contains(&text.len()) && !text.contains('\0');
        if fits { Ok(Self(text)) } else { Err(InvalidPassword) }
    }

    /// The password itself, for hashing and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

/// A bcrypt hash in its text form (`$2b$…`).
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes over a hash as it is stored; whether a password fits it is for `auth` to say.
    #[must_use]
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The hash, for storing and verifying and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bcrypt_cannot_tell_apart_is_refused() {
        assert!(Password::parse("x".repeat(72)).is_ok());
        for bad in ["", "ab\0ab", &"x".repeat(73), &"é".repeat(37)] {
            assert_eq!(Password::parse(bad), Err(InvalidPassword));
        }
    }

    #[test]
    fn neither_shows_itself() {
        let shown = format!("{:?} {:?}", Password::parse("canary"), PasswordHash::from_stored("canary"));
        assert!(!shown.contains("canary"), "{shown}");
    }
}
