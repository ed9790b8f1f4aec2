//! Several operations at once: who works them out.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::EmbeddedStore;
use super::changes;
use super::fault::unavailable;
use crate::domain::{AccountId, Key, Timestamp};
use crate::store::{Operation, Outcome, Result, StoreError};

/// How often what takes long begins again when somebody was faster. After that the writer works it out, which nobody overtakes,
/// and the others wait for it once.
const ATTEMPTS: usize = 4;

/// How long it may have to wait for its turn.
const PATIENCE: Duration = Duration::from_secs(4);

/// What takes long is done by so many at once, so that reading does not suffer.
pub(super) fn heavy() -> Semaphore {
    Semaphore::new(2)
}

/// See [`Store::apply_all`](crate::store::Store::apply_all).
pub(super) async fn apply(
    store: &EmbeddedStore,
    account: AccountId,
    operations: Arc<[Operation]>,
    now: Timestamp,
) -> Result<Vec<Outcome>> {
    let bytes = changes::weight(&operations)?;
    if store.read(|snapshot| changes::are_light(snapshot, account, &operations, now))? {
        return store.queue.write(bytes, move |tables| changes::apply(tables, account, &operations, now)).await;
    }
    let turn = timeout(PATIENCE, store.heavy.acquire()).await;
    let _turn = turn.map_err(|_| unavailable("too many large changes"))?.map_err(unavailable)?;
    for _ in 0..ATTEMPTS {
        let these = Arc::clone(&operations);
        let prepared = store.scan(move |snapshot| changes::prepare(snapshot, account, &these, now)).await;
        let (plan, outcomes) = prepared?;
        if !plan.writes() {
            return Ok(outcomes);
        }
        match store.queue.write(bytes, move |tables| changes::settle(tables, account, &plan, now)).await {
            Ok(()) => return Ok(outcomes),
            Err(StoreError::Precondition(_)) => {}
            Err(other) => return Err(other),
        }
    }
    store.queue.write(bytes, move |tables| changes::apply(tables, account, &operations, now)).await
}

/// See [`Store::delete_all`](crate::store::Store::delete_all).
pub(super) async fn delete(store: &EmbeddedStore, account: AccountId, keys: &[Key], now: Timestamp) -> Result<u64> {
    let mut left = keys.to_vec();
    let mut all = 0;
    while !left.is_empty() {
        let (seen, deleted, rest) = store
            .queue
            .write(0, move |tables| {
                let (seen, deleted) = changes::delete_some(tables, account, &left, now)?;
                Ok((seen, deleted, left.split_off(seen)))
            })
            .await?;
        all += deleted;
        left = if seen == 0 { Vec::new() } else { rest };
    }
    Ok(all)
}
