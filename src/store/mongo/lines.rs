//! Lines of those who want to change the same document: one task works for all who stand in a line, so that they share
//! the way to the database instead of being in each other's way.
//!
//! It is for speed alone. What keeps a change from being lost is the revision, by which other processes are felt too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::Batches;

/// The lines, by what they wait for.
pub(super) struct Lines<J> {
    lines: Mutex<HashMap<String, Vec<J>>>,
    counts: Batches,
}

/// Whoever works for a line. The line goes with it.
pub(super) struct Worker<J> {
    lines: Arc<Lines<J>>,
    place: String,
    open: bool,
}

impl<J> Lines<J> {
    pub(super) fn new(counts: Batches) -> Arc<Self> {
        Arc::new(Self { lines: Mutex::default(), counts })
    }

    /// Joins a line. Whoever is the first in it is given the work.
    pub(super) fn join(self: &Arc<Self>, place: String, job: J) -> Option<Worker<J>> {
        self.counts.waiting.inc();
        let mut lines = self.lock();
        if let Some(line) = lines.get_mut(&place) {
            line.push(job);
            return None;
        }
        lines.insert(place.clone(), vec![job]);
        Some(Worker { lines: Arc::clone(self), place, open: true })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<J>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> Worker<J> {
    /// The first of those who wait, `most` at most. `None` when nobody does: then the line is closed.
    pub(super) fn next(&mut self, most: usize) -> Option<Vec<J>> {
        let mut lines = self.lines.lock();
        let line = lines.get_mut(&self.place)?;
        if line.is_empty() {
            lines.remove(&self.place);
            self.open = false;
            return None;
        }
        let rest = line.split_off(most.min(line.len()));
        let group = std::mem::replace(line, rest);
        drop(lines);
        self.lines.counts.taken(group.len());
        Some(group)
    }
}

impl<J> Drop for Worker<J> {
    /// Whoever still waits is let go when the work was broken off. The next who comes begins a new line.
    fn drop(&mut self) {
        if self.open {
            let left = self.lines.lock().remove(&self.place);
            self.lines.counts.waiting.dec_by(left.as_ref().map_or(0, Vec::len) as i64);
            drop(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_works_for_all_until_nobody_waits() {
        let lines = Lines::new(Batches::default());
        let mut worker = lines.join("a".to_owned(), 1).expect("the first");
        assert!(lines.join("a".to_owned(), 2).is_none());
        assert!(lines.join("b".to_owned(), 9).is_some());
        assert_eq!(worker.next(1), Some(vec![1]));
        assert!(lines.join("a".to_owned(), 3).is_none());
        assert_eq!(worker.next(9), Some(vec![2, 3]));
        assert_eq!(worker.next(9), None);
        let next = lines.join("a".to_owned(), 4).expect("the first of a new line");
        drop(worker);
        assert!(lines.join("a".to_owned(), 5).is_none(), "the next line went with the worker of the one before");
        drop(next);
    }

    #[test]
    fn a_line_ends_with_its_worker() {
        let lines = Lines::new(Batches::default());
        drop(lines.join("a".to_owned(), 1));
        assert!(lines.join("a".to_owned(), 2).is_some());
    }
}
