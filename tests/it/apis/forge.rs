//! JWTs made by hand, to say what the server would not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};

/// The key of the servers in these tests, and the part of `store.cfg` that says so.
pub(super) const KEY: &str = "0123456789abcdef0123456789abcdef";
pub(super) const KEY_CFG: &str = "[JWT]\nsecret=0123456789abcdef0123456789abcdef\n";

/// A JWT in its parts.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub(super) header: Value,
    pub(super) claims: Value,
}

impl Parts {
    /// What a JWT says.
    pub(super) fn of(jwt: &str) -> Self {
        let part = |n| {
            let text = jwt.split('.').nth(n).expect("three parts");
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("JSON")
        };
        Self { header: part(0), claims: part(1) }
    }

    /// The same with another algorithm in its header.
    pub(super) fn alg(mut self, alg: &str) -> Self {
        self.header["alg"] = json!(alg);
        self
    }

    /// The same with another claim; `None` leaves it out.
    pub(super) fn claim(mut self, name: &str, value: Option<Value>) -> Self {
        let claims = self.claims.as_object_mut().expect("an object");
        match value {
            Some(value) => drop(claims.insert(name.to_owned(), value)),
            None => drop(claims.remove(name)),
        }
        self
    }

    /// What is signed.
    pub(super) fn unsigned(&self) -> String {
        format!("{}.{}", encode(self.header.to_string()), encode(self.claims.to_string()))
    }

    /// Signed with HS256, whatever the header says.
    pub(super) fn signed(&self, key: &str) -> String {
        hs256(&self.unsigned(), key)
    }

    /// Signed with HS384.
    pub(super) fn signed_384(&self, key: &str) -> String {
        let mac = Hmac::<Sha384>::new_from_slice(key.as_bytes()).expect("any length").chain_update(self.unsigned());
        format!("{}.{}", self.unsigned(), encode(mac.finalize().into_bytes()))
    }

    /// Signed with HS512.
    pub(super) fn signed_512(&self, key: &str) -> String {
        let mac = Hmac::<Sha512>::new_from_slice(key.as_bytes()).expect("any length").chain_update(self.unsigned());
        format!("{}.{}", self.unsigned(), encode(mac.finalize().into_bytes()))
    }
}

/// This text with its signature.
pub(super) fn hs256(text: &str, key: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any length").chain_update(text);
    format!("{text}.{}", encode(mac.finalize().into_bytes()))
}

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
