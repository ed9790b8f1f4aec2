//! The driver's connections, counted by what it tells of them.

use mongodb::event::EventHandler;
use mongodb::event::cmap::CmapEvent;

use crate::store::PoolCounts;

/// Counts what happens to the connections.
pub(super) fn counted(counts: PoolCounts) -> EventHandler<CmapEvent> {
    EventHandler::callback(move |event| note(&counts, &event))
}

fn note(counts: &PoolCounts, event: &CmapEvent) {
    match event {
        CmapEvent::ConnectionCreated(_) => {
            counts.open.inc();
        }
        CmapEvent::ConnectionClosed(_) => {
            counts.open.dec();
        }
        CmapEvent::ConnectionCheckoutStarted(_) => {
            counts.waiting.inc();
        }
        CmapEvent::ConnectionCheckedOut(out) => {
            counts.waiting.dec();
            counts.checked_out.inc();
            counts.waits.observe(out.duration.as_secs_f64());
        }
        CmapEvent::ConnectionCheckoutFailed(_) => {
            counts.waiting.dec();
            counts.failed.inc();
        }
        CmapEvent::ConnectionCheckedIn(_) => {
            counts.checked_out.dec();
        }
        CmapEvent::PoolCleared(_) => {
            counts.cleared.inc();
        }
        _ => {}
    }
}
