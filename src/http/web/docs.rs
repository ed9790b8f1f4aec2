//! The page that tells what every route takes and answers. It is the same for everybody, and made once.

use std::sync::Arc;

use askama::Template;
use rocket::http::{ContentType, Status};

use super::assets::Assets;
use super::page::{Frame, POLICY};
use crate::http::answer::Answer;

/// An API, as it is shown.
pub(in crate::http) struct Chapter {
    pub(in crate::http) id: String,
    pub(in crate::http) name: &'static str,
    pub(in crate::http) about: &'static str,
    pub(in crate::http) operations: Vec<Operation>,
}

/// A route, as it is shown.
pub(in crate::http) struct Operation {
    pub(in crate::http) id: String,
    pub(in crate::http) method: &'static str,
    pub(in crate::http) path: &'static str,
    pub(in crate::http) summary: &'static str,
    pub(in crate::http) about: &'static str,
    /// How one comes in; empty where nobody is asked.
    pub(in crate::http) doors: String,
    pub(in crate::http) parameters: Vec<Row>,
    pub(in crate::http) bodies: Vec<Body>,
    pub(in crate::http) example: String,
    pub(in crate::http) answers: Vec<Answered>,
}

/// A parameter, or a member of a body.
pub(in crate::http) struct Row {
    pub(in crate::http) name: String,
    pub(in crate::http) place: &'static str,
    pub(in crate::http) is_required: bool,
    pub(in crate::http) shape: String,
    pub(in crate::http) about: String,
}

/// A body, as it is shown.
pub(in crate::http) struct Body {
    pub(in crate::http) content_type: &'static str,
    pub(in crate::http) shape: String,
    pub(in crate::http) members: Vec<Row>,
}

/// An answer, as it is shown.
pub(in crate::http) struct Answered {
    pub(in crate::http) status: u16,
    pub(in crate::http) reason: &'static str,
    pub(in crate::http) about: Vec<String>,
    pub(in crate::http) headers: Vec<(&'static str, &'static str)>,
    pub(in crate::http) content_type: Option<&'static str>,
    pub(in crate::http) example: Option<String>,
}

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs {
    frame: Frame,
    chapters: Vec<Chapter>,
}

/// The page as HTML.
pub(in crate::http) fn html(assets: &Arc<Assets>, chapters: Vec<Chapter>) -> Vec<u8> {
    let page = Docs { frame: Frame::of_nobody(assets, "The APIs"), chapters };
    // As with all pages, nothing in it can fail.
    page.render().unwrap_or_default().into_bytes()
}

/// The page as an answer.
pub(in crate::http) fn answer(html: Vec<u8>) -> Answer {
    Answer::new(Status::Ok, ContentType::HTML, html).with("Content-Security-Policy", POLICY)
}
