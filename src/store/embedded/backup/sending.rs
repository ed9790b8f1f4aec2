//! A snapshot → a stream.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::fault::{Fault, damaged};
use super::super::inspect;
use super::super::snapshot::Snapshot;
use super::super::tables::{FORMAT, TableName};
use super::format::{FrameWriter, Tag};
use super::{BackupError, Counts, StreamError, Summary};
use crate::domain::Timestamp;

/// When a frame of records is full; the last record may exceed it.
const FRAME_BYTES: usize = 256 * 1024;

/// That what is backed up is an embedded file.
pub(super) const KIND: u8 = b'e';

/// Why a snapshot was not sent.
#[derive(Debug)]
pub(super) enum NotSent {
    /// It cannot be read.
    Store(Fault),
    /// It cannot be written.
    Out(io::Error),
}

impl From<redb::StorageError> for NotSent {
    fn from(error: redb::StorageError) -> Self {
        Self::Store(error.into())
    }
}

impl From<Fault> for NotSent {
    fn from(fault: Fault) -> Self {
        Self::Store(fault)
    }
}

impl From<io::Error> for NotSent {
    fn from(error: io::Error) -> Self {
        Self::Out(error)
    }
}

/// Sends everything that a snapshot holds. Where it cannot be read, the stream ends by saying so.
pub(super) fn send(snapshot: &Snapshot, taken_at: Timestamp, out: impl Write) -> Result<Summary, BackupError> {
    let unwritable = |error| BackupError::Stream(StreamError::Write(error));
    let mut stream = FrameWriter::begin(out).map_err(unwritable)?;
    // redb finds most damage and says so; where it does not, it may panic.
    let sent = catch_unwind(AssertUnwindSafe(|| send_all(snapshot, taken_at, &mut stream)));
    match sent.unwrap_or_else(|_| Err(NotSent::Store(damaged("the file cannot be read").into()))) {
        Ok(summary) => Ok(summary),
        Err(NotSent::Out(error)) => Err(unwritable(error)),
        Err(NotSent::Store(fault)) => {
            let reason = fault.of_a_reading();
            // Whoever reads it finds in any case that the end is missing.
            let _ = stream.write(Tag::Failure, reason.to_string().as_bytes()).and_then(|()| stream.flush());
            Err(BackupError::Store(reason))
        }
    }
}

/// Says that there will be no backup, and why.
pub(super) fn refuse(reason: &str, out: impl Write) -> io::Result<()> {
    let mut stream = FrameWriter::begin(out)?;
    stream.write(Tag::Failure, reason.as_bytes())?;
    stream.flush()
}

fn send_all(
    snapshot: &Snapshot,
    taken_at: Timestamp,
    stream: &mut FrameWriter<impl Write>,
) -> Result<Summary, NotSent> {
    let program = env!("CARGO_PKG_VERSION");
    let layout = FORMAT.to_be_bytes();
    let head = [&[KIND][..], &layout, &taken_at.as_micros().to_be_bytes(), program.as_bytes()].concat();
    stream.write(Tag::Head, &head)?;
    let mut counts = Counts::default();
    for table in TableName::ALL {
        send_table(snapshot, *table, stream, &mut counts)?;
    }
    let mut end = vec![TableName::ALL.len() as u8];
    counts.0.iter().for_each(|count| end.extend_from_slice(&count.to_be_bytes()));
    end.extend_from_slice(&stream.hash());
    stream.write(Tag::End, &end)?;
    stream.flush()?;
    Ok(Summary { taken_at, program: program.to_owned(), bytes: stream.bytes(), counts })
}

fn send_table(
    snapshot: &Snapshot,
    table: TableName,
    stream: &mut FrameWriter<impl Write>,
    counts: &mut Counts,
) -> Result<(), NotSent> {
    let name = table.as_str();
    let empty = [&[name.len() as u8], name.as_bytes()].concat();
    let mut records = empty.clone();
    snapshot.entries(table, |key, value| -> Result<(), NotSent> {
        inspect::entry(snapshot, table, key, value)?;
        let too_long = |_| NotSent::from(Fault::from(damaged("a record is too long")));
        let lengths = [key.len(), value.len()].map(u32::try_from);
        for length in lengths {
            records.extend_from_slice(&length.map_err(too_long)?.to_be_bytes());
        }
        records.extend_from_slice(key);
        records.extend_from_slice(value);
        counts.add(table, 1);
        if records.len() >= FRAME_BYTES {
            stream.write(Tag::Records, &records)?;
            records.truncate(empty.len());
        }
        Ok(())
    })?;
    if records.len() > empty.len() {
        stream.write(Tag::Records, &records)?;
    }
    Ok(())
}
