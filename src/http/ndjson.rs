//! An export as an answer: lines of JSON that are made while they are sent.

use futures_util::stream::{self, Stream};
use rocket::http::{ContentType, Header};
use rocket::request::Request;
use rocket::response::{Responder, Response, Result as ResponseResult};
use tokio_util::io::StreamReader;

use crate::service::Export;

/// The largest file that is taken in, in bytes. It is read as it comes and never kept.
pub(super) const MAX_FILE_BYTES: u64 = 1 << 40;

/// An export on its way out (`application/x-ndjson`).
pub(super) struct Ndjson {
    /// What is sent.
    pub(super) export: Export,
    /// The `Content-Disposition`, where a browser is to make a file of it.
    pub(super) disposition: Option<String>,
}

impl<'r> Responder<'r, 'static> for Ndjson {
    fn respond_to(self, _: &'r Request<'_>) -> ResponseResult<'static> {
        let mut response = Response::build();
        response.header(ContentType::new("application", "x-ndjson"));
        if let Some(disposition) = self.disposition {
            response.header(Header::new("Content-Disposition", disposition));
        }
        response.streamed_body(StreamReader::new(Box::pin(chunks(self.export)))).ok()
    }
}

/// What stands at the end of an export that is not whole. It is no document, so that whoever takes the lines in is told.
/// Rocket ends a streamed body as if it were whole, whatever happened.
const BROKE_OFF: &[u8] = b"{\"error\":\"the export broke off here\"}\n";

/// The export piece by piece.
fn chunks(export: Export) -> impl Stream<Item = std::io::Result<bytes::Bytes>> + Send {
    stream::unfold(Some(export), async |export| {
        let mut export = export?;
        match export.next().await {
            Ok(None) => None,
            Ok(Some(lines)) => Some((Ok(lines.into()), Some(export))),
            Err(error) => {
                tracing::warn!("export: broke off: {error}");
                Some((Ok(BROKE_OFF.into()), None))
            }
        }
    })
}
