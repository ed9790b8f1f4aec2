//! Style sheet, scripts and icon: in the binary, under URLs that change with their content, so that browsers keep them.

use std::sync::Arc;

use rocket::http::{ContentType, Status};
use rocket::{Route, State, get, routes};
use sha2::{Digest, Sha256};

use crate::http::answer::Answer;

/// A file that pages refer to.
struct Asset {
    url: String,
    content_type: ContentType,
    body: &'static [u8],
}

/// The files that pages refer to.
pub(in crate::http) struct Assets {
    style: Asset,
    script: Asset,
    icon: Asset,
}

impl Assets {
    /// The files of this program.
    pub(in crate::http) fn new() -> Self {
        let javascript = ContentType::JavaScript;
        Self {
            style: asset("keybin", "css", ContentType::CSS, include_bytes!("../../../static/keybin.css")),
            script: asset("keybin", "js", javascript, include_bytes!("../../../static/keybin.js")),
            icon: asset("keybin", "svg", ContentType::SVG, include_bytes!("../../../static/keybin.svg")),
        }
    }

    /// Where the style sheet is.
    pub(super) fn style(&self) -> &str {
        &self.style.url
    }

    /// Where the script is.
    pub(super) fn script(&self) -> &str {
        &self.script.url
    }

    /// Where the icon is.
    pub(super) fn icon(&self) -> &str {
        &self.icon.url
    }
}

fn asset(name: &str, extension: &str, content_type: ContentType, body: &'static [u8]) -> Asset {
    let hash = hex::encode(&Sha256::digest(body)[..8]);
    Asset { url: format!("/assets/{name}-{hash}.{extension}"), content_type, body }
}

#[get("/assets/<file>")]
fn file(file: &str, assets: &State<Arc<Assets>>) -> Option<Answer> {
    let Assets { style, script, icon } = &**assets.inner();
    let found = [style, script, icon].into_iter().find(|asset| asset.url.strip_prefix("/assets/") == Some(file))?;
    let answer = Answer::new(Status::Ok, found.content_type.clone(), found.body.to_vec());
    Some(answer.with("Cache-Control", "public, max-age=31536000, immutable"))
}

pub(in crate::http) fn routes() -> Vec<Route> {
    routes![file]
}
