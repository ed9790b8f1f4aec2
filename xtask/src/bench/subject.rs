//! What is measured: a server that was started and filled, and the requests that it understands.

use std::fmt;

use super::http::{FRESH, Request};
use super::process::Process;
use super::shape::What;
use crate::step::{Failure, Result, told};

/// The requests that a server understands: one for each account, or none where it has nothing of the kind.
pub(crate) type Dialect = Box<dyn Fn(What) -> Result<Vec<Request>>>;

/// A server that runs, with something in it.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) server: Process,
    /// The process that keeps the data, where it is not the server itself.
    pub(crate) database: Option<u32>,
    /// A database of its own, which ends with it.
    pub(crate) _own_database: Option<Process>,
    pub(crate) keys: Vec<String>,
    pub(crate) dialect: Dialect,
    /// Bytes of memory that the server was given for the pages of its store, where it keeps it itself.
    pub(crate) cache_bytes: u64,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Subject {
    /// Asks it for one document and writes one, so that no figures are taken from a server that only refuses.
    pub(crate) fn check(&self) -> Result {
        let port = self.server.port();
        let key = self.keys.last().map_or("", String::as_str);
        for what in [What::Write, What::Read] {
            let requests = (self.dialect)(what)?;
            for request in requests.first().into_iter().chain(requests.last()) {
                let body = request.expect(port, key).map_err(|failure| self.failed(&failure))?;
                // Base64 of the same letters looks like this.
                let holds_value = body.contains("xxxx") || body.contains("eHh4");
                if what == What::Read && !holds_value {
                    return told(format!("{} does not answer with the value: {body:.300}", self.name));
                }
            }
        }
        Ok(())
    }

    fn failed(&self, failure: &Failure) -> Failure {
        Failure::Told(format!("{}: {failure}", self.name))
    }
}

/// The keys of an account: all of one length.
pub(crate) fn keys(count: u32) -> Vec<String> {
    (0..count).map(|key| format!("k{key:07}")).collect()
}

/// A text that takes so many bytes as JSON.
pub(crate) fn value(bytes: usize) -> String {
    format!("\"{}\"", "x".repeat(bytes.saturating_sub(2)))
}

/// A text that takes so many bytes as JSON, and is another one each time.
pub(crate) fn fresh_value(bytes: usize) -> String {
    format!("\"{FRESH}{}\"", "x".repeat(bytes.saturating_sub(10)))
}
