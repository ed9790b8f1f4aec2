//! Documents: what is kept under a key of an account.

use std::fmt;

use uuid::Uuid;

use super::{Timestamp, Value};

/// An opaque id, made anew for each write of a document and shown as its `ETag`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revision(Uuid);

impl Revision {
    /// A revision nobody had before.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// Reads 32 lower-case hexadecimal digits; anything else is the revision of nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = Uuid::try_parse(text).ok()?;
        (id.simple().to_string() == text).then_some(Self(id))
    }

    /// Takes over a revision as it is stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The 16 bytes of the revision.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A value with what is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Any JSON value.
    pub value: Value,
    /// The write that made this state.
    pub revision: Revision,
    /// When the key came into being.
    pub created_at: Timestamp,
    /// When the value was written.
    pub modified_at: Timestamp,
    /// From this moment on the document is gone, if ever.
    pub expires_at: Option<Timestamp>,
}

/// What a listing shows of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Size of the stored value, in bytes of BSON.
    pub bytes: u64,
    /// The value, where it is not larger than was asked for.
    pub value: Option<Value>,
    /// The write that made this state.
    pub revision: Revision,
    /// When the key came into being.
    pub created_at: Timestamp,
    /// When the value was written.
    pub modified_at: Timestamp,
    /// From this moment on the document is gone, if ever.
    pub expires_at: Option<Timestamp>,
}

/// How much an account keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Documents.
    pub documents: u64,
    /// Bytes of their stored values, as in [`Outline::bytes`].
    pub bytes: u64,
}

/// Roughly how much a store keeps of all accounts together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Accounts.
    pub accounts: u64,
    /// Tokens.
    pub tokens: u64,
    /// Documents.
    pub documents: u64,
    /// Bytes on disk, with everything that comes along with them.
    pub bytes: u64,
}

impl Document {
    /// Whether the document is still there at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}
