//! Taking documents along: export and import as NDJSON, one document a line.
//!
//! A line is `{"key","value","created_at","modified_at","expires_at"?}`, with times in RFC 3339. Both ways go piece by
//! piece, so that memory does not grow with the number of documents.

mod export;
mod import;
mod line;

pub use export::Export;
pub use import::{ImportMode, ImportReport, Rejected};
