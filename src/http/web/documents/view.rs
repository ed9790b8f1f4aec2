//! One document to look at, and to download.

use askama::Template;
use rocket::http::{ContentType, Status};
use rocket::{State, get};

use super::at;
use super::value::{SHOWN_BYTES, Written};
use crate::domain::Key;
use crate::http::answer::Answer;
use crate::http::params::QueryKey;
use crate::http::web::page::{Frame, Pages, Place};
use crate::http::web::text::{Presence, in_query, size};
use crate::http::web::visitor::Session;
use crate::http::web::{Result, Web};
use crate::service::Documents;

#[derive(Template)]
#[template(path = "document.html")]
struct View {
    frame: Frame,
    key: String,
    /// `None` where the value is too large for a page.
    value: Option<Written>,
    size: String,
    revision: String,
    created: Presence,
    modified: Presence,
    expires: Option<Presence>,
    edit: String,
    raw: String,
}

#[get("/documents/view")]
pub(super) async fn view(pages: Pages, session: Session, key: QueryKey<Web>, documents: &State<Documents>) -> Result {
    let document = documents.get(&session.principal, &key).await?;
    let bytes = document.value.as_stored().len();
    let frame = pages.frame(&session, Place::Documents, key.as_str());
    let page = View {
        key: key.as_str().to_owned(),
        value: if bytes <= SHOWN_BYTES { Some(Written::of(&document.value)?) } else { None },
        size: size(bytes as u64),
        revision: document.revision.to_string(),
        created: frame.time(document.created_at),
        modified: frame.time(document.modified_at),
        expires: document.expires_at.map(|end| frame.time(end)),
        edit: at("edit", key.as_str()),
        raw: at("raw", key.as_str()),
        frame,
    };
    Ok(pages.show(Status::Ok, &page))
}

/// The value alone, as a file.
#[get("/documents/raw")]
pub(super) async fn raw(session: Session, key: QueryKey<Web>, documents: &State<Documents>) -> Result {
    let document = documents.get(&session.principal, &key).await?;
    let answer = Answer::new(Status::Ok, ContentType::JSON, document.value.to_json()?);
    Ok(answer.with("Content-Disposition", disposition(&key)))
}

/// The name of the file (RFC 6266).
fn disposition(key: &Key) -> String {
    format!("attachment; filename*=UTF-8''{}.json", in_query(key.as_str()))
}
