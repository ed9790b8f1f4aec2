//! Doing the same for every account, several at a time.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::scope;

use crate::step::{Failure, Result};

/// How many at a time: enough for writes to share what durability costs.
const THREADS: usize = 16;

/// What `make` gives for each number below `count`, in order; the failure of one is that of all.
pub(crate) fn in_parallel<T: Send>(count: u32, make: impl Fn(u32) -> Result<T> + Sync) -> Result<Vec<T>> {
    let next = AtomicU32::new(0);
    let done: Mutex<Vec<(u32, T)>> = Mutex::new(Vec::new());
    let failure: Mutex<Option<Failure>> = Mutex::new(None);
    let worker = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return;
            }
            match make(number) {
                Ok(made) => done.lock().unwrap_or_else(PoisonError::into_inner).push((number, made)),
                Err(reason) => {
                    // Nobody need go on.
                    next.store(count, Ordering::Relaxed);
                    *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
                    return;
                }
            }
        }
    };
    scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(worker);
        }
    });
    if let Some(reason) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(reason);
    }
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, made)| made).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::told;

    #[test]
    fn all_come_in_order() {
        let made = in_parallel(100, |number| Ok(number * 2)).expect("nothing fails");
        assert_eq!(made, (0..100).map(|number| number * 2).collect::<Vec<_>>());
        assert!(in_parallel(0, Ok).expect("nothing fails").is_empty());
    }

    #[test]
    fn the_failure_of_one_is_that_of_all() {
        let made = in_parallel(100, |number| if number == 50 { told("fifty") } else { Ok(number) });
        assert_eq!(made.map_err(|failure| failure.to_string()), Err("fifty".to_owned()));
    }
}
