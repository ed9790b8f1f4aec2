//! Tokens: secrets that stand for (account, client id) until they expire.

use std::fmt;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{AccountId, ClientId, Grant, Timestamp};

/// A token as its owner holds it. Only its [`TokenHash`] is ever stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Uuid);

impl Token {
    /// A new token: a random UUID (122 random bits from the operating system).
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// Reads the hyphenated spelling, in either case. Anything else is no token and stands for nobody.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 36).then(|| Uuid::try_parse(text).ok().map(Self))?
    }

    /// What the store keeps in place of the token.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        let mut spelled = Uuid::encode_buffer();
        TokenHash(Sha256::digest(self.0.hyphenated().encode_lower(&mut spelled)).into())
    }

    /// The token itself, to be shown to its owner and to nobody else.
    #[must_use]
    pub fn expose(&self) -> String {
        self.0.hyphenated().to_string()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// SHA-256 of a token's text. With 122 random bits behind it, no salt is needed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Takes over a hash as it is stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of the hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(***)")
    }
}

/// Where a token was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The Keybin API.
    Keybin,
    /// The Stow API.
    Stow,
    /// The Forms API.
    Forms,
    /// The Pairs API.
    Pairs,
    /// The Users API.
    Users,
    /// The web interface.
    Web,
    /// The command line.
    Operator,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Self; 7] =
        [Self::Keybin, Self::Stow, Self::Forms, Self::Pairs, Self::Users, Self::Web, Self::Operator];

    /// Its name; also the family of the client ids that are made there, where nobody chooses one.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keybin => "keybin",
            Self::Stow => "stow",
            Self::Forms => "forms",
            Self::Pairs => "pairs",
            Self::Users => "users",
            Self::Web => "web",
            Self::Operator => "operator",
        }
    }

    /// The origin of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == name)
    }
}

/// What the store keeps of a token. There is at most one for each (account, client id).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedToken {
    /// Whom the token stands for.
    pub account: AccountId,
    /// For which device or program.
    pub client_id: ClientId,
    /// Hash of the secret.
    pub hash: TokenHash,
    /// What its holder may do.
    pub grant: Grant,
    /// Where it was issued.
    pub origin: Origin,
    /// When it was issued.
    pub created_at: Timestamp,
    /// From this moment on it is refused.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hyphenated_spelling_is_a_token() {
        let token = Token::random();
        let text = token.expose();
        assert_eq!(Token::parse(&text), Some(token.clone()));
        assert_eq!(Token::parse(&text.to_uppercase()), Some(token));
        for bad in [text.replace('-', ""), format!("{{{text}}}"), format!("urn:uuid:{text}"), String::new()] {
            assert_eq!(Token::parse(&bad), None, "{bad}");
        }
    }

    #[test]
    fn the_hash_is_that_of_the_text() {
        let token = Token::parse("67e55044-10b1-426f-9247-bb680e5fe0c8").expect("a token");
        let expected: [u8; 32] = Sha256::digest("67e55044-10b1-426f-9247-bb680e5fe0c8").into();
        assert_eq!(token.hash().as_bytes(), &expected);
        assert_eq!(format!("{token:?} {:?}", token.hash()), "Token(***) TokenHash(***)");
    }
}
