//! Requests are taken as they were sent.
//!
//! * An empty segment in a path names nothing. Rocket looks for routes as if it were not there, so that
//!   `/user//<token>/keys` would lead somewhere. Only one slash at the end is let through.
//! * A form cannot change its method. Rocket makes a DELETE of a POST whose form begins with `_method=delete`, so that a
//!   page of another site could erase something with a password that the browser remembers; and of `_method=head` an
//!   answer without its body, on which the connection breaks.
//! * A body that broke off is not whole. Rocket looks at its first bytes, and where it breaks off within them, keeps that
//!   to itself: what came of it would be taken for all of it.

use rocket::fairing::{Fairing, Info, Kind};
use rocket::form::Form;
use rocket::http::Method;
use rocket::http::uri::Origin;
use rocket::{Data, Request};

/// Undoes what Rocket makes of requests.
pub(super) struct AsSent;

/// Longer than any route.
const NOWHERE: &str = "/-/-/-/-/-/-/-/-/-/-/-/-";

/// As much of a body as Rocket looks at.
const LOOKED_AT: usize = "_method=delete".len();

#[rocket::async_trait]
impl Fairing for AsSent {
    fn info(&self) -> Info {
        Info { name: "requests as they were sent", kind: Kind::Request }
    }

    async fn on_request(&self, request: &mut Request<'_>, data: &mut Data<'_>) {
        if request.uri().path().raw().as_str().contains("//")
            && let Ok(nowhere) = Origin::parse(NOWHERE)
        {
            request.set_uri(nowhere);
        }
        // Rocket has looked before, so that this waits for nothing, and knows whether it came to the end.
        let came_to_end = data.peek_complete();
        let start = data.peek(LOOKED_AT).await;
        if start.len() < LOOKED_AT && !came_to_end {
            request.local_cache(|| BrokeOff(true));
        }
        let is_form = request.content_type().is_some_and(|given| given.is_form());
        if is_form && names_a_method(start) {
            request.set_method(Method::Post);
        }
    }
}

/// Whether the body broke off within its first bytes.
struct BrokeOff(bool);

/// Whether what can be read of the body is not all of it, although no error says so.
pub(super) fn broke_off(request: &Request<'_>) -> bool {
    request.local_cache(|| BrokeOff(false)).0
}

/// Whether a form begins with the field that Rocket takes the method from, where it was POST.
fn names_a_method(form: &[u8]) -> bool {
    let first = std::str::from_utf8(form).ok().and_then(|form| Form::values(form).next());
    first.is_some_and(|field| field.name == "_method")
}
