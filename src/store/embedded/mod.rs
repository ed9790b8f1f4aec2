//! The embedded file: a store in one file of this machine, on redb.
//!
//! * Reads look at a snapshot on the caller's thread, or on a blocking one where they go through many records.
//! * Writes go through a queue to the one thread that writes; see `writer`.
//! * One process has the file open at a time.
//!
//! ```text
//! open        making, recognising and refusing a file
//! open_file   the database, which may be away and is then opened again
//! tables      the layout             codec       records ⇄ bytes
//! queue       handing over           writer      group commit
//! accounts, tokens, documents        what is done within a transaction
//! erasure, housekeeping              what goes on in the background
//! ```
//!
//! The file never shrinks; what is removed makes room for what comes.

mod accounts;
mod codec;
mod documents;
mod fault;
mod open;
mod open_file;
mod queue;
mod tables;
mod tokens;
mod writer;

pub use open::OpenError;
