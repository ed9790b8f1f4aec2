//! The session cookie: a token that scripts cannot read and forms of other sites do not send.

use rocket::http::{Cookie, SameSite};
use rocket::time::Duration;

use super::reader::Reader;
use crate::service::Fresh;

/// The name of the session cookie.
pub(super) const SESSION: &str = "keybin_session";

/// The `Set-Cookie` that begins a session, for as long as its token lives.
pub(super) fn begin(fresh: &Fresh, reader: &Reader) -> String {
    cookie(SESSION, fresh.token.expose(), Some(fresh.expire_seconds), reader)
}

/// The `Set-Cookie` that ends a session in the browser.
pub(super) fn end(reader: &Reader) -> String {
    cookie(SESSION, String::new(), Some(0), reader)
}

/// The `Set-Cookie` of a cookie of the kind that all of ours are, for so many seconds or as long as the browser is open.
pub(super) fn cookie(name: &'static str, value: String, seconds: Option<u32>, reader: &Reader) -> String {
    let mut cookie = Cookie::new(name, value);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(reader.is_behind_tls());
    cookie.set_max_age(seconds.map(|seconds| Duration::seconds(seconds.into())));
    cookie.to_string()
}
