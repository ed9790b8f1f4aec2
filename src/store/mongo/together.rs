//! Jobs that go out together: what arrives while others are under way waits for them to come back, and then goes at once.
//!
//! * Nothing waits for company: a job that finds nobody at work is taken alone. There is no timer.
//! * One worker at a time makes the largest groups, which cost least. Where one takes long, because the database is far
//!   away or a command is stuck, others go to work beside it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::store::Batches;

/// From when on a group takes long: several times what a command takes on a busy server nearby.
const LONG: Duration = Duration::from_millis(20);

/// Jobs that wait, and how many work on those that do not.
pub(super) struct Together<J> {
    state: Mutex<State<J>>,
    /// The most who work at the same time.
    workers: usize,
    counts: Batches,
}

struct State<J> {
    waiting: VecDeque<J>,
    at_work: usize,
    /// When somebody last took a group.
    last_taken: Instant,
}

/// Whoever carries jobs out, until nobody waits.
pub(super) struct Worker<J> {
    jobs: Arc<Together<J>>,
    at_work: bool,
}

impl<J> Together<J> {
    pub(super) fn new(workers: usize, counts: Batches) -> Arc<Self> {
        let state = State { waiting: VecDeque::new(), at_work: 0, last_taken: Instant::now() };
        Arc::new(Self { state: Mutex::new(state), workers, counts })
    }

    /// Adds a job, which comes at `now`. Where a worker is wanted, the caller is given one to set to work.
    pub(super) fn join(self: &Arc<Self>, job: J, now: Instant) -> Option<Worker<J>> {
        self.counts.waiting.inc();
        let mut state = self.lock();
        state.waiting.push_back(job);
        let is_wanted = match state.at_work {
            0 => true,
            at_work => at_work < self.workers && now.saturating_duration_since(state.last_taken) > LONG,
        };
        if !is_wanted {
            return None;
        }
        state.at_work += 1;
        state.last_taken = now;
        Some(Worker { jobs: Arc::clone(self), at_work: true })
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> Worker<J> {
    /// The first of those who wait: `most` at most, and only as long as they weigh no more than `heaviest` together, but
    /// one at least. `None` when nobody waits: then the work is over.
    pub(super) fn next(&mut self, most: usize, heaviest: usize, weight: impl Fn(&J) -> usize) -> Option<Vec<J>> {
        let mut state = self.jobs.lock();
        let mut all = 0;
        let mut fits = |job: &J| {
            all += weight(job);
            all <= heaviest
        };
        let count = state.waiting.iter().take(most).map_while(|job| fits(job).then_some(())).count();
        if state.waiting.is_empty() {
            state.at_work -= 1;
            self.at_work = false;
            return None;
        }
        state.last_taken = Instant::now();
        let group: Vec<J> = state.waiting.drain(..count.max(1)).collect();
        drop(state);
        self.jobs.counts.taken(group.len());
        Some(group)
    }
}

impl<J> Drop for Worker<J> {
    /// Where the work was broken off and nobody else is at it, those who wait are let go.
    fn drop(&mut self) {
        if !self.at_work {
            return;
        }
        let mut state = self.jobs.lock();
        state.at_work -= 1;
        let left = if state.at_work == 0 { std::mem::take(&mut state.waiting) } else { VecDeque::new() };
        drop(state);
        self.jobs.counts.waiting.dec_by(left.len() as i64);
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(1);

    #[test]
    fn what_arrives_meanwhile_goes_together() {
        let (jobs, now, weight) = (Together::new(2, Batches::default()), Instant::now(), |_: &u32| 1);
        let mut worker = jobs.join(1, now).expect("nobody works");
        assert_eq!(worker.next(9, 9, weight), Some(vec![1]));
        for job in 2..=5 {
            assert!(jobs.join(job, now).is_none(), "one works");
        }
        assert_eq!(worker.next(3, 9, weight), Some(vec![2, 3, 4]));
        assert_eq!(worker.next(3, 9, weight), Some(vec![5]));
        assert_eq!(worker.next(3, 9, weight), None);
        assert!(jobs.join(6, now).is_some());
    }

    #[test]
    fn where_one_takes_long_others_help() {
        let (jobs, now, weight) = (Together::new(2, Batches::default()), Instant::now(), |_: &u32| 1);
        let mut one = jobs.join(1, now).expect("nobody works");
        assert_eq!(one.next(9, 9, weight), Some(vec![1]));
        assert!(jobs.join(2, now + SHORT).is_none());
        let later = Instant::now() + LONG + SHORT;
        let mut other = jobs.join(3, later).expect("the one takes long");
        assert!(jobs.join(4, later + LONG + SHORT).is_none(), "two work");
        assert_eq!(other.next(2, 9, weight), Some(vec![2, 3]));
        assert_eq!(one.next(9, 9, weight), Some(vec![4]));
        assert_eq!((one.next(9, 9, weight), other.next(9, 9, weight)), (None, None));
    }

    #[test]
    fn a_heavy_job_goes_with_few_others_or_alone() {
        let (jobs, now) = (Together::new(1, Batches::default()), Instant::now());
        let mut worker = jobs.join(3, now).expect("nobody works");
        for job in [2, 9, 1] {
            assert!(jobs.join(job, now).is_none());
        }
        let weight = |job: &usize| *job;
        assert_eq!(worker.next(9, 5, weight), Some(vec![3, 2]));
        assert_eq!(worker.next(9, 5, weight), Some(vec![9]));
        assert_eq!(worker.next(9, 5, weight), Some(vec![1]));
    }

    #[test]
    fn nobody_waits_for_work_that_was_broken_off() {
        let (jobs, now) = (Together::new(1, Batches::default()), Instant::now());
        let worker = jobs.join(Arc::new(()), now).expect("nobody works");
        let job = Arc::new(());
        assert!(jobs.join(Arc::clone(&job), now).is_none());
        drop(worker);
        assert_eq!(Arc::strong_count(&job), 1, "it still waits");
        assert!(jobs.join(job, now).is_some());
    }
}
