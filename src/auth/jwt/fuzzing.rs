//! What holds of JWTs, whatever comes in: a JWT as it is sent, and on the lines below it a header and claims to be signed
//! with the right key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jwt_compact::alg::Hs256Key;
use serde_json::Value as Json;
use sha2::Sha256;
use uuid::Uuid;

use super::{AUDIENCE, Signed, Signer, verify};
use crate::domain::{AccountId, Timestamp, Token};

/// The key that the kept inputs are signed with.
const KEY: &[u8] = b"the key of those who look for holes";

/// Only what was signed with the key, byte for byte, and says all that it must.
pub fn jwt(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let mut lines = text.splitn(3, '\n');
    let [sent, header, claims] = [(); 3].map(|()| lines.next().unwrap_or_default());
    let key = Hs256Key::new(KEY);
    judge(&key, sent);
    judge(&key, &signed(header, claims));
    altered(key, sent.as_bytes(), header.as_bytes());
}

/// What is accepted has the signature that it must have, and the claims; under another key it is refused.
fn judge(key: &Hs256Key, jwt: &str) {
    let Ok(Signed { account, token, until, .. }) = verify(key, jwt) else { return };
    let parts: Vec<&str> = jwt.split('.').collect();
    let [header, claims, _] = parts[..] else { panic!("{jwt} has other than three parts") };
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.decode(part).expect("canonical base64url"));
    let [header, claims] = [&header, &claims].map(|json| serde_json::from_slice::<Json>(json).expect("JSON"));
    assert_eq!(header["alg"], "HS256");
    let own = signed_parts(parts[0], parts[1]);
    assert_eq!(jwt, own, "another spelling of the signature");
    assert_eq!(claims["aud"], AUDIENCE);
    assert_eq!(claims["sub"], account.to_string());
    assert_eq!(claims["jti"].as_str().and_then(Token::parse).map(|token| token.hash()), Some(token));
    // It may have a fraction (RFC 7519, 2), which is cut off.
    let seconds = claims["exp"].as_i64().or_else(|| claims["exp"].as_f64().map(|seconds| seconds as i64));
    assert_eq!(seconds.and_then(|seconds| seconds.checked_mul(1000)), Some(until));
    assert!(verify(&Hs256Key::new(&KEY[1..]), jwt).is_err());
}

/// What was signed here is accepted, and no longer once a byte of it is another.
fn altered(key: Hs256Key, random: &[u8], places: &[u8]) {
    let account = AccountId::from(Uuid::from_bytes(taken(random, 0)));
    let token = Token::parse(&Uuid::from_bytes(taken(random, 16)).to_string()).expect("a token");
    let end = Timestamp::from_millis(i64::from(u32::from_be_bytes(taken(random, 32))) * 1000);
    let signer = Signer(key);
    let jwt = signer.sign(account, &token, Timestamp::from_millis(0), end).expect("signs");
    let read = verify(&signer.0, &jwt).unwrap_or_else(|_| panic!("{jwt} is refused"));
    assert_eq!((read.account, read.token, read.until), (account, token.hash(), end.as_millis()));
    judge(&signer.0, &jwt);
    for place in places.chunks(2) {
        let (at, byte) = (usize::from(place[0]) * jwt.len() / 256, place.get(1).copied().unwrap_or(b'A'));
        let mut bytes = jwt.clone().into_bytes();
        if !byte.is_ascii() || bytes[at] == byte {
            continue;
        }
        bytes[at] = byte;
        let other = String::from_utf8(bytes).expect("ASCII");
        assert!(verify(&signer.0, &other).is_err(), "{other} is not {jwt}");
    }
}

/// Bytes from a place on; zeros where there are none.
fn taken<const N: usize>(random: &[u8], from: usize) -> [u8; N] {
    std::array::from_fn(|at| random.get(from + at).copied().unwrap_or(0))
}

/// A header and claims, signed without the crate that reads them.
fn signed(header: &str, claims: &str) -> String {
    signed_parts(&URL_SAFE_NO_PAD.encode(header), &URL_SAFE_NO_PAD.encode(claims))
}

fn signed_parts(header: &str, claims: &str) -> String {
    let content = format!("{header}.{claims}");
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).expect("a key of any length will do");
    mac.update(content.as_bytes());
    format!("{content}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}
