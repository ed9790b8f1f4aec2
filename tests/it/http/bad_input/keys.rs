//! Keys that are none on this API.

use super::{Row, bare, get, post, refused, row};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        forbidden_ascii_is_refused_when_it_is_encoded,
        forbidden_ascii_is_refused_as_it_stands,
        characters_of_other_scripts_are_refused,
        what_is_no_utf_8_is_refused,
        what_is_no_encoding_is_refused,
        keys_that_fold_away_are_refused,
        keys_of_the_wrong_length_are_refused,
    );
}

/// Everything in ASCII but what a key may have.
fn forbidden() -> impl Iterator<Item = u8> {
    (0..128).filter(|byte: &u8| !byte.is_ascii_alphanumeric() && !b"_.,".contains(byte))
}

/// The key as it is, at either end of others, and between them; read and written.
fn rows_for(token: &str, key: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for key in [key.to_owned(), format!("a{key}"), format!("{key}a"), format!("a{key}b")] {
        let path = format!("/user/{token}/store/{key}");
        rows.push(row(&key, get(&path), 400, "invalid_key"));
        rows.push(row(&key, post(&path, r#"{"value":1}"#), 400, "invalid_key"));
    }
    rows
}

async fn forbidden_ascii_is_refused_when_it_is_encoded(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let spelled = forbidden().flat_map(|byte| [format!("%{byte:02x}"), format!("%{byte:02X}")]);
        spelled.flat_map(|key| rows_for(token, &key)).collect()
    })
    .await;
}

/// What hyper does not take for a part of a path.
const NEVER_IN_A_PATH: &[u8] = b"<>`\x7f";

async fn forbidden_ascii_is_refused_as_it_stands(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        // These have a meaning of their own in a request line, and are tried as such elsewhere.
        for byte in forbidden().filter(|byte| !b"\r\n ?#/%".contains(byte)) {
            let path = format!("/user/{token}/store/a{}b", char::from(byte));
            for request in [get(&path), post(&path, r#"{"value":1}"#)] {
                let what = format!("{byte:#04x}");
                let refused_below = byte < b' ' || NEVER_IN_A_PATH.contains(&byte);
                rows.push(if refused_below {
                    bare(what, request, 400)
                } else {
                    row(what, request, 400, "invalid_key")
                });
            }
        }
        rows
    })
    .await;
}

/// Letters, digits and dots of other scripts, signs that have no width, and signs that have no place.
const FOREIGN: [&str; 14] = [
    "é",
    "ß",
    "я",
    "α",
    "中",
    "😀",
    "\u{ff41}",
    "\u{0661}",
    "\u{2024}",
    "\u{ff0e}\u{ff0e}",
    "e\u{301}",
    "\u{200b}",
    "\u{202e}",
    "\u{10ffff}",
];

async fn characters_of_other_scripts_are_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let encoded = |key: &str| key.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let mut rows: Vec<Row> = FOREIGN.iter().flat_map(|key| rows_for(token, &encoded(key))).collect();
        rows.extend(FOREIGN.iter().flat_map(|key| rows_for(token, key)));
        rows
    })
    .await;
}

async fn what_is_no_utf_8_is_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let keys = ["%FF", "%FE", "%80", "%C0%AF", "%C3", "%C3%28", "%ED%A0%80", "%F4%90%80%80", "%E2%82", "%C0%80"];
        let mut rows: Vec<Row> = keys.iter().flat_map(|key| rows_for(token, key)).collect();
        for byte in [b"\xff".as_slice(), b"\xc0\xaf", b"\xc3"] {
            let path = format!("/user/{token}/store/a");
            let request = [b"GET ", path.as_bytes(), byte, b" HTTP/1.1\r\nHost: keybin\r\n\r\n"].concat();
            rows.push(bare(format!("{byte:?}"), request, 400));
        }
        rows
    })
    .await;
}

async fn what_is_no_encoding_is_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let keys = ["%_", "%4_", "%.4", "%zz", "%%", "%,%34", "%u0041"];
        keys.iter().flat_map(|key| rows_for(token, key)).collect()
    })
    .await;
}

async fn keys_that_fold_away_are_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for key in [".", "..", "%2e", "%2E", "%2e%2e", "%2E.", ".%2e", "%252e", "%2e%2e%2f", "..%2fone", "..%5cone"] {
            let path = format!("/user/{token}/store/{key}");
            rows.push(row(key, get(&path), 400, "invalid_key"));
            rows.push(row(key, post(&path, r#"{"value":1}"#), 400, "invalid_key"));
        }
        rows
    })
    .await;
}

async fn keys_of_the_wrong_length_are_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        // Encoded, 255 characters are 765: the length is that of the key, not of its spelling.
        let long = [256, 257, 1000, 10_000, 60_000].map(|length| "k".repeat(length));
        for key in long.iter().chain(&[String::new(), "%6b".repeat(256)]) {
            let path = format!("/user/{token}/store/{key}");
            rows.push(row(key.len().to_string(), get(&path), 400, "invalid_key"));
            rows.push(row(key.len().to_string(), post(&path, r#"{"value":1}"#), 400, "invalid_key"));
        }
        rows
    })
    .await;
}
