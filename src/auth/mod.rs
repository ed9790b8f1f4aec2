//! Who is calling: from a [`Credential`] to a [`Principal`].
//!
//! Only this room makes a [`Principal`] or a [`Proof`], so that whoever holds one was let in. Reasons for a refusal do
//! not leave it: an unknown name and a wrong password, a malformed token and an expired one look alike, and take the
//! same work.

mod address;
mod cost;
mod counts;
mod credential;
mod doorkeeper;
mod jwt;
mod password;
mod remember;
mod throttle;

use thiserror::Error;

pub use address::Address;
pub use cost::time_of_hashing;
pub use counts::{Counts, PasswordCounts, ThrottleCounts};
pub use credential::Credential;
pub use doorkeeper::{Doorkeeper, DoorkeeperSettings, Lookup, Owner, Principal, Proof};
#[cfg(any(test, fuzzing))]
pub use jwt::fuzzing;
pub use jwt::{Jwts, Signer};
pub use password::{Hasher, HasherSettings};
pub use throttle::ThrottleSettings;

use crate::store::StoreError;

/// Why somebody was not let in.
#[derive(Debug, Error)]
pub enum AuthError {
    /// The credential is not good. Nobody is told why.
    #[error("the credential is not good")]
    Refused,
    /// The credential is good, but does not reach as far as this.
    #[error("the token does not allow this")]
    NotGranted,
    /// Too many passwords wait for verification; trying again later is safe.
    #[error("too many passwords wait for verification")]
    Busy,
    /// Too many were wrong, or too many were right; not before so many seconds.
    #[error("too many attempts; the next one in {0} s")]
    Throttled(u32),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
