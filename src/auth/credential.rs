//! Credentials, as they come in.

use std::fmt;

/// What somebody presents at a door. Nothing about it was checked yet.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A token.
    Token(String),
    /// A token in the spelling of a JWT.
    Jwt(String),
    /// A name and a password; the name may be a token, and then the password does not matter.
    Basic {
        /// Name of the account, or a token.
        username: String,
        /// Its password.
        password: String,
    },
}

/// Says of which kind it is and nothing else.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token(***)",
            Self::Jwt(_) => "Jwt(***)",
            Self::Basic { .. } => "Basic(***)",
        })
    }
}
