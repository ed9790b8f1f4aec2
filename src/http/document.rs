//! Documents as HTTP shows them: the value in the body, and what is known about it in headers.

use rocket::http::{ContentType, Status};

use super::answer::Answer;
use super::refusal::Refusal;
use crate::domain::{Document, Revision, ValueError};

/// `{"value":…}`, described by headers.
pub(super) fn whole(document: &Document) -> Result<Answer, Refusal> {
    Ok(described(Answer::new(Status::Ok, ContentType::JSON, of_value(document)?), document))
}

/// 304: what the client has is what is there (RFC 9110, 15.4.5).
pub(super) fn not_modified(document: &Document) -> Answer {
    described(Answer::empty(Status::NotModified), document)
}

/// The JSON object `{"value":…}`.
pub(super) fn of_value(document: &Document) -> Result<Vec<u8>, ValueError> {
    // JSON is mostly about as long as BSON.
    let mut body = Vec::with_capacity(document.value.as_stored().len() + 16);
    body.extend_from_slice(b"{\"value\":");
    document.value.write_json(&mut body)?;
    body.push(b'}');
    Ok(body)
}

/// The document as members of a JSON object.
pub(super) fn members(document: &Document) -> Result<Vec<u8>, ValueError> {
    let Document { value, revision, created_at, modified_at, .. } = document;
    let mut members = format!("\"revision\":\"{revision}\",\"value\":").into_bytes();
    value.write_json(&mut members)?;
    let times = format!(",\"created_at\":\"{created_at}\",\"modified_at\":\"{modified_at}\"");
    members.extend_from_slice(times.as_bytes());
    Ok(members)
}

/// The entity tag of a revision (RFC 9110, 8.8.3).
pub(super) fn tag(revision: Revision) -> String {
    format!("\"{revision}\"")
}

fn described(answer: Answer, document: &Document) -> Answer {
    let Document { revision, created_at, modified_at, expires_at, .. } = document;
    let answer = answer
        .with("ETag", tag(*revision))
        .with("Last-Modified", modified_at.to_http_date())
        .with("Keybin-Created", created_at.to_string());
    match expires_at {
        Some(end) => answer.with("Keybin-Expires", end.to_string()),
        None => answer,
    }
}
