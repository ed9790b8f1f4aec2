//! Against requests that pages of other sites make in somebody's browser.
//!
//! * By `Sec-Fetch-Site`, or where a browser does not send that by `Origin`, a page of another site is recognised (W3C
//!   Fetch Metadata). Programs that are no browsers send neither.
//! * A form that a browser sends with a session must carry the session's form token as well.

use rocket::http::Method;
use rocket::request::Request;
use sha2::{Digest, Sha256};

use crate::http::refusal::Refusal;

/// The field of a form, in which the form token stands.
pub(in crate::http) const FORM_TOKEN: &str = "csrf_token";

/// The form token of a session. It follows from the session's secret, and the secret does not follow from it.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::http) struct FormToken(String);

impl FormToken {
    /// The form token of the session with this secret.
    pub(in crate::http) fn of(session: &str) -> Self {
        Self(hex::encode(Sha256::new().chain_update("form token\0").chain_update(session).finalize()))
    }

    /// The token as it stands in a form.
    pub(in crate::http) fn as_str(&self) -> &str {
        &self.0
    }

    /// Demands this token in the body of this request.
    pub(in crate::http) fn expect(self, request: &Request<'_>) {
        request.local_cache(|| Expected(Some(self)));
    }

    /// The token that the body of this request must carry.
    pub(in crate::http) fn expected_by<'r>(request: &'r Request<'_>) -> Option<&'r Self> {
        request.local_cache(|| Expected(None)).0.as_ref()
    }
}

/// What the door leaves for whoever reads the body.
struct Expected(Option<FormToken>);

/// Refuses what a page of another site asks for, where by its method it would change something.
pub(super) fn refuse_foreign_changes(request: &Request<'_>) -> Result<(), Refusal> {
    if is_safe(request) { Ok(()) } else { refuse_foreign_pages(request) }
}

/// Refuses what a page of another site asks for.
pub(super) fn refuse_foreign_pages(request: &Request<'_>) -> Result<(), Refusal> {
    if is_foreign(request) { Err(Refusal::ForeignPage) } else { Ok(()) }
}

/// Demands the form token where a browser sends a form, in the header `X-CSRF-Token` or later in the body.
pub(super) fn expect_form_token(request: &Request<'_>, session: &str) -> Result<(), Refusal> {
    let is_form = request.content_type().is_some_and(|given| given.is_form() || given.is_form_data());
    if is_safe(request) || !is_form || !is_browser(request) {
        return Ok(());
    }
    let expected = FormToken::of(session);
    match request.headers().get_one("X-CSRF-Token") {
        Some(given) if given == expected.as_str() => {}
        Some(_) => return Err(Refusal::FormToken),
        None => {
            request.local_cache(|| Expected(Some(expected)));
        }
    }
    Ok(())
}

/// Methods that change nothing (RFC 9110, 9.2.1).
fn is_safe(request: &Request<'_>) -> bool {
    matches!(request.method(), Method::Get | Method::Head | Method::Options)
}

fn is_browser(request: &Request<'_>) -> bool {
    request.headers().contains("Sec-Fetch-Site") || request.headers().contains("Origin")
}

fn is_foreign(request: &Request<'_>) -> bool {
    let header = |name| request.headers().get_one(name);
    match (header("Sec-Fetch-Site"), header("Origin")) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_none() || host != header("Host")
        }
        (None, None) => false,
    }
}
