//! The table of documents, page by page, as fast at its end as at its beginning.

use askama::Template;
use rocket::http::Status;
use rocket::{State, get};

use crate::domain::{Key, KeyRange, Order, Outline, Page};
use crate::http::web::Result;
use crate::http::web::page::{Frame, Pages, Place};
use crate::http::web::text::{Presence, in_query, preview, size};
use crate::http::web::visitor::Session;
use crate::service::Documents;

/// Documents on one page.
const ROWS: usize = 50;

/// Values of more bytes than this are shown without a preview, so that a page of large ones costs no more.
const PREVIEWED_BYTES: u64 = 4096;

#[derive(Template)]
#[template(path = "documents.html")]
struct List<'p> {
    frame: Frame,
    prefix: &'p str,
    rows: Vec<Row>,
    /// Where the page before this one is.
    previous: Option<String>,
    /// Where the page after this one is.
    next: Option<String>,
}

struct Row {
    key: String,
    view: String,
    preview: Option<String>,
    size: String,
    modified: Presence,
    expires: Option<Presence>,
}

#[get("/dashboard?<prefix>&<after>&<before>")]
pub(super) async fn dashboard(
    pages: Pages,
    session: Session,
    documents: &State<Documents>,
    prefix: Option<&str>,
    after: Option<&str>,
    before: Option<&str>,
) -> Result {
    let prefix = prefix.unwrap_or_default();
    let key = |text: Option<&str>| text.and_then(|text| Key::parse(text).ok());
    // What can be in no key is in none.
    let (after, before) = (key(after), key(before));
    let order = if before.is_some() { Order::Descending } else { Order::Ascending };
    let is_start = after.is_none() && before.is_none();
    let range = KeyRange { prefix: prefix.to_owned(), after: before.or(after), limit: ROWS, order };
    let Page { mut items, more } = documents.outlines(&session.principal, &range, PREVIEWED_BYTES).await?;
    if order == Order::Descending {
        items.reverse();
    }
    let is_previous = if order == Order::Descending { more } else { !is_start };
    let is_next = order == Order::Descending || more;
    let link = |side: &str, key: Option<&(Key, Outline)>| {
        key.map(|(key, _)| format!("/dashboard?prefix={}&{side}={}", in_query(prefix), in_query(key.as_str())))
    };
    let previous = link("before", items.first()).filter(|_| is_previous);
    let next = link("after", items.last()).filter(|_| is_next);
    let frame = pages.frame(&session, Place::Documents, "Documents");
    let rows = items.into_iter().map(|(key, outline)| row(&frame, &key, &outline)).collect::<Result<_>>()?;
    Ok(pages.show(Status::Ok, &List { frame, prefix, rows, previous, next }))
}

fn row(frame: &Frame, key: &Key, outline: &Outline) -> Result<Row> {
    Ok(Row {
        view: super::at("view", key.as_str()),
        key: key.as_str().to_owned(),
        preview: outline.value.as_ref().map(preview).transpose()?,
        size: size(outline.bytes),
        modified: frame.time(outline.modified_at),
        expires: outline.expires_at.map(|end| frame.time(end)),
    })
}

/// The same page under the name that another client knows.
#[get("/home?<prefix>&<after>&<before>")]
pub(super) async fn home(
    pages: Pages,
    session: Session,
    documents: &State<Documents>,
    prefix: Option<&str>,
    after: Option<&str>,
    before: Option<&str>,
) -> Result {
    dashboard(pages, session, documents, prefix, after, before).await
}
