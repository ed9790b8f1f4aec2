//! What a server holds, and how soon it answers somebody new, while something else goes on.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::scope;
use std::time::{Duration, Instant};

use super::super::http::Request;
use super::super::measure::{Held, held};

/// How often is looked what a server holds.
const EACH: Duration = Duration::from_secs(1);

/// How long is waited after one probe for the next.
const PAUSE: Duration = Duration::from_millis(10);

/// How long probes took, in milliseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Probes {
    pub(super) took: Vec<f64>,
    /// Those that got no answer.
    pub(super) lost: u64,
}

impl Probes {
    pub(super) fn add(&mut self, others: Self) {
        self.took.extend(others.took);
        self.lost += others.lost;
    }

    /// What so many of a hundred did not exceed.
    pub(super) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.took.clone();
        sorted.sort_by(f64::total_cmp);
        let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(at).copied().unwrap_or(f64::INFINITY)
    }
}

/// Does something, and asks for `/healthz` meanwhile, over a connection of its own each time.
pub(super) fn probed<T>(port: u16, work: impl FnOnce() -> T) -> (T, Probes) {
    let mut probes = Probes::default();
    let done = meanwhile(PAUSE, work, || {
        let start = Instant::now();
        match Request::get("/healthz").send(port, "") {
            Ok(_) => probes.took.push(start.elapsed().as_secs_f64() * 1000.0),
            Err(_) => probes.lost += 1,
        }
    });
    (done, probes)
}

/// Does something, and gives the most that a server held meanwhile of each thing.
pub(super) fn watched<T>(process: u32, work: impl FnOnce() -> T) -> (T, Option<Held>) {
    let mut peak: Option<Held> = None;
    let done = meanwhile(EACH, work, || {
        let most = |one: Held, other: Held| Held {
            bytes: one.bytes.max(other.bytes),
            files: one.files.max(other.files),
            threads: one.threads.max(other.threads),
        };
        peak = match (peak, held(process)) {
            (Some(peak), Some(held)) => Some(most(peak, held)),
            (peak, held) => peak.or(held),
        };
    });
    (done, peak)
}

/// Does something, and something else again and again until it is done.
fn meanwhile<T>(pause: Duration, work: impl FnOnce() -> T, mut again: impl FnMut() + Send) -> T {
    let (going_on, over) = channel::<()>();
    scope(|threads| {
        threads.spawn(move || {
            loop {
                again();
                if over.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        });
        let done = work();
        drop(going_on);
        done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_numbers() {
        let probes = Probes { took: (1..=200).rev().map(f64::from).collect(), lost: 0 };
        for (percent, number) in [(50, 100.0), (99, 198.0), (100, 200.0)] {
            assert_eq!(probes.percentile(percent), number);
        }
        assert_eq!(Probes::default().percentile(99), f64::INFINITY);
    }

    #[test]
    fn what_goes_on_meanwhile_ends_with_the_work() {
        let mut count = 0;
        meanwhile(Duration::from_millis(1), || std::thread::sleep(Duration::from_millis(50)), || count += 1);
        assert!(count > 1, "{count}");
    }

    #[test]
    fn this_process_is_watched() {
        let (done, peak) = watched(std::process::id(), || 7);
        assert!(done == 7 && peak.is_some_and(|peak| peak.bytes > 0));
    }
}
