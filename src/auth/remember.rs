//! Passwords that were verified a moment ago, so that a client which sends its password with every request does not
//! make the server run bcrypt for every request.
//!
//! * What is remembered is a MAC, under a key of this process, over the stored hash and the password together. The
//!   stored hash is asked for at every request: once it changes, nothing remembered fits.
//! * Only passwords that were right are remembered, for a short time.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::domain::{PasswordHash, Timestamp};

/// How many are remembered; beyond that, those that are over go, and if none is, all.
const CAPACITY: usize = 10_000;

type Code = [u8; 32];

/// See the module.
pub(super) struct Remembered {
    seconds: u32,
    mac: Hmac<Sha256>,
    until: Mutex<HashMap<Code, Timestamp>>,
}

impl Remembered {
    /// Remembers for so many seconds; with 0, nothing.
    pub(super) fn new(seconds: u32) -> Self {
        // Two UUIDs hold 244 bits from the operating system's generator.
        let key = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
        let mac = Hmac::new_from_slice(&key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        Self { seconds, mac, until: Mutex::default() }
    }

    /// Whether this password was verified against this hash a moment before `now`.
    pub(super) fn knows(&self, password: &str, hash: &PasswordHash, now: Timestamp) -> bool {
        let code = self.code(password, hash);
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.get(&code).is_some_and(|until| now < *until)
    }

    /// Remembers that this password was just verified against this hash.
    pub(super) fn remember(&self, password: &str, hash: &PasswordHash, now: Timestamp) {
        if self.seconds == 0 {
            return;
        }
        let code = self.code(password, hash);
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= CAPACITY {
            until.retain(|_, until| now < *until);
        }
        if until.len() >= CAPACITY {
            until.clear();
        }
        until.insert(code, now.plus_seconds(self.seconds));
    }

    /// The hash has no NUL in it, so that the two parts cannot flow into each other.
    fn code(&self, password: &str, hash: &PasswordHash) -> Code {
        let mac = self.mac.clone().chain_update(hash.expose()).chain_update([0]).chain_update(password);
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remembered").field("seconds", &self.seconds).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn what_was_verified_is_known_for_a_while() {
        let remembered = Remembered::new(60);
        let hash = PasswordHash::from_stored("one");
        assert!(!remembered.knows("secret", &hash, NOW));
        remembered.remember("secret", &hash, NOW);
        assert!(remembered.knows("secret", &hash, NOW.plus_seconds(59)));
        assert!(!remembered.knows("secret", &hash, NOW.plus_seconds(60)));
    }

    #[test]
    fn another_password_and_another_hash_are_not_known() {
        let remembered = Remembered::new(60);
        remembered.remember("secret", &PasswordHash::from_stored("one"), NOW);
        assert!(!remembered.knows("Secret", &PasswordHash::from_stored("one"), NOW));
        assert!(!remembered.knows("secret", &PasswordHash::from_stored("two"), NOW));
        assert!(!Remembered::new(60).knows("secret", &PasswordHash::from_stored("one"), NOW));
    }

    #[test]
    fn with_zero_seconds_nothing_is_known() {
        let remembered = Remembered::new(0);
        remembered.remember("secret", &PasswordHash::from_stored("one"), NOW);
        assert!(!remembered.knows("secret", &PasswordHash::from_stored("one"), NOW));
    }

    #[test]
    fn it_does_not_grow_without_bound() {
        let remembered = Remembered::new(60);
        for n in 0..CAPACITY + 10 {
            remembered.remember(&n.to_string(), &PasswordHash::from_stored("one"), NOW);
        }
        assert!(remembered.until.lock().expect("no panic").len() <= CAPACITY);
        assert!(remembered.knows(&(CAPACITY + 9).to_string(), &PasswordHash::from_stored("one"), NOW));
    }
}
