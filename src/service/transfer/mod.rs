//! Taking documents along: export and import as NDJSON, one document a line.
//!
//! A line is `{"key","value","created_at","modified_at","expires_at"?}`, with times in RFC 3339. In an archive, which
//! holds everything, a line `{"account":{…}}` stands before the documents of each account. Both ways go piece by piece,
//! so that memory does not grow with the number of documents.
//!
//! ```text
//! export, import    the documents of an account       line       a document as a line
//! archive           every account with its documents  profile    an account as a line
//! source            the lines of a file               report     what came of an import
//! ```

mod archive;
mod export;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod import;
mod line;
mod profile;
mod report;
mod source;

pub use archive::ArchiveExport;
pub use export::Export;
pub use import::ImportMode;
pub use report::{ImportReport, Rejected};

use crate::auth::Principal;
use crate::domain::{AccountId, Grant};

/// Whose documents are taken along, and which of them.
#[derive(Clone, Debug)]
struct Reach {
    account: AccountId,
    grant: Grant,
}

impl Reach {
    /// What somebody who was let in may reach.
    fn of(caller: &Principal) -> Self {
        Self { account: caller.account(), grant: caller.grant().clone() }
    }

    /// All of an account, on the operator's word.
    fn whole(account: AccountId) -> Self {
        Self { account, grant: Grant::default() }
    }
}
