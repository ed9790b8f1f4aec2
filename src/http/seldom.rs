//! What may be worth a warning thousands of times a second, while a queue is full or a database is away. A line for each
//! would cost more than the refusal itself; the access log has them all.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rocket::Request;
use tracing::warn;

/// How long after one warning the next is written at the earliest.
const PAUSE: Duration = Duration::from_secs(1);

/// Writes a warning now and then, for all that there was since the last.
#[derive(Default)]
pub(super) struct Seldom(Mutex<State>);

#[derive(Default)]
struct State {
    last: Option<Instant>,
    untold: u64,
}

impl Seldom {
    /// Warns of this, or counts it for the next warning.
    pub(super) fn warn(request: &Request<'_>, what: impl Display) {
        let untold = request.rocket().state::<Self>().map_or(Some(0), |seldom| seldom.turn(Instant::now()));
        match untold {
            Some(0) => warn!("{what}"),
            Some(untold) => warn!(untold, "{what}"),
            None => {}
        }
    }

    /// Where it is time for a warning: how many there were since the last that nobody was told of.
    fn turn(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.last.is_some_and(|last| now.saturating_duration_since(last) < PAUSE) {
            state.untold += 1;
            return None;
        }
        state.last = Some(now);
        Some(std::mem::take(&mut state.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_in_a_second_are_one_line_and_a_number() {
        let (seldom, start) = (Seldom::default(), Instant::now());
        assert_eq!(seldom.turn(start), Some(0));
        for millisecond in 1..1000 {
            assert_eq!(seldom.turn(start + Duration::from_millis(millisecond)), None);
        }
        assert_eq!(seldom.turn(start + PAUSE), Some(999));
        assert_eq!(seldom.turn(start + 2 * PAUSE), Some(0));
    }
}
