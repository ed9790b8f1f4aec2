//! Bodies that are made while they are sent, so that memory does not grow with them.
//!
//! * What comes first is read before the status is sent: where the store is away, that is the answer.
//! * Small bodies are sent as a whole, with their length.
//! * An error on the way leaves the JSON open, so that nobody takes a part for the whole. Rocket would end the body as if it
//!   were whole: an error of a streamed body goes to its log only, and nothing reaches the connection.

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use rocket::http::{ContentType, Status};
use rocket::request::Request;
use rocket::response::{Responder, Response, Result as ResponseResult};
use tokio_util::io::StreamReader;

use super::answer::Answer;
use crate::service::Result;

/// As much is read before anything is sent.
const SMALL_BYTES: usize = 64 * 1024;

/// Items of a list, as JSON.
#[rocket::async_trait]
pub(super) trait Pieces: Send + 'static {
    /// Some items, with commas between them, or none; `None` at the end.
    async fn next(&mut self) -> Result<Option<Vec<u8>>>;
}

/// A list in JSON.
pub(super) struct Listed {
    start: Vec<u8>,
    rest: Option<Rest>,
}

/// What is still to be sent.
struct Rest {
    items: Box<dyn Pieces>,
    is_first: bool,
    close: &'static str,
}

impl Listed {
    /// Begins with `open` and the first items.
    pub(super) async fn begin(open: &str, items: impl Pieces, close: &'static str) -> Result<Self> {
        let mut start = open.as_bytes().to_vec();
        let mut rest = Rest { items: Box::new(items), is_first: true, close };
        while start.len() < SMALL_BYTES {
            if rest.write(&mut start).await? == Place::End {
                return Ok(Self { start, rest: None });
            }
        }
        Ok(Self { start, rest: Some(rest) })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Within,
    End,
}

impl Rest {
    /// Writes the next items, or what closes the list.
    async fn write(&mut self, out: &mut Vec<u8>) -> Result<Place> {
        let Some(items) = self.items.next().await? else {
            out.extend_from_slice(self.close.as_bytes());
            return Ok(Place::End);
        };
        if !items.is_empty() {
            out.extend_from_slice(if std::mem::take(&mut self.is_first) { b"" } else { b"," });
            out.extend_from_slice(&items);
        }
        Ok(Place::Within)
    }
}

impl<'r> Responder<'r, 'static> for Listed {
    fn respond_to(self, request: &'r Request<'_>) -> ResponseResult<'static> {
        let Some(rest) = self.rest else {
            return Answer::new(Status::Ok, ContentType::JSON, self.start).respond_to(request);
        };
        Response::build()
            .header(ContentType::JSON)
            .streamed_body(StreamReader::new(Box::pin(pieces(self.start, rest))))
            .ok()
    }
}

fn pieces(start: Vec<u8>, rest: Rest) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
    stream::unfold((Some(start), Some(rest)), async |(start, rest)| {
        if let Some(start) = start {
            return Some((Ok(start.into()), (None, rest)));
        }
        let (mut rest, mut piece) = (rest?, Vec::new());
        match rest.write(&mut piece).await {
            Ok(Place::Within) => Some((Ok(piece.into()), (None, Some(rest)))),
            Ok(Place::End) => Some((Ok(piece.into()), (None, None))),
            Err(error) => {
                tracing::warn!("a list was left open: {error}");
                Some((Err(std::io::Error::other(error.to_string())), (None, None)))
            }
        }
    })
}
