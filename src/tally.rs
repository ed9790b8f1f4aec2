//! What things are counted with: handles that have no name and are cheap to clone. Whoever counts has one, and `metrics` has
//! the same under a name.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};

/// How often something happened.
pub type Count = Counter;

/// How many of something there are now.
pub type Level = Gauge;

/// How often something was how large, or took how long.
pub type Spread = Histogram;

/// For what takes from a quarter of a millisecond to five seconds.
#[must_use]
pub fn seconds() -> Spread {
    Spread::new([0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0])
}

/// For how many there are at once: 1, 2, 4, up to 1024.
#[must_use]
pub fn sizes() -> Spread {
    Spread::new(exponential_buckets(1.0, 2.0, 11))
}

/// One more on a level, for as long as this lives.
#[derive(Debug)]
pub struct Held(Level);

impl Held {
    /// Raises the level.
    #[must_use]
    pub fn on(level: &Level) -> Self {
        level.inc();
        Self(level.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}
