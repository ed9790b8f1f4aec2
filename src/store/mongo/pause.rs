//! Pauses between attempts, so that those who collided do not collide again.

use std::time::Duration;

use tokio::time::sleep;
use uuid::Uuid;

/// The longest pause, in milliseconds.
const LONGEST: u64 = 64;

/// Waits before an attempt that is not the first: about twice as long each time, and not as long as anybody else.
pub(super) async fn before(attempt: u32) {
    if attempt == 0 {
        return;
    }
    let longest = LONGEST.min(1 << attempt.min(16));
    // Half of it, and up to as much again. Half as many bits as a UUID has would do.
    let micros = longest * 500 + Uuid::new_v4().as_u64_pair().1 % (longest * 500);
    sleep(Duration::from_micros(micros)).await;
}
