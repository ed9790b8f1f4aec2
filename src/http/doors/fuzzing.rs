//! What holds of credentials in headers, whatever comes in: `Authorization` on the first line, `Cookie` on each other.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::authorization::{after_scheme, basic, bearer, jwt};
use super::cookie_among;
use crate::auth::Credential;
use crate::http::session::SESSION;

/// Its name, and how it is read.
type Scheme = (&'static str, fn(&str) -> Credential);

const SCHEMES: [Scheme; 3] = [("Basic", basic), ("Bearer", bearer), ("JWT", jwt)];

/// One credential at most, which is what was sent and is not shown.
pub fn authorization(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (header, cookies) = text.split_once('\n').unwrap_or((text, ""));
    let schemes = SCHEMES.iter().filter_map(|(scheme, read)| Some((scheme, after_scheme(header, scheme).map(read)?)));
    let found: Vec<_> = schemes.collect();
    assert!(found.len() <= 1);
    for (scheme, credential) in found {
        assert!(header.len() >= scheme.len() && header.is_char_boundary(scheme.len()));
        let (given, rest) = header.split_at(scheme.len());
        assert!(given.eq_ignore_ascii_case(scheme) && (rest.is_empty() || rest.starts_with(' ')));
        let sent = rest.trim_start_matches(' ');
        let louder = format!("{}  {sent}", given.to_ascii_uppercase());
        assert_eq!(after_scheme(&louder, scheme), Some(sent));
        assert!(["Token(***)", "Jwt(***)", "Basic(***)"].contains(&&*format!("{credential:?}")));
        what_was_sent(&credential, scheme, sent);
    }
    session(cookies);
}

fn what_was_sent(credential: &Credential, scheme: &str, sent: &str) {
    match credential {
        Credential::Token(text) => assert!(scheme == "Bearer" && text == sent && !text.contains('.')),
        Credential::Jwt(text) => assert!(text == sent && (scheme == "JWT" || text.contains('.'))),
        Credential::Basic { username, password } => {
            assert!(scheme == "Basic" && !username.contains(':'));
            let spelled = STANDARD.encode(format!("{username}:{password}"));
            assert!(spelled == sent || username.is_empty() && password.is_empty(), "{spelled} is not {sent}");
            assert_eq!(&basic(&spelled), credential);
        }
    }
}

/// A session that is found is one cookie of that name, and not found beside another.
fn session(cookies: &str) {
    let Ok(Some(secret)) = cookie_among(cookies.split('\n'), SESSION) else { return };
    assert!(!secret.contains([';', '\n']));
    let alone = format!("{SESSION}={secret}");
    assert!(cookies.contains(&alone));
    assert!(cookie_among([&*alone].into_iter(), SESSION).is_ok_and(|found| found == Some(secret)));
    assert!(cookie_among(cookies.split('\n').chain([&*alone]), SESSION).is_err());
    let beside = format!("a=b; {alone}; {SESSION}2=c");
    assert!(cookie_among([&*beside].into_iter(), SESSION).is_ok_and(|found| found == Some(secret)));
}
