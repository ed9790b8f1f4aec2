//! The frame around every page: who looks, where they are, what they are told.

use std::sync::Arc;

use askama::Template;
use rocket::http::{ContentType, Status};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{State, async_trait};

use super::assets::Assets;
use super::notice::{NOTICE, Notice};
use super::text::Presence;
use super::visitor::Session;
use crate::domain::Timestamp;
use crate::http::answer::Answer;
use crate::http::doors::cookie;
use crate::http::reader::Reader;
use crate::service::Documents;

/// What a page may load and do: its own style sheet and script, its own forms. Nothing inline, nothing from elsewhere.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Managed where the web interface is open.
pub(in crate::http) struct IsOpen;

/// The entry of the menu that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Documents,
    Devices,
    Glance,
    Account,
    Accounts,
    /// None of them.
    Elsewhere,
}

/// What the frame of a page shows.
pub(super) struct Frame {
    pub(super) assets: Arc<Assets>,
    pub(super) title: String,
    pub(super) place: Place,
    /// The name of whoever looks, where they have a session.
    pub(super) username: Option<String>,
    pub(super) is_admin: bool,
    pub(super) form_token: String,
    pub(super) notice: Option<Notice>,
    pub(super) now: Timestamp,
}

/// An entry of the menu.
pub(super) struct Entry {
    pub(super) path: &'static str,
    pub(super) words: &'static str,
    pub(super) is_here: bool,
}

impl Frame {
    /// The menu of somebody with a session.
    pub(super) fn menu(&self) -> impl Iterator<Item = Entry> {
        let entries = [
            ("/dashboard", "Documents", Place::Documents),
            ("/devices", "Devices", Place::Devices),
            ("/glance", "At a glance", Place::Glance),
            ("/account", "Account", Place::Account),
            ("/accounts", "Accounts", Place::Accounts),
        ];
        let seen = entries.into_iter().filter(|(.., place)| self.is_admin || *place != Place::Accounts);
        seen.map(|(path, words, place)| Entry { path, words, is_here: self.place == place })
    }

    /// The frame of a page that is the same for everybody, at all times.
    pub(super) fn of_nobody(assets: &Arc<Assets>, title: impl Into<String>) -> Self {
        Self {
            assets: Arc::clone(assets),
            title: title.into(),
            place: Place::Elsewhere,
            username: None,
            is_admin: false,
            form_token: String::new(),
            notice: None,
            now: Timestamp::from_millis(0),
        }
    }

    /// A point in time as people read it.
    pub(super) fn time(&self, time: Timestamp) -> Presence {
        Presence::new(time, self.now)
    }
}

/// What pages are made with, taken from the request.
pub(super) struct Pages {
    assets: Arc<Assets>,
    notice: Option<Notice>,
    /// The browser, for its cookies.
    pub(super) reader: Reader,
    now: Timestamp,
}

impl Pages {
    /// The frame of a page for somebody with a session.
    pub(super) fn frame(&self, session: &Session, place: Place, title: impl Into<String>) -> Frame {
        Frame {
            place,
            username: Some(session.account.username.as_str().to_owned()),
            is_admin: session.account.admin,
            form_token: session.form_token.as_str().to_owned(),
            ..self.bare_frame(title)
        }
    }

    /// The frame of a page for anybody.
    pub(super) fn bare_frame(&self, title: impl Into<String>) -> Frame {
        Frame { notice: self.notice.clone(), now: self.now, ..Frame::of_nobody(&self.assets, title) }
    }

    /// A page.
    pub(super) fn show(&self, status: Status, page: &impl Template) -> Answer {
        // Templates are checked when Keybin is built; nothing in them can fail.
        let html = page.render().unwrap_or_default();
        let answer = Answer::new(status, ContentType::HTML, html.into_bytes());
        let answer = answer.with("Content-Security-Policy", POLICY);
        match self.notice {
            Some(_) => answer.with("Set-Cookie", Notice::shown(&self.reader)),
            None => answer,
        }
    }

    /// Sends the browser on to one of our own pages.
    pub(super) fn go(&self, path: &str) -> Answer {
        Answer::new(Status::SeeOther, ContentType::Plain, Vec::new()).with("Location", path.to_owned())
    }

    /// The same, with a message that the page shows.
    pub(super) fn go_with(&self, path: &str, notice: &Notice) -> Answer {
        self.go(path).with("Set-Cookie", notice.carry(&self.reader))
    }

    /// What pages are made with, where the web interface is open.
    pub(super) fn of(request: &Request<'_>) -> Option<Self> {
        let _is_open: &State<IsOpen> = State::get(request.rocket())?;
        let assets: &State<Arc<Assets>> = State::get(request.rocket())?;
        let documents: &State<Documents> = State::get(request.rocket())?;
        let notice = cookie(request, NOTICE).ok().flatten().and_then(Notice::parse);
        Some(Self { assets: Arc::clone(assets), notice, reader: Reader::of(request), now: documents.now() })
    }
}

#[async_trait]
impl<'r> FromRequest<'r> for Pages {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match Self::of(request) {
            Some(pages) => Outcome::Success(pages),
            // Mounted together with the pages.
            None => Outcome::Error((Status::InternalServerError, ())),
        }
    }
}

/// A path of our own that somebody is sent back to; anything else is the documents.
pub(super) fn own_path(text: &str) -> &str {
    let is_own = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains(['\\', '\r', '\n'])
        && rocket::http::uri::Origin::parse(text).is_ok();
    if is_own { text } else { "/dashboard" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_our_own_are_gone_to() {
        for own in ["/", "/devices", "/documents/view?key=a%2Fb", "/dashboard?prefix=x&after=y"] {
            assert_eq!(own_path(own), own);
        }
        for foreign in [
            "",
            "devices",
            "//example.org",
            "/\\example.org",
            "https://example.org/",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x=y",
            "\\\\example.org",
            " /x",
        ] {
            assert_eq!(own_path(foreign), "/dashboard", "{foreign:?}");
        }
    }
}
