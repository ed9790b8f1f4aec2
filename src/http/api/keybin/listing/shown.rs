//! What a listing answers.

use rocket::http::{ContentType, Header, Status};
use rocket::request::Request;
use rocket::response::{Responder, Result as ResponseResult};

use super::asked::Asked;
use crate::domain::{Document, Key, Stretch};
use crate::http::answer::Answer;
use crate::http::pieces::{Listed, Pieces};
use crate::service::{EveryKey, Result};

/// Keys: all of them, or a page.
#[derive(Responder)]
pub(super) enum Shown {
    All(Listed),
    Page(Answer),
}

/// An answer that also tells how many there are.
pub(super) struct Totalled<R>(pub(super) u64, pub(super) R);

impl<'r, R: Responder<'r, 'static>> Responder<'r, 'static> for Totalled<R> {
    fn respond_to(self, request: &'r Request<'_>) -> ResponseResult<'static> {
        let mut response = self.1.respond_to(request)?;
        response.set_header(Header::new("Keybin-Total", self.0.to_string()));
        Ok(response)
    }
}

/// All keys of somebody.
pub(super) struct Keys(pub(super) EveryKey);

#[rocket::async_trait]
impl Pieces for Keys {
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(keys) = self.0.next().await? else { return Ok(None) };
        let mut out = Vec::new();
        list(&mut out, &keys, |key, out| {
            string(key.as_str(), out);
            Ok(())
        })?;
        Ok(Some(out))
    }
}

/// `{"keys", "next"?}`
pub(super) fn key_page(page: &Stretch<Vec<Key>>, asked: &Asked) -> Result<Answer> {
    shown("keys", page, asked, |key, out| {
        string(key.as_str(), out);
        Ok(())
    })
}

/// `{"documents", "next"?}`
pub(super) fn document_page(page: &Stretch<Vec<(Key, Document)>>, asked: &Asked) -> Result<Answer> {
    shown("documents", page, asked, |(key, document), out| show(key, document, out))
}

/// Writes one item of a list.
type Show<T> = fn(&T, &mut Vec<u8>) -> Result<()>;

fn shown<T>(name: &str, page: &Stretch<Vec<T>>, asked: &Asked, show: Show<T>) -> Result<Answer> {
    let mut body = format!("{{\"{name}\":[").into_bytes();
    list(&mut body, &page.found, show)?;
    body.push(b']');
    if let Some(next) = &page.next {
        body.extend_from_slice(b",\"next\":");
        string(next.as_str(), &mut body);
    }
    body.push(b'}');
    let answer = Answer::new(Status::Ok, ContentType::JSON, body);
    Ok(match &page.next {
        Some(next) => answer.with("Link", format!("<{}>; rel=\"next\"", asked.following(next))),
        None => answer,
    })
}

fn list<T>(out: &mut Vec<u8>, items: &[T], show: Show<T>) -> Result<()> {
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        show(item, out)?;
    }
    Ok(())
}

/// `{"key", "value", "revision", "created_at", "modified_at", "expires_at"?}`
fn show(key: &Key, document: &Document, out: &mut Vec<u8>) -> Result<()> {
    let Document { value, revision, created_at, modified_at, expires_at } = document;
    out.extend_from_slice(b"{\"key\":");
    string(key.as_str(), out);
    out.extend_from_slice(b",\"value\":");
    value.write_json(out)?;
    let times =
        format!(",\"revision\":\"{revision}\",\"created_at\":\"{created_at}\",\"modified_at\":\"{modified_at}\"");
    out.extend_from_slice(times.as_bytes());
    if let Some(end) = expires_at {
        out.extend_from_slice(format!(",\"expires_at\":\"{end}\"").as_bytes());
    }
    out.push(b'}');
    Ok(())
}

/// Writes a text as JSON, which cannot fail.
fn string(text: &str, out: &mut Vec<u8>) {
    let _ = serde_json::to_writer(out, text);
}
