//! What hashing a password costs this machine.

use std::time::{Duration, Instant};

/// A cost that takes some milliseconds, from which all others follow.
const SMALL: u32 = 8;

/// How often it is tried; the fastest counts, because everything else only ever makes it slower.
const ATTEMPTS: usize = 3;

/// How long it takes to hash or to verify a password at this cost of bcrypt: measured at a small one, since each more takes
/// twice as long. `None` where bcrypt refuses to work.
#[must_use]
pub fn time_of_hashing(cost: u32) -> Option<Duration> {
    let mut fastest = Duration::MAX;
    for _ in 0..ATTEMPTS {
        let start = Instant::now();
        bcrypt::hash("password", SMALL).ok()?;
        fastest = fastest.min(start.elapsed());
    }
    let scale = 2_f64.powi(cost.cast_signed() - SMALL.cast_signed());
    Duration::try_from_secs_f64(fastest.as_secs_f64() * scale).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_that_is_never_tried_is_known() {
        let time = time_of_hashing(31).expect("a time");
        assert!(time > Duration::from_secs(60), "{time:?}");
        assert!(time_of_hashing(4).is_some_and(|short| short < time));
    }
}
