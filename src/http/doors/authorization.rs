//! The `Authorization` header (RFC 9110, 11.6.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rocket::request::Request;

use crate::auth::Credential;
use crate::http::refusal::Refusal;

const HEADER: &str = "Authorization";

/// Whether there is such a header at all.
pub(super) fn is_there(request: &Request<'_>) -> bool {
    request.headers().contains(HEADER)
}

/// The credential of the header, if it is of the scheme (in any case); read by `read`, which makes something that opens
/// no door of what is malformed.
pub(super) fn of_scheme(
    request: &Request<'_>,
    scheme: &str,
    read: fn(&str) -> Credential,
) -> Result<Option<Credential>, Refusal> {
    let mut headers = request.headers().get(HEADER);
    let Some(header) = headers.next() else { return Ok(None) };
    if headers.next().is_some() {
        return Err(Refusal::SeveralCredentials);
    }
    Ok(after_scheme(header, scheme).map(read))
}

/// What stands behind the scheme, if it is this one.
pub(super) fn after_scheme<'h>(header: &'h str, scheme: &str) -> Option<&'h str> {
    let (given, rest) = header.split_once(' ').unwrap_or((header, ""));
    given.eq_ignore_ascii_case(scheme).then(|| rest.trim_start_matches(' '))
}

/// `<token>` or `<JWT>` (RFC 6750). A JWT has dots, a token has none.
pub(super) fn bearer(text: &str) -> Credential {
    if text.contains('.') { jwt(text) } else { Credential::Token(text.to_owned()) }
}

/// `<JWT>`.
pub(super) fn jwt(text: &str) -> Credential {
    Credential::Jwt(text.to_owned())
}

/// `base64(<name>:<password>)` in UTF-8 (RFC 7617).
pub(super) fn basic(text: &str) -> Credential {
    let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let (username, password) = decoded.as_deref().and_then(|text| text.split_once(':')).unwrap_or(("", ""));
    Credential::Basic { username: username.to_owned(), password: password.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_is_split_at_the_first_colon() {
        for (text, expected) in [
            ("YTpiOmM=", ("a", "b:c")),
            ("w6k6w6k=", ("é", "é")),
            ("OnA=", ("", "p")),
            ("YWI=", ("", "")),
            ("!", ("", "")),
            ("/zpw", ("", "")),
        ] {
            let Credential::Basic { username, password } = basic(text) else { panic!("{text}") };
            assert_eq!((username.as_str(), password.as_str()), expected, "{text}");
        }
    }
}
