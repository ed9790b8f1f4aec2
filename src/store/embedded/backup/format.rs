//! The format: a beginning, frames, an end mark.
//!
//! ```text
//! beginning   "keybin\0B", version (u16)
//! frame       tag (1 byte), length of the content (u32), content, checksum (u32)
//!
//! H   what it is: kind ('e': an embedded file), layout of its tables (u64), when it was taken (µs, i64), program (text)
//! R   records: length of the table's name (u8), its name; for each record the lengths of key and value (u32 each), key, value
//! E   the end: how many tables (u8), how many records of each (u64 each), SHA-256 of all before this frame
//! !   whoever writes it cannot go on: why (text)
//! ```
//!
//! * Numbers are big-endian. Keys and values are as they stand in the file.
//! * The checksum of a frame is the CRC-32 of everything up to it, from the beginning on: frames cannot be left out, doubled
//!   or put elsewhere. The hash at the end leaves nothing to chance.
//! * After `H` come any number of `R`, then `E`, then nothing. `!` may stand where a frame may, and nothing after it.

use std::io::{self, ErrorKind, Read, Write};

use sha2::{Digest, Sha256};

use super::StreamError;

/// The version of the format that this program reads and writes.
pub(super) const VERSION: u16 = 1;

/// What a backup begins with.
pub(super) const MAGIC: &[u8; 8] = b"keybin\0B";

/// The longest content of a frame: more than the longest record, of which one may make a frame alone.
const LONGEST: usize = 32 * 1024 * 1024;

/// Before the content: tag and length.
const LEAD: usize = 5;
/// Behind it.
const CHECKSUM: usize = 4;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Head,
    Records,
    End,
    Failure,
}

impl Tag {
    const ALL: [Self; 4] = [Self::Head, Self::Records, Self::End, Self::Failure];

    const fn byte(self) -> u8 {
        match self {
            Self::Head => b'H',
            Self::Records => b'R',
            Self::End => b'E',
            Self::Failure => b'!',
        }
    }
}

/// What vouches for everything so far.
#[derive(Clone, Default)]
struct Seal {
    crc: crc32fast::Hasher,
    sha: Sha256,
    bytes: u64,
}

impl Seal {
    fn cover(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        self.sha.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    fn checksum(&self) -> [u8; CHECKSUM] {
        self.crc.clone().finalize().to_be_bytes()
    }

    fn hash(&self) -> [u8; 32] {
        self.sha.clone().finalize().into()
    }
}

/// Writes frames.
pub(super) struct FrameWriter<W> {
    out: W,
    seal: Seal,
    frame: Vec<u8>,
}

impl<W: Write> FrameWriter<W> {
    /// Writes the beginning.
    pub(super) fn begin(mut out: W) -> io::Result<Self> {
        let beginning = [&MAGIC[..], &VERSION.to_be_bytes()].concat();
        out.write_all(&beginning)?;
        let mut seal = Seal::default();
        seal.cover(&beginning);
        Ok(Self { out, seal, frame: Vec::new() })
    }

    /// Writes a frame.
    pub(super) fn write(&mut self, tag: Tag, content: &[u8]) -> io::Result<()> {
        let length = u32::try_from(content.len()).map_err(|_| io::Error::from(ErrorKind::FileTooLarge))?;
        self.frame.clear();
        self.frame.push(tag.byte());
        self.frame.extend_from_slice(&length.to_be_bytes());
        self.frame.extend_from_slice(content);
        self.seal.cover(&self.frame);
        let checksum = self.seal.checksum();
        self.frame.extend_from_slice(&checksum);
        self.seal.cover(&checksum);
        // In one piece: who waits for a frame gets the whole of it.
        self.out.write_all(&self.frame)
    }

    /// The SHA-256 of everything so far.
    pub(super) fn hash(&self) -> [u8; 32] {
        self.seal.hash()
    }

