//! Accounts: who somebody is.
//!
//! * An [`AccountId`] is never reused: data hangs on it, not on the name.
//! * A [`Username`] is 1–255 bytes of UTF-8 without control characters, compared bytewise.
//! * The password hash is not part of an [`Account`]; only `auth` asks the store for it.

use std::fmt;

use thiserror::Error;
use uuid::Uuid;

use super::{PasswordHash, Timestamp, TokenHash};

/// The identity of an account (a UUID), made at registration and never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(Uuid);

impl AccountId {
    /// A new, random identity.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// Reads the canonical, hyphenated spelling; any other is no account id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = Uuid::try_parse(text).ok()?;
        (id.hyphenated().to_string() == text).then_some(Self(id))
    }

    /// The 16 bytes of the UUID.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl From<Uuid> for AccountId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The name an account logs in with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(String);

/// Why a text is no [`Username`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("A username must be 1 to 255 bytes without control characters")]
pub struct InvalidUsername;

impl Username {
    /// Checks the rule and keeps the text exactly as it was given.
    ///
    /// # Errors
    /// [`InvalidUsername`] when the text is empty, longer than 255 bytes, or holds a control character.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidUsername> {
        let text = text.into();
        let fits = (1..=255).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text)) } else { Err(InvalidUsername) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An e-mail address in lower case, so that one address cannot serve two accounts in two spellings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

/// Why a text is no [`Email`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("An e-mail address must look like name@host and be at most 254 bytes long")]
pub struct InvalidEmail;

impl Email {
    /// Checks the shape `name@host` and lowers the case. Whether mail arrives there is not known.
    ///
    /// # Errors
    /// [`InvalidEmail`] when the text is longer than 254 bytes (RFC 5321, 4.5.3.1.3), holds blanks or control
    /// characters, or lacks a part.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let bad = |c: char| c.is_control() || c.is_whitespace();
        // Lowered first: some letters take more bytes in lower case, and what is stored must be an address again.
        let text = text.to_lowercase();
        let (name, host) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        if text.len() > 254 || name.is_empty() || host.is_empty() || text.chars().any(bad) {
            return Err(InvalidEmail);
        }
        Ok(Self(text))
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What somebody tells about themselves; each part may be missing.
///
/// Texts are at most 255 bytes without control characters, see [`Profile::is_allowed`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Full name.
    pub full_name: Option<String>,
    /// Age in years.
    pub age: Option<u32>,
    /// Gender, in the person's own word.
    pub gender: Option<String>,
}

impl Profile {
    /// Whether every text is short enough and without control characters.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        let fits = |text: &String| text.len() <= 255 && !text.chars().any(char::is_control);
        self.full_name.iter().chain(&self.gender).all(fits)
    }
}

/// A registered account, without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Identity.
    pub id: AccountId,
    /// 1, 2, 3 …, for the APIs that show an integer; never reused, gaps are possible.
    pub number: u64,
    /// Log-in name, unique among the live accounts.
    pub username: Username,
    /// E-mail address, unique where there is one.
    pub email: Option<Email>,
    /// What the person told about themselves.
    pub profile: Profile,
    /// May see and manage other accounts.
    pub admin: bool,
    /// Time of registration.
    pub created_at: Timestamp,
}

/// What an account is made from; the store adds the number, where it has none yet.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Identity, made by the caller so that a repeated attempt is recognised.
    pub id: AccountId,
    /// The number that it had elsewhere, where it comes from another store.
    pub number: Option<u64>,
    /// Log-in name.
    pub username: Username,
    /// E-mail address.
    pub email: Option<Email>,
    /// What the person told about themselves.
    pub profile: Profile,
    /// May see and manage other accounts.
    pub admin: bool,
    /// Hash of the password.
    pub password: PasswordHash,
    /// Time of registration.
    pub created_at: Timestamp,
}

impl NewAccount {
    /// The account that this is with its number.
    #[must_use]
    pub fn numbered(&self, number: u64) -> Account {
        Account {
            id: self.id,
            number,
            username: self.username.clone(),
            email: self.email.clone(),
            profile: self.profile.clone(),
            admin: self.admin,
            created_at: self.created_at,
        }
    }
}

/// What to change about an account; `None` leaves a part as it is.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// New address, or `Some(None)` to remove it.
    pub email: Option<Option<Email>>,
    /// New profile, whole.
    pub profile: Option<Profile>,
    /// Administrator or not.
    pub admin: Option<bool>,
    /// Hash of the new password. Changing it ends every token of the account.
    pub password: Option<PasswordHash>,
    /// Only while the password has this hash.
    pub under: Option<PasswordHash>,
    /// The token that a new password does not end, if it is one of the account's.
    pub kept: Option<TokenHash>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_again_when_it_is_read_back() {
        assert_eq!(Email::parse("Ann@Example.org").map(|email| email.0), Ok("ann@example.org".to_owned()));
        for text in [format!("{}@h", "Ⱥ".repeat(84)), format!("{}@h", "Ⱥ".repeat(85)), format!("{}@h", "a".repeat(252))]
        {
            if let Ok(email) = Email::parse(&text) {
                assert_eq!(Email::parse(email.as_str()), Ok(email.clone()), "{text}");
            }
        }
        for bad in ["", "@h", "a@", "a", "a b@h", "a@h\n", &format!("{}@h", "Ⱥ".repeat(120))] {
            assert_eq!(Email::parse(bad), Err(InvalidEmail), "{bad}");
        }
    }
}
