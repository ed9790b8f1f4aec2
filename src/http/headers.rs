//! Headers that every answer carries: answers hold other people's data, and some URLs hold tokens.

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::Header;
use rocket::{Request, Response};

/// Sets the headers on every answer.
pub(super) struct SafeHeaders;

#[rocket::async_trait]
impl Fairing for SafeHeaders {
    fn info(&self) -> Info {
        Info { name: "safe headers", kind: Kind::Response }
    }

    async fn on_response<'r>(&self, _: &'r Request<'_>, response: &mut Response<'r>) {
        make_safe(response);
    }
}

/// No cache keeps the answer, no other site learns the URL, no browser guesses a type or runs anything in it. Pages say
/// for themselves what may run in them, and assets how long they keep.
pub(super) fn make_safe(response: &mut Response<'_>) {
    for (name, value) in [
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
    ] {
        if !response.headers().contains(name) {
            response.set_header(Header::new(name, value));
        }
    }
}
