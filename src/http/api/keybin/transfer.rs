//! Taking documents along, and bringing them back: NDJSON, piece by piece.

use rocket::data::{Data, ToByteUnit};
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{Route, State, get, post, routes};
use serde_json::{Value as Json, json};
use tokio::io::BufReader;

use super::{Keybin, Result};
use crate::http::answer::Answer;
use crate::http::api::refuse;
use crate::http::body::drain;
use crate::http::doors::Caller;
use crate::http::ndjson::{MAX_FILE_BYTES, Ndjson};
use crate::http::paced::Sender;
use crate::http::params::query;
use crate::http::refusal::Refusal;
use crate::service::{Documents, ImportMode, ImportReport};

#[get("/user/<_>/export")]
async fn export(caller: Caller<Keybin>, documents: &State<Documents>) -> Result<Ndjson, Keybin> {
    Ok(Ndjson { export: documents.export(&caller).await?, disposition: None })
}

#[post("/user/<_>/import", data = "<data>")]
async fn import(
    caller: Caller<Keybin>,
    manner: Manner,
    sender: Sender<'_>,
    data: Data<'_>,
    documents: &State<Documents>,
) -> Result<Answer, Keybin> {
    let mut lines = BufReader::new(sender.paced(data.open(MAX_FILE_BYTES.bytes())));
    let report = documents.import(&caller, &mut lines, manner.mode, manner.dry_run).await;
    // Where the import ended before the file, its sender is still sending.
    drain(lines).await;
    Ok(Answer::json(Status::Ok, &told(&report?)))
}

pub(super) fn routes() -> Vec<Route> {
    routes![export, import]
}

/// How to import: `?mode=skip|overwrite|fail&dry_run=true|false`.
struct Manner {
    mode: ImportMode,
    dry_run: bool,
}

impl Manner {
    fn of(request: &Request<'_>) -> std::result::Result<Self, Refusal> {
        let mode = match query(request, "mode")? {
            None => ImportMode::default(),
            Some(name) => ImportMode::parse(&name).ok_or(Refusal::Wrong("mode", "must be skip, overwrite or fail"))?,
        };
        let dry_run = match query(request, "dry_run")?.as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Refusal::Wrong("dry_run", "must be true or false")),
        };
        Ok(Self { mode, dry_run })
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Manner {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match Self::of(request) {
            Ok(manner) => Outcome::Success(manner),
            Err(refusal) => refuse::<Keybin, _>(&refusal, request),
        }
    }
}

/// `{written, skipped, failed: [{line, reason}]}`, and `more_failed` where there are more than are told one by one.
fn told(report: &ImportReport) -> Json {
    let failed: Vec<Json> =
        report.failed.iter().map(|failed| json!({ "line": failed.line, "reason": failed.reason })).collect();
    let mut told = json!({ "written": report.written, "skipped": report.skipped, "failed": failed });
    if report.more_failed > 0 {
        told["more_failed"] = report.more_failed.into();
    }
    told
}
