//! A clock that stands still until a test sets it.

use std::sync::atomic::{AtomicI64, Ordering};

use keybin::domain::{Clock, Timestamp};

/// A clock in the hand of a test. It starts at a moment that is well ahead of the machine's own clock, so that
/// whoever looks at the wrong one is found out.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    /// 2040-01-02T03:04:05.678Z.
    pub(crate) const START: Timestamp = Timestamp::from_millis(2_209_086_245_678);

    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(Self::START.as_millis()))
    }

    /// Sets the clock and gives the new present.
    pub(crate) fn set(&self, now: Timestamp) -> Timestamp {
        self.0.store(now.as_millis(), Ordering::SeqCst);
        now
    }

    /// Moves the clock and gives the new present.
    pub(crate) fn advance(&self, millis: i64) -> Timestamp {
        self.set(Timestamp::from_millis(self.now().as_millis() + millis))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
