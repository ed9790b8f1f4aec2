//! A file that is looked at as if it could be written: what redb writes while it checks stays in memory, and the file is as
//! it was.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Bound;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::{BackendError, StorageBackend};

/// What is kept in memory at once where something of it was written.
const BLOCK: u64 = 4096;

/// See the module.
#[derive(Debug)]
pub(super) struct Overlay(Mutex<State>);

#[derive(Debug)]
struct State {
    file: File,
    length: u64,
    /// As far as what the file holds counts; behind that are zeros.
    counts: u64,
    /// Blocks of which something was written, by their number.
    written: BTreeMap<u64, Vec<u8>>,
}

impl Overlay {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self(Mutex::new(State { file, length, counts: length, written: BTreeMap::new() })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What a block holds.
    fn block(&mut self, number: u64) -> io::Result<Vec<u8>> {
        if let Some(written) = self.written.get(&number) {
            return Ok(written.clone());
        }
        let start = number * BLOCK;
        let there = self.counts.saturating_sub(start).min(BLOCK);
        let mut block = vec![0; BLOCK as usize];
        self.file.seek(SeekFrom::Start(start))?;
        self.file.read_exact(&mut block[..there as usize])?;
        Ok(block)
    }
}

/// Each block of a range: its number, and which part of it and of the range is meant.
fn blocks(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, std::ops::Range<usize>)> {
    let end = offset + length as u64;
    (offset / BLOCK..end.div_ceil(BLOCK)).map(move |number| {
        let from = offset.max(number * BLOCK);
        let to = end.min((number + 1) * BLOCK);
        (number, (from - number * BLOCK) as usize, (from - offset) as usize..(to - offset) as usize)
    })
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut state = self.state();
        if offset + out.len() as u64 > state.length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        for (number, within, part) in blocks(offset, out.len()) {
            let block = state.block(number)?;
            out[part.clone()].copy_from_slice(&block[within..within + part.len()]);
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut state = self.state();
        if length < state.length {
            let last = length / BLOCK;
            let mut block = state.block(last)?;
            block[(length % BLOCK) as usize..].fill(0);
            state.counts = state.counts.min(length);
            state.written.retain(|number, _| *number < last);
            state.written.insert(last, block);
        }
        state.length = length;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        for (number, within, part) in blocks(offset, data.len()) {
            let mut block = state.block(number)?;
            block[within..within + part.len()].copy_from_slice(&data[part]);
            state.written.insert(number, block);
        }
        state.length = state.length.max(offset + data.len() as u64);
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.state().file.unlock()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        if (start, end) != (Bound::Unbounded, Bound::Unbounded) {
            return Err(BackendError::Unsupported);
        }
        match self.state().file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Something that is done to a file.
    #[derive(Clone, Debug)]
    enum Deed {
        Write(usize, Vec<u8>),
        SetLen(usize),
    }

    fn deed() -> impl Strategy<Value = Deed> {
        let data = prop::collection::vec(any::<u8>(), 1..6000);
        prop_oneof![
            (0..20_000_usize, data).prop_map(|(at, data)| Deed::Write(at, data)),
            (0..20_000_usize).prop_map(Deed::SetLen),
        ]
    }

    proptest! {
        #[test]
        fn it_looks_as_if_the_file_were_written(
            content in prop::collection::vec(any::<u8>(), 0..15_000),
            deeds in prop::collection::vec(deed(), 0..12),
        ) {
            let file = tempfile::NamedTempFile::new().expect("a file");
            std::fs::write(file.path(), &content).expect("writes");
            let overlay = Overlay::open(file.path()).expect("opens");
            let mut model = content.clone();
            for deed in &deeds {
                match deed {
                    Deed::Write(at, data) => {
                        let end = at + data.len();
                        model.resize(model.len().max(end), 0);
                        model[*at..end].copy_from_slice(data);
                        overlay.write(*at as u64, data).expect("writes");
                    }
                    Deed::SetLen(length) => {
                        model.resize(*length, 0);
                        overlay.set_len(*length as u64).expect("sets the length");
                    }
                }
            }
            prop_assert_eq!(overlay.len().expect("a length"), model.len() as u64);
            let mut all = vec![0; model.len()];
            overlay.read(0, &mut all).expect("reads");
            prop_assert_eq!(&all, &model);
            prop_assert!(overlay.read(0, &mut vec![0; model.len() + 1]).is_err());
            prop_assert_eq!(std::fs::read(file.path()).expect("reads"), content);
        }
    }
}
