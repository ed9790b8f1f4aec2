//! Deleting documents, one or several; it asks first.

use askama::Template;
use rocket::http::Status;
use rocket::{State, get, post};

use crate::domain::Key;
use crate::http::answer::Answer;
use crate::http::web::Result;
use crate::http::web::form::Form;
use crate::http::web::notice::Notice;
use crate::http::web::page::{Frame, Pages, Place};
use crate::http::web::text::count;
use crate::http::web::visitor::Session;
use crate::service::Documents;

#[derive(Template)]
#[template(path = "delete.html")]
struct Ask {
    frame: Frame,
    keys: Vec<Key>,
    what: String,
}

#[post("/documents/delete", data = "<form>")]
pub(super) async fn delete(pages: Pages, session: Session, form: Form, documents: &State<Documents>) -> Result {
    let keys: Vec<Key> = form.all("key").filter_map(|key| Key::parse(key).ok()).collect();
    if form.text("confirmed") != "yes" {
        let what = count(keys.len() as u64, "document");
        let frame = pages.frame(&session, Place::Documents, format!("Delete {what}?"));
        return Ok(pages.show(Status::Ok, &Ask { frame, keys, what }));
    }
    let removed = documents.delete_many(&session.principal, &keys).await?;
    Ok(pages.go_with("/dashboard", &Notice::Deleted(count(removed as u64, "document"))))
}

/// Whoever loads the question again has nothing selected any more.
#[get("/documents/delete")]
pub(super) fn delete_again(pages: Pages) -> Answer {
    pages.go("/dashboard")
}
