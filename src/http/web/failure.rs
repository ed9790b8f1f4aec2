//! What people see when something does not work: pages in the same dress as all others.

use askama::Template;
use rocket::Request;
use rocket::http::{ContentType, Method, Status};

use super::notice::Notice;
use super::page::{Frame, Pages};
use super::text::in_query;
use crate::http::answer::Answer;
use crate::http::doors::cookie;
use crate::http::refusal::{Fault, Refusal};
use crate::http::session::{self, SESSION};
use crate::http::status;
use crate::service::ServiceError;

/// Says what did not work, and what to do now.
#[derive(Template)]
#[template(path = "failure.html")]
struct Failure {
    frame: Frame,
    what: String,
    advice: &'static str,
}

/// The status of a refusal. Whoever was not let in is led to the log-in.
pub(super) fn status(refusal: &Refusal) -> Status {
    match refusal {
        Refusal::NotAdmitted | Refusal::Service(ServiceError::AccountGone) => Status::SeeOther,
        other => status::of(other, Status::Forbidden),
    }
}

/// What a refusal looks like.
pub(super) fn of_refusal(refusal: &Refusal, request: &Request<'_>) -> Answer {
    let Some(pages) = Pages::of(request) else { return Answer::new(Status::NotFound, ContentType::Plain, Vec::new()) };
    let status = status(refusal);
    if status == Status::SeeOther {
        return to_log_in(&pages, request);
    }
    let (title, what) = match refusal {
        Refusal::FormToken | Refusal::ForeignPage => {
            ("This form is not valid any more", "It was made for another session, or for none.".to_owned())
        }
        Refusal::Service(ServiceError::NoDocument(key)) => ("Not found", format!("There is no document “{key}”.")),
        Refusal::Service(ServiceError::NotAllowed(why)) => ("Not allowed", format!("Sorry, {why}.")),
        other => (title(status), other.to_string()),
    };
    page(&pages, status, title, what)
}

/// What a status of Rocket's own looks like, for a browser, where the web interface is open.
pub(in crate::http) fn of_status(status: Status, request: &Request<'_>) -> Option<Answer> {
    let pages = Pages::of(request).filter(|pages| pages.reader.is_browser())?;
    let what = match status.code {
        404 => "There is nothing at this address.".to_owned(),
        405 => "This address can only be used through its form.".to_owned(),
        413 => "What you sent is too large.".to_owned(),
        503 => Fault::Unavailable.detail().to_owned(),
        code if code < 500 => "The request cannot be understood.".to_owned(),
        _ => Fault::Internal.detail().to_owned(),
    };
    Some(page(&pages, status, title(status), what))
}

const fn title(status: Status) -> &'static str {
    match status.code {
        404 => "Not found",
        405 => "Not here",
        413 => "Too large",
        429 => "Too many attempts",
        503 | 504 => "The database is away",
        400..=499 => "That did not work",
        _ => "Something went wrong",
    }
}

fn page(pages: &Pages, status: Status, title: &'static str, what: String) -> Answer {
    let advice = match status.code {
        429 => "Wait a little, go back, and try once more.",
        403 => "Go back, load the page again, and try once more.",
        503 | 504 => "Your documents are safe. Wait a moment and load the page again.",
        _ => "",
    };
    pages.show(status, &Failure { frame: pages.bare_frame(title), what, advice })
}

/// Leads to the log-in, and from there back to where one was.
fn to_log_in(pages: &Pages, request: &Request<'_>) -> Answer {
    let back = request.uri().to_string();
    let is_page = request.method() == Method::Get || leads_to_page(request);
    let target = if is_page { format!("/login?next={}", in_query(&back)) } else { "/login".to_owned() };
    match cookie(request, SESSION) {
        Ok(None) => pages.go(&target),
        _ => pages.go_with(&target, &Notice::SessionEnded).with("Set-Cookie", session::end(&pages.reader)),
    }
}

/// Whether there is a page at the address that a form was sent to.
fn leads_to_page(request: &Request<'_>) -> bool {
    let path = request.uri().path();
    request.rocket().routes().any(|route| route.method == Method::Get && route.uri.path() == path.as_str())
}
