//! Export and import: everything as a file, and back.

use askama::Template;
use futures_util::TryStreamExt;
use multer::{Field, Multipart};
use rocket::data::{Data, ToByteUnit};
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{Route, State, get, post, routes};
use serde_json::json;
use tokio_util::io::StreamReader;

use super::notice::Notice;
use super::page::{Frame, Pages, Place};
use super::text::{count, in_query};
use super::visitor::Session;
use super::{Result, Web};
use crate::http::answer::Answer;
use crate::http::api::refuse;
use crate::http::doors::FORM_TOKEN;
use crate::http::ndjson::{MAX_FILE_BYTES, Ndjson};
use crate::http::paced::Sender;
use crate::http::refusal::Refusal;
use crate::service::{Documents, ImportMode, ImportReport, Rejected};

#[get("/account/export")]
async fn export(session: Session, documents: &State<Documents>) -> Result<Ndjson> {
    let name = format!("{}.ndjson", session.account.username.as_str());
    let disposition = Some(format!("attachment; filename*=UTF-8''{}", in_query(&name)));
    Ok(Ndjson { export: documents.export(&session.principal).await?, disposition })
}

#[derive(Template)]
#[template(path = "imported.html")]
struct Imported {
    frame: Frame,
    summary: String,
    report: ImportReport,
}

/// A form with a file in it (RFC 7578): what separates its parts.
struct Boundary(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Boundary {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let given = request.content_type().filter(|given| given.is_form_data());
        match given.and_then(|given| given.param("boundary")) {
            Some(boundary) => Outcome::Success(Self(boundary.to_owned())),
            None => refuse::<Web, _>(&Refusal::FormToken, request),
        }
    }
}

#[post("/account/import", data = "<data>")]
async fn import(
    pages: Pages,
    session: Session,
    boundary: Boundary,
    sender: Sender<'_>,
    data: Data<'_>,
    documents: &State<Documents>,
) -> Result {
    let mut multipart = Multipart::with_reader(sender.paced(data.open(MAX_FILE_BYTES.bytes())), boundary.0);
    let report = take(&session, &mut multipart, documents).await?;
    let summary = summary(&report);
    if !pages.reader.is_browser() {
        // The script that shows the progress asks for this.
        let line = |line: &Rejected| json!({ "line": line.line, "reason": line.reason });
        let failed: Vec<_> = report.failed.iter().map(line).collect();
        return Ok(Answer::json(Status::Ok, &json!({ "summary": summary, "failed": failed })));
    }
    if report.failed.is_empty() {
        return Ok(pages.go_with("/account", &Notice::Imported(summary)));
    }
    let frame = pages.frame(&session, Place::Account, "Imported in part");
    Ok(pages.show(Status::Ok, &Imported { frame, summary, report }))
}

/// Reads the parts in their order: the form token first, the file last.
async fn take(session: &Session, multipart: &mut Multipart<'_>, documents: &Documents) -> Result<ImportReport> {
    let broken = |_| Refusal::Wrong("file", "did not arrive whole");
    let (mut is_right, mut mode) = (false, ImportMode::Skip);
    while let Some(mut part) = multipart.next_field().await.map_err(broken)? {
        match part.name().unwrap_or_default() {
            FORM_TOKEN => is_right = short_text(&mut part).await? == session.form_token.as_str(),
            _ if !is_right => return Err(Refusal::FormToken.into()),
            "mode" => mode = mode_named(&short_text(&mut part).await?),
            "file" => {
                let mut lines = StreamReader::new(part.map_err(std::io::Error::other));
                return Ok(documents.import(&session.principal, &mut lines, mode, false).await?);
            }
            _ => {}
        }
    }
    Err(if is_right { Refusal::Missing("file") } else { Refusal::FormToken }.into())
}

fn mode_named(name: &str) -> ImportMode {
    if name == "overwrite" { ImportMode::Overwrite } else { ImportMode::Skip }
}

/// The text of a part that holds a word.
async fn short_text(part: &mut Field<'_>) -> Result<String> {
    const LONGEST: usize = 256;
    let mut text = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(|_| Refusal::Wrong("file", "did not arrive whole"))? {
        text.extend_from_slice(&piece);
        if text.len() > LONGEST {
            return Err(Refusal::FormToken.into());
        }
    }
    Ok(String::from_utf8(text).unwrap_or_default())
}

fn summary(report: &ImportReport) -> String {
    let mut summary = format!("{} imported", count(report.written, "document"));
    if report.skipped > 0 {
        summary.push_str(&format!(", {} left as they are", count(report.skipped, "document")));
    }
    let failed = report.all_failed();
    if failed > 0 {
        summary.push_str(&format!(", {} not taken", count(failed, "line")));
    }
    summary + "."
}

pub(super) fn routes() -> Vec<Route> {
    routes![export, import]
}
