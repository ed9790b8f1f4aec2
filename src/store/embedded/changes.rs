//! Changes, and several operations at once: worked out on what is there, and carried out as a whole.
//!
//! * The writer does light ones itself, so that many who change one document share a commit.
//! * One that takes longer would hold up everybody. It is worked out on a snapshot, on a thread of its own, and the writer
//!   carries it out if what it began with is still there; otherwise it begins again.

use redb::ReadableTable;

use super::documents;
use super::fault::Fault;
use super::housekeeping::Budget;
use super::snapshot::Snapshot;
use super::tables::Tables;
use crate::domain::{AccountId, Key, Precondition, Timestamp};
use crate::store::plan::{self, Plan, Step};
use crate::store::{Action, Operation, Outcome, Result as StoreResult, StoreError, Write};

/// How much work the writer does itself, in bytes that are looked at: about a millisecond.
const LIGHT: usize = 256 * 1024;

/// Whether the writer is to do it.
pub(super) fn are_light(
    snapshot: &Snapshot,
    account: AccountId,
    operations: &[Operation],
    now: Timestamp,
) -> Result<bool, Fault> {
    let mut left = LIGHT;
    for operation in operations {
        // A value that is written on the way counts with the operation that brings it.
        let bytes =
            documents::live_head(&snapshot.documents, account, &operation.key, now)?.map_or(0, |head| head.length());
        let work = match &operation.action {
            Action::Get => Some(bytes),
            Action::Put(write) => Some(write.value.as_stored().len()),
            Action::Change(change) => change.work(bytes),
            Action::Delete => Some(0),
        };
        match work.and_then(|work| left.checked_sub(work)) {
            Some(rest) => left = rest,
            None => return Ok(false),
        }
    }
    Ok(true)
}

/// Does it all, as the writer.
pub(super) fn apply(
    tables: &mut Tables<'_>,
    account: AccountId,
    operations: &[Operation],
    now: Timestamp,
) -> Result<Vec<Outcome>, Fault> {
    let is_there = tables.accounts.get(account.as_bytes())?.is_some();
    let mut plan = Plan::default();
    for key in plan::keys(operations) {
        // What an erasure has not removed yet is gone all the same.
        let document = if is_there { documents::get_to_write(tables, account, &key, now)? } else { None };
        plan.begin_with(key, document)?;
    }
    let outcomes = plan.add_all(operations, now)?;
    if plan.writes() {
        settle(tables, account, &plan, now)?;
    }
    Ok(outcomes)
}

/// Works it out without doing it.
pub(super) fn prepare(
    snapshot: &Snapshot,
    account: AccountId,
    operations: &[Operation],
    now: Timestamp,
) -> Result<(Plan, Vec<Outcome>), Fault> {
    let mut plan = Plan::default();
    for key in plan::keys(operations) {
        let document = documents::get(snapshot, account, &key, now)?;
        plan.begin_with(key, document)?;
    }
    let outcomes = plan.add_all(operations, now)?;
    Ok((plan, outcomes))
}

/// Does what was worked out. Refused with [`StoreError::Precondition`] when something else is there by now.
pub(super) fn settle(tables: &mut Tables<'_>, account: AccountId, plan: &Plan, now: Timestamp) -> Result<(), Fault> {
    if tables.accounts.get(account.as_bytes())?.is_none() {
        return Err(StoreError::AccountGone.into());
    }
    for Step { key, before, .. } in plan.steps() {
        let present = documents::live_head(&tables.documents, account, key, now)?;
        if present.map(|head| head.revision) != before.map(|document| document.revision) {
            return Err(StoreError::Precondition(None).into());
        }
    }
    carry_out(tables, account, plan, now)
}

/// Nothing here is refused any more, so that either all of it is done or the transaction fails.
fn carry_out(tables: &mut Tables<'_>, account: AccountId, plan: &Plan, now: Timestamp) -> Result<(), Fault> {
    for Step { key, after, .. } in plan.steps() {
        match after {
            Some(Some(document)) => {
                documents::put(tables, account, key, &Write::from(document), &Precondition::None, now)?;
            }
            Some(None) => drop(documents::delete(tables, account, key, &Precondition::None, now)?),
            None => {}
        }
    }
    Ok(())
}

/// Removes the first of these, as many as one transaction may, and tells how many it looked at and how many were live.
pub(super) fn delete_some(
    tables: &mut Tables<'_>,
    account: AccountId,
    keys: &[Key],
    now: Timestamp,
) -> Result<(usize, u64), Fault> {
    let mut budget = Budget::new();
    let (mut seen, mut deleted) = (0, 0);
    for key in keys {
        if budget.is_spent() {
            break;
        }
        let head = documents::live_head(&tables.documents, account, key, now)?;
        budget.spend(head.map_or(0, |head| head.length()));
        deleted += u64::from(documents::delete(tables, account, key, &Precondition::None, now)?);
        seen += 1;
    }
    Ok((seen, deleted))
}

/// How many bytes these bring.
pub(super) fn weight(operations: &[Operation]) -> StoreResult<usize> {
    let mut bytes = 0;
    for (index, operation) in operations.iter().enumerate() {
        let Action::Put(write) = &operation.action else { continue };
        let length = write.value.as_stored().len();
        if length > documents::MAX_VALUE_BYTES {
            return Err(StoreError::Operation { index, reason: Box::new(StoreError::TooLarge) });
        }
        bytes += length;
    }
    Ok(bytes)
}
