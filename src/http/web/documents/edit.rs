//! Writing a document. Of two people who write the same one, the second is shown what the first wrote.

use askama::Template;
use rocket::http::Status;
use rocket::{State, get, post};

use super::at;
use super::value::{SHOWN_BYTES, Written};
use crate::domain::{Document, Key, Precondition, Revision, Timestamp, Value, ValueError};
use crate::http::answer::Answer;
use crate::http::params::QueryKey;
use crate::http::web::form::Form;
use crate::http::web::notice::Notice;
use crate::http::web::page::{Frame, Pages, Place};
use crate::http::web::text::Presence;
use crate::http::web::visitor::Session;
use crate::http::web::{Result, Web};
use crate::service::{Documents, ServiceError};

/// After how many seconds a document can be set to expire, and how the page says it.
const EXPIRIES: [(u32, &str); 5] = [
    (3600, "in an hour"),
    (86_400, "in a day"),
    (7 * 86_400, "in a week"),
    (30 * 86_400, "in 30 days"),
    (365 * 86_400, "in a year"),
];

#[derive(Template)]
#[template(path = "edit.html")]
struct Edit {
    frame: Frame,
    /// `None` for a document that is not there yet.
    key: Option<String>,
    /// The key as it was typed, for one that is not there yet.
    typed_key: String,
    value: Written,
    /// The revision that was read; empty where there was none.
    revision: String,
    expires: Option<Presence>,
    expiries: [(u32, &'static str); 5],
    chosen_expiry: String,
    wrong_key: Option<String>,
    wrong_value: Option<String>,
}

#[derive(Template)]
#[template(path = "conflict.html")]
struct Conflict {
    frame: Frame,
    key: String,
    mine: Written,
    /// `None` where the document was deleted meanwhile.
    theirs: Option<Theirs>,
    chosen_expiry: String,
    view: String,
    edit: String,
}

struct Theirs {
    value: Option<Written>,
    modified: Presence,
    revision: String,
}

#[get("/documents/new?<key>")]
pub(super) fn create_form(pages: Pages, session: Session, key: Option<&str>) -> Answer {
    let value = Written { text: String::new(), spelling: super::value::Spelling::Json };
    let frame = pages.frame(&session, Place::Documents, "New document");
    pages.show(Status::Ok, &Edit { typed_key: key.unwrap_or_default().to_owned(), ..blank(frame, value) })
}

fn blank(frame: Frame, value: Written) -> Edit {
    Edit {
        frame,
        key: None,
        typed_key: String::new(),
        value,
        revision: String::new(),
        expires: None,
        expiries: EXPIRIES,
        chosen_expiry: String::new(),
        wrong_key: None,
        wrong_value: None,
    }
}

#[post("/documents/new", data = "<form>")]
pub(super) async fn create(pages: Pages, session: Session, form: Form, documents: &State<Documents>) -> Result {
    match Key::parse(form.text("key")) {
        Ok(key) => write(&pages, &session, documents, &key, &form, true).await,
        Err(wrong) => {
            let frame = pages.frame(&session, Place::Documents, "New document");
            let page = Edit {
                typed_key: form.text("key").to_owned(),
                chosen_expiry: form.text("expires").to_owned(),
                wrong_key: Some(wrong.to_string()),
                ..blank(frame, Written::from_form(&form))
            };
            Ok(pages.show(Status::UnprocessableEntity, &page))
        }
    }
}

#[get("/documents/edit")]
pub(super) async fn edit_form(
    pages: Pages,
    session: Session,
    key: QueryKey<Web>,
    documents: &State<Documents>,
) -> Result {
    let document = documents.get(&session.principal, &key).await?;
    if document.value.as_stored().len() > SHOWN_BYTES {
        return Ok(pages.go(&at("view", key.as_str())));
    }
    let value = Written::of(&document.value)?;
    let frame = pages.frame(&session, Place::Documents, format!("Edit {}", key.as_str()));
    let expires = document.expires_at.map(|end| frame.time(end));
    let chosen_expiry = document.expires_at.map_or_else(String::new, |end| end.as_micros().to_string());
    let page = Edit {
        key: Some(key.as_str().to_owned()),
        revision: document.revision.to_string(),
        expires,
        chosen_expiry,
        ..blank(frame, value)
    };
    Ok(pages.show(Status::Ok, &page))
}

#[post("/documents/edit", data = "<form>")]
pub(super) async fn save(
    pages: Pages,
    session: Session,
    key: QueryKey<Web>,
    form: Form,
    documents: &State<Documents>,
) -> Result {
    write(&pages, &session, documents, &key, &form, false).await
}

async fn write(
    pages: &Pages,
    session: &Session,
    documents: &Documents,
    key: &Key,
    form: &Form,
    is_new: bool,
) -> Result {
    let written = Written::from_form(form);
    let when = Revision::parse(form.text("revision")).map_or(Precondition::Absent, Precondition::Revision);
    let expires_at = expiry(form.text("expires"), documents.now());
    match documents.put_if(&session.principal, key, &written.json(), expires_at, when).await {
        Ok(_) => Ok(pages.go_with(&at("view", key.as_str()), &Notice::Saved(key.as_str().to_owned()))),
        Err(ServiceError::Precondition(present)) => conflict(pages, session, key, form, present.as_deref()),
        Err(ServiceError::Value(error)) if !matches!(error, ValueError::Damaged(_)) => {
            let title = if is_new { "New document".to_owned() } else { format!("Edit {}", key.as_str()) };
            let frame = pages.frame(session, Place::Documents, title);
            let page = Edit {
                key: (!is_new).then(|| key.as_str().to_owned()),
                typed_key: key.as_str().to_owned(),
                revision: form.text("revision").to_owned(),
                expires: form
                    .text("expires")
                    .parse()
                    .ok()
                    .filter(|_| !is_new)
                    .map(|end| frame.time(Timestamp::from_micros(end))),
                chosen_expiry: form.text("expires").to_owned(),
                wrong_value: Some(explained(&error)),
                ..blank(frame, written)
            };
            Ok(pages.show(Status::UnprocessableEntity, &page))
        }
        Err(other) => Err(other.into()),
    }
}

/// Until when a document is kept: `+` and seconds from now, a point in time that stays as it was, or nothing for good.
fn expiry(chosen: &str, now: Timestamp) -> Option<Timestamp> {
    match chosen.strip_prefix('+') {
        Some(seconds) => seconds.parse().ok().map(|seconds| now.plus_seconds(seconds)),
        None => chosen.parse().ok().map(Timestamp::from_micros),
    }
}

/// What is wrong with a value, for somebody who wrote it.
fn explained(error: &ValueError) -> String {
    match error {
        ValueError::Syntax(what) => {
            format!("This is not JSON: {what}. To keep it as a text, choose “Plain text”.")
        }
        other => format!("This cannot be kept: {other}."),
    }
}

/// Both versions, to choose from.
fn conflict(pages: &Pages, session: &Session, key: &Key, form: &Form, present: Option<&Document>) -> Result {
    let frame = pages.frame(session, Place::Documents, "Changed meanwhile");
    let theirs = match present {
        Some(present) => Some(Theirs {
            value: shown(&present.value)?,
            modified: frame.time(present.modified_at),
            revision: present.revision.to_string(),
        }),
        None => None,
    };
    let page = Conflict {
        frame,
        key: key.as_str().to_owned(),
        mine: Written::from_form(form),
        theirs,
        chosen_expiry: form.text("expires").to_owned(),
        view: at("view", key.as_str()),
        edit: at("edit", key.as_str()),
    };
    Ok(pages.show(Status::Conflict, &page))
}

fn shown(value: &Value) -> Result<Option<Written>> {
    if value.as_stored().len() > SHOWN_BYTES { Ok(None) } else { Written::of(value).map(Some) }
}
