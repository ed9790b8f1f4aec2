//! A stream → what it holds, checked piece by piece.

use std::io::{Read, Write};

use super::super::tables::{FORMAT, TableName};
use super::format::{FrameReader, Tag};
use super::sending::KIND;
use super::{Counts, StreamError, Summary};
use crate::domain::Timestamp;

/// A backup that is being read.
pub(super) struct Incoming<R> {
    frames: FrameReader<R>,
    taken_at: Timestamp,
    program: String,
    counts: Counts,
}

/// What came.
pub(super) enum Piece<'p> {
    /// Records of a table.
    Records(TableName, Records<'p>),
    /// It was all, and it is right.
    End(Summary),
}

/// A key and a value.
type Record<'p> = (&'p [u8], &'p [u8]);

/// Records, as they stand in a frame: each of them was found to be whole.
pub(super) struct Records<'p>(&'p [u8]);

impl<'p> Iterator for Records<'p> {
    type Item = Record<'p>;

    fn next(&mut self) -> Option<Self::Item> {
        let (record, rest) = split_record(self.0)?;
        self.0 = rest;
        Some(record)
    }
}

/// The first record, and what is behind it.
fn split_record(records: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let (key, rest) = records.split_first_chunk::<4>()?;
    let (value, rest) = rest.split_first_chunk::<4>()?;
    let [key, value] = [key, value].map(|length| u32::from_be_bytes(*length) as usize);
    let (key, rest) = rest.split_at_checked(key)?;
    let (value, rest) = rest.split_at_checked(value)?;
    Some(((key, value), rest))
}

impl<R: Read> Incoming<R> {
    /// Reads the beginning, and shows `see` all that it was.
    pub(super) fn begin(source: R, mut see: impl FnMut(&[u8])) -> Result<Self, StreamError> {
        let mut frames = FrameReader::begin(source)?;
        see(frames.raw());
        let head = match frames.next()? {
            Tag::Head => Head::read(frames.content()),
            Tag::Failure => return Err(refused(frames.content())),
            _ => None,
        };
        let Some(Head { layout, taken_at, program }) = head else {
            return Err(frames.damaged("it does not say what it is"));
        };
        if layout != FORMAT {
            return Err(frames.damaged(format!("its tables have layout {layout}, and this Keybin knows {FORMAT}")));
        }
        see(frames.raw());
        Ok(Self { frames, taken_at, program, counts: Counts::default() })
    }

    /// The next piece. After the end there is none.
    pub(super) fn next(&mut self) -> Result<Piece<'_>, StreamError> {
        match self.frames.next()? {
            Tag::Records => {
                let table = self.count()?;
                let (_, records) = named(self.content()).ok_or_else(|| self.frames.damaged("no table"))?;
                Ok(Piece::Records(table, Records(records)))
            }
            Tag::End => self.end().map(Piece::End),
            Tag::Failure => Err(refused(self.content())),
            Tag::Head => Err(self.frames.damaged("it begins a second time")),
        }
    }

    /// How many bytes were read.
    pub(super) const fn bytes(&self) -> u64 {
        self.frames.bytes()
    }

    /// What was read last, as it came.
    pub(super) fn raw(&self) -> &[u8] {
        self.frames.raw()
    }

    fn content(&self) -> &[u8] {
        self.frames.content()
    }

    /// Counts the records of a frame, and makes sure that they are whole. Tells whose they are.
    fn count(&mut self) -> Result<TableName, StreamError> {
        let Some((table, mut records)) = named(self.content()) else {
            return Err(self.frames.damaged("records of an unknown table"));
        };
        let mut number = 0;
        while !records.is_empty() {
            let Some((_, rest)) = split_record(records) else {
                return Err(self.frames.damaged("a record is not whole"));
            };
            records = rest;
            number += 1;
        }
        self.counts.add(table, number);
        Ok(table)
    }

    fn end(&mut self) -> Result<Summary, StreamError> {
        let tables = TableName::ALL.len();
        let Some((counts, hash)) = self.content().split_last_chunk::<32>() else {
            return Err(self.frames.damaged("the end is too short"));
        };
        let told = self.counts.0.iter().flat_map(|count| count.to_be_bytes());
        let told: Vec<u8> = std::iter::once(tables as u8).chain(told).collect();
        if counts != told {
            return Err(self.frames.damaged("records are missing"));
        }
        if *hash != self.frames.hash_before() {
            return Err(self.frames.damaged("the hash is wrong"));
        }
        self.frames.end()?;
        let (taken_at, program) = (self.taken_at, self.program.clone());
        Ok(Summary { taken_at, program, bytes: self.frames.bytes(), counts: self.counts })
    }
}

/// The table that a frame names, and its records.
fn named(content: &[u8]) -> Option<(TableName, &[u8])> {
    let (length, rest) = content.split_first()?;
    let (name, records) = rest.split_at_checked(usize::from(*length))?;
    let table = TableName::ALL.iter().find(|table| table.as_str().as_bytes() == name)?;
    Some((*table, records))
}

fn refused(reason: &[u8]) -> StreamError {
    StreamError::Refused(String::from_utf8_lossy(reason).into_owned())
}

/// What the first frame says.
struct Head {
    layout: u64,
    taken_at: Timestamp,
    program: String,
}

impl Head {
    fn read(content: &[u8]) -> Option<Self> {
        let rest = content.strip_prefix(&[KIND])?;
        let (layout, rest) = rest.split_first_chunk::<8>()?;
        let (taken_at, program) = rest.split_first_chunk::<8>()?;
        Some(Self {
            layout: u64::from_be_bytes(*layout),
            taken_at: Timestamp::from_micros(i64::from_be_bytes(*taken_at)),
            program: String::from_utf8(program.to_vec()).ok()?,
        })
    }
}

/// Copies a backup. Nothing is written that was not found to be right; it is whole when its summary comes back.
pub(super) fn copy(
    source: impl Read,
    mut out: impl Write,
    mut progress: impl FnMut(u64),
) -> Result<Summary, StreamError> {
    let mut beginning = Vec::new();
    let mut incoming = Incoming::begin(source, |bytes| beginning.extend_from_slice(bytes))?;
    out.write_all(&beginning).map_err(StreamError::Write)?;
    loop {
        let end = match incoming.next()? {
            Piece::Records(..) => None,
            Piece::End(summary) => Some(summary),
        };
        out.write_all(incoming.raw()).map_err(StreamError::Write)?;
        progress(incoming.bytes());
        if let Some(summary) = end {
            out.flush().map_err(StreamError::Write)?;
            return Ok(summary);
        }
    }
}
