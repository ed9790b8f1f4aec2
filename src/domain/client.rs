//! Client ids: one name for each device or program of an account.

use std::fmt;

use thiserror::Error;

/// Names one device or program of an account: `default`, `phone`, `web/3f9a`.
///
/// * 1–255 bytes of UTF-8 without control characters.
/// * `family/instance` is allowed: everything before the first `/` is the family.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(String);

/// Why a text is no [`ClientId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("A client_id must be 1 to 255 bytes without control characters")]
pub struct InvalidClientId;

impl ClientId {
    /// Checks the rule and keeps the text exactly as it was given.
    ///
    /// # Errors
    /// [`InvalidClientId`] when the text is empty, longer than 255 bytes, or holds a control character.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidClientId> {
        let text = text.into();
        let fits = (1..=255).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text)) } else { Err(InvalidClientId) }
    }

    /// The client id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the first `/`, or the whole id when there is none.
    #[must_use]
    pub fn family(&self) -> &str {
        self.0.split('/').next().unwrap_or(&self.0)
    }
}

impl Default for ClientId {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_is_what_stands_before_the_first_slash() {
        for (id, family) in [("phone", "phone"), ("web/3f9a", "web"), ("a/b/c", "a"), ("/x", "")] {
            assert_eq!(ClientId::parse(id).map(|id| id.family().to_owned()), Ok(family.to_owned()));
        }
    }

    #[test]
    fn empty_long_and_control_characters_are_refused() {
        for text in ["", "a\nb", &"x".repeat(256)] {
            assert_eq!(ClientId::parse(text), Err(InvalidClientId));
        }
        assert!(ClientId::parse("x".repeat(255)).is_ok());
    }
}
