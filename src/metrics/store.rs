//! What the store counts.

use std::fmt;

use prometheus_client::metrics::gauge::ConstGauge;

use super::page::Page;
use crate::store::{Batches, Counts, Failures, Inside, PoolCounts};

pub(super) fn write(page: &mut Page<'_>, counts: &Counts) -> fmt::Result {
    failures(page, &counts.failures)?;
    match &counts.inside {
        Inside::Embedded(within) => {
            batches(page, &[("writes", &within.writes)])?;
            page.one(
                "keybin_embedded_commit_seconds",
                "How long the transactions of the embedded file took until they were durable",
                &within.commits,
            )
        }
        Inside::Mongo(within) => {
            batches(page, &[("lookups", &within.lookups), ("updates", &within.updates), ("changes", &within.changes)])?;
            pool(page, &within.pool)
        }
    }
}

fn failures(page: &mut Page<'_>, failures: &Failures) -> fmt::Result {
    let Failures { unavailable, unknown, damaged } = failures;
    let kinds = [("unavailable", unavailable), ("unknown", unknown), ("internal", damaged)];
    page.several(
        "keybin_store_errors",
        "Operations that the store did not do (unavailable), may or may not have done (unknown), or found damage at (internal)",
        kinds.map(|(kind, count)| ([("kind", kind)], count)),
    )
}

fn batches(page: &mut Page<'_>, batches: &[(&str, &Batches)]) -> fmt::Result {
    page.several(
        "keybin_store_group_size",
        "How many operations the store did together: in one transaction of the file, or in one command to MongoDB",
        batches.iter().map(|(of, batches)| ([("of", *of)], &batches.sizes)),
    )?;
    page.several(
        "keybin_store_waiting",
        "Operations that wait for their turn in the store",
        batches.iter().map(|(of, batches)| ([("of", *of)], &batches.waiting)),
    )
}

fn pool(page: &mut Page<'_>, pool: &PoolCounts) -> fmt::Result {
    let checked_out = pool.checked_out.get();
    let available = pool.open.get().saturating_sub(checked_out).max(0);
    let [checked_out, available] = [checked_out, available].map(ConstGauge::new);
    page.several(
        "keybin_mongodb_connections",
        "Connections to all servers of the MongoDB: those in use, and the others, being established included",
        [([("state", "checked_out")], &checked_out), ([("state", "available")], &available)],
    )?;
    page.one("keybin_mongodb_checkouts_waiting", "Commands that wait for a connection", &pool.waiting)?;
    page.one("keybin_mongodb_checkout_seconds", "How long commands waited for a connection", &pool.waits)?;
    page.one("keybin_mongodb_checkouts_failed", "Commands that got no connection", &pool.failed)?;
    page.one("keybin_mongodb_pools_cleared", "How often all connections to a server were given up", &pool.cleared)
}
