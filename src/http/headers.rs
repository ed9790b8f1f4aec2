//! Headers that every answer carries: answers hold other people's data, and some URLs hold tokens.

use rocket::fairing::{Fairing, Info, Kind};
use rocket::{Request, Response};

/// Sets the headers on every answer.
pub(super) struct SafeHeaders;

#[rocket::async_trait]
impl Fairing for SafeHeaders {
    fn info(&self) -> Info {
        Info { name: "safe headers", kind: Kind::Response }
    }

    async fn on_response<'r>(&self, _: &'r Request<'_>, response: &mut Response<'r>) {
        // Each of our own answers has one of its own, unlike streams and what Rocket answers by itself.
        if response.headers().contains(REFERRER_POLICY) {
            return;
        }
        for (name, value) in SAFE {
            if !response.headers().contains(name) {
                response.set_raw_header(name, value);
            }
        }
    }
}

const REFERRER_POLICY: &str = "Referrer-Policy";

/// No cache keeps the answer, no other site learns the URL, no browser guesses a type or runs anything in it. Pages say
/// for themselves what may run in them, and assets how long they keep.
pub(super) const SAFE: [(&str, &str); 4] = [
    ("Cache-Control", "no-store"),
    (REFERRER_POLICY, "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
];