    /// How many bytes were written.
    pub(super) const fn bytes(&self) -> u64 {
        self.seal.bytes
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Reads frames, and believes none whose checksum is wrong.
pub(super) struct FrameReader<R> {
    source: R,
    seal: Seal,
    /// The hash before the frame that was read last.
    before: Seal,
    /// That frame, as it came.
    frame: Vec<u8>,
}

impl<R: Read> FrameReader<R> {
    /// Reads the beginning.
    pub(super) fn begin(source: R) -> Result<Self, StreamError> {
        let mut reader = Self { source, seal: Seal::default(), before: Seal::default(), frame: Vec::new() };
        let beginning = MAGIC.len() + 2;
        let is_whole = reader.fill(beginning).map_err(StreamError::Read)?;
        if !MAGIC.starts_with(&reader.frame[..reader.frame.len().min(MAGIC.len())]) || reader.frame.is_empty() {
            return Err(StreamError::NotABackup);
        }
        if !is_whole {
            return Err(StreamError::BrokenOff(reader.frame.len() as u64));
        }
        match u16::from_be_bytes([reader.frame[MAGIC.len()], reader.frame[MAGIC.len() + 1]]) {
            VERSION => {}
            newer if newer > VERSION => return Err(StreamError::Newer(newer)),
            _ => return Err(StreamError::NotABackup),
        }
        reader.seal.cover(&reader.frame);
        Ok(reader)
    }

    /// Reads the next frame, which must be there, and says what it is.
    pub(super) fn next(&mut self) -> Result<Tag, StreamError> {
        self.before = self.seal.clone();
        self.frame.clear();
        self.demand(LEAD)?;
        let length = u32::from_be_bytes([self.frame[1], self.frame[2], self.frame[3], self.frame[4]]) as usize;
        let Some(tag) = Tag::ALL.into_iter().find(|tag| tag.byte() == self.frame[0]) else {
            return Err(self.damaged("there is no such frame"));
        };
        if length > LONGEST {
            return Err(self.damaged("there is no frame so long"));
        }
        self.demand(LEAD + length)?;
        self.seal.cover(&self.frame);
        let checksum = self.seal.checksum();
        self.demand(LEAD + length + CHECKSUM)?;
        if self.frame[LEAD + length..] != checksum {
            return Err(self.damaged("the checksum is wrong"));
        }
        self.seal.cover(&checksum);
        Ok(tag)
    }

    /// What is in that frame.
    pub(super) fn content(&self) -> &[u8] {
        &self.frame[LEAD..self.frame.len() - CHECKSUM]
    }

    /// Makes sure that nothing follows.
    pub(super) fn end(&mut self) -> Result<(), StreamError> {
        let mut more = [0];
        let read = loop {
            match self.source.read(&mut more) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read.map_err(StreamError::Read)?,
            }
        };
        if read == 0 { Ok(()) } else { Err(self.damaged("something follows the end")) }
    }

    /// The SHA-256 of everything before the frame that was read last.
    pub(super) fn hash_before(&self) -> [u8; 32] {
        self.before.hash()
    }

    /// What was read last, the beginning or a frame, as it came.
    pub(super) fn raw(&self) -> &[u8] {
        &self.frame
    }

    /// How many bytes were read.
    pub(super) const fn bytes(&self) -> u64 {
        self.seal.bytes
    }

    /// What is wrong with the frame that was read last.
    pub(super) fn damaged(&self, reason: impl ToString) -> StreamError {
        let (from, length) = (self.before.bytes, self.frame.len() as u64);
        StreamError::Damaged { from, length, reason: reason.to_string() }
    }

    /// Reads on until the frame has so many bytes.
    fn demand(&mut self, length: usize) -> Result<(), StreamError> {
        match self.fill(length) {
            Ok(true) => Ok(()),
            Ok(false) => Err(StreamError::BrokenOff(self.before.bytes + self.frame.len() as u64)),
            Err(error) => Err(StreamError::Read(error)),
        }
    }

    /// The same; `false` where there is no more. What is read decides how much memory is taken, not what is promised.
    fn fill(&mut self, length: usize) -> io::Result<bool> {
        let missing = (length - self.frame.len()) as u64;
        match (&mut self.source).take(missing).read_to_end(&mut self.frame) {
            Ok(_) => Ok(self.frame.len() == length),
            // Whoever gave it is gone.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(false),
            Err(error) => Err(error),
        }
    }
}
