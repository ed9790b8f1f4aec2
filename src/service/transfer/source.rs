//! The lines of a file, read as they come.

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// The lines of a source, none of them longer than is allowed.
pub(super) struct Lines<'s, S> {
    source: &'s mut S,
    number: u64,
    longest: usize,
    broke_off: bool,
}

impl<'s, S: AsyncBufRead + Unpin> Lines<'s, S> {
    /// Begins at the first line.
    pub(super) const fn of(source: &'s mut S, longest: usize) -> Self {
        Self { source, number: 0, longest, broke_off: false }
    }

    /// The next line that is not blank, with its number, or what is wrong with it.
    pub(super) async fn next(&mut self) -> Option<(u64, Result<Vec<u8>, String>)> {
        while !self.broke_off {
            self.number += 1;
            match self.read().await {
                Ok(None) => return None,
                Ok(Some(line)) if line.trim_ascii().is_empty() => {}
                Ok(Some(line)) if line.len() > self.longest => {
                    return Some((self.number, Err(format!("the line is longer than {} bytes", self.longest))));
                }
                Ok(Some(line)) => return Some((self.number, Ok(line))),
                Err(error) => {
                    self.broke_off = true;
                    return Some((self.number, Err(format!("the file broke off here: {error}"))));
                }
            }
        }
        None
    }

    /// The next line without its end. Of one that is too long, only the beginning.
    async fn read(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            let piece = self.source.fill_buf().await?;
            if piece.is_empty() {
                return Ok(Some(line).filter(|line| !line.is_empty()));
            }
            let (taken, is_end) = match piece.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end, true),
                None => (piece.len(), false),
            };
            let room = (self.longest + 1).saturating_sub(line.len());
            line.extend_from_slice(&piece[..taken.min(room)]);
            self.source.consume(taken + usize::from(is_end));
            if is_end {
                return Ok(Some(line));
            }
        }
    }
}
