//! Listings: the live documents of an account within a range, seen from their heads.
//!
//! A head tells all but the value, so that listing keys costs the same whatever the values weigh.

use std::ops::Bound;

use super::codec::Head;
use super::documents::{is_erasing, load};
use super::fault::{Fault, damaged};
use super::snapshot::Snapshot;
use super::tables::{place, split_place};
use crate::domain::{
    AccountId, Document, Filter, Key, KeyRange, Order, Outline, Page, Query, Stretch, Timestamp, Usage,
};

pub(super) fn keys(
    snapshot: &Snapshot,
    account: AccountId,
    range: &KeyRange,
    now: Timestamp,
) -> Result<Page<Key>, Fault> {
    page(snapshot, account, range, now, |place, _| key_at(place))
}

pub(super) fn documents(
    snapshot: &Snapshot,
    account: AccountId,
    query: &Query,
    now: Timestamp,
) -> Result<Stretch<Vec<(Key, Document)>>, Fault> {
    search(snapshot, account, query, now, |place, head| {
        let document = load(snapshot, place, head)?;
        Ok(wants(query.filter.as_ref(), &document)?.then_some(document))
    })
}

pub(super) fn count(
    snapshot: &Snapshot,
    account: AccountId,
    query: &Query,
    now: Timestamp,
) -> Result<Stretch<u64>, Fault> {
    let range = KeyRange { limit: usize::MAX, ..query.range.clone() };
    let unlimited = Query { range, bytes: usize::MAX, ..query.clone() };
    let Stretch { found, next } = search(snapshot, account, &unlimited, now, |place, head| {
        let is_wanted = query.filter.is_none() || wants(query.filter.as_ref(), &load(snapshot, place, head)?)?;
        Ok(is_wanted.then_some(()))
    })?;
    Ok(Stretch { found: found.len() as u64, next })
}

fn wants(filter: Option<&Filter>, document: &Document) -> Result<bool, Fault> {
    let Some(filter) = filter else { return Ok(true) };
    let wants = document.value.as_bson().and_then(|value| filter.matches(value));
    Ok(wants.map_err(damaged)?)
}

pub(super) fn outlines(
    snapshot: &Snapshot,
    account: AccountId,
    range: &KeyRange,
    value_bytes: u64,
    now: Timestamp,
) -> Result<Page<(Key, Outline)>, Fault> {
    page(snapshot, account, range, now, |place, head| {
        let bytes = head.length() as u64;
        let value = if bytes <= value_bytes { Some(load(snapshot, place, head)?.value) } else { None };
        let Head { revision, created_at, modified_at, expires_at, .. } = head;
        Ok((key_at(place)?, Outline { bytes, value, revision, created_at, modified_at, expires_at }))
    })
}

pub(super) fn usage(snapshot: &Snapshot, account: AccountId, now: Timestamp) -> Result<Usage, Fault> {
    let everything = KeyRange { prefix: String::new(), after: None, limit: usize::MAX, order: Order::Ascending };
    let mut usage = Usage::default();
    walk(snapshot, account, &everything, now, |_, head| {
        usage.documents += 1;
        usage.bytes += head.length() as u64;
        Ok(Step::On)
    })?;
    Ok(usage)
}

/// What `take` makes of each live document of a range, as far as its limit.
fn page<T>(
    snapshot: &Snapshot,
    account: AccountId,
    range: &KeyRange,
    now: Timestamp,
    take: impl Fn(&[u8], Head) -> Result<T, Fault>,
) -> Result<Page<T>, Fault> {
    let mut items = Vec::new();
    walk(snapshot, account, range, now, |place, head| {
        items.push(take(place, head)?);
        Ok(if items.len() > range.limit { Step::Enough } else { Step::On })
    })?;
    Ok(Page::from_one_more(items, range.limit))
}

/// What `take` makes of the live documents of a query, of those that it wants, as far as the limits of the query.
fn search<T>(
    snapshot: &Snapshot,
    account: AccountId,
    query: &Query,
    now: Timestamp,
    take: impl Fn(&[u8], Head) -> Result<Option<T>, Fault>,
) -> Result<Stretch<Vec<(Key, T)>>, Fault> {
    let mut found: Vec<(Key, T)> = Vec::new();
    let (mut looks, mut bytes, mut last, mut next) = (0, 0, None, None);
    walk(snapshot, account, &query.range, now, |place, head| {
        if looks == query.looks || bytes >= query.bytes {
            next = last.take();
            return Ok(Step::Enough);
        }
        looks += 1;
        let key = key_at(place)?;
        if let Some(item) = take(place, head)? {
            if found.len() == query.range.limit {
                next = found.last().map(|(key, _)| key.clone());
                return Ok(Step::Enough);
            }
            bytes += head.length();
            found.push((key.clone(), item));
        }
        last = Some(key);
        Ok(Step::On)
    })?;
    Ok(Stretch { found, next })
}

/// Whether a walk goes on.
enum Step {
    On,
    Enough,
}

/// Goes through the live documents of a range.
fn walk(
    snapshot: &Snapshot,
    account: AccountId,
    range: &KeyRange,
    now: Timestamp,
    mut visit: impl FnMut(&[u8], Head) -> Result<Step, Fault>,
) -> Result<(), Fault> {
    if is_erasing(snapshot, account)? {
        return Ok(());
    }
    let (start, end) = bounds(account, range);
    if is_empty(&start, &end) {
        return Ok(());
    }
    let entries = snapshot.documents.range::<&[u8]>((as_slice(&start), as_slice(&end)))?;
    let entries: Box<dyn Iterator<Item = _>> = match range.order {
        Order::Ascending => Box::new(entries),
        Order::Descending => Box::new(entries.rev()),
    };
    for entry in entries {
        let (place, record) = entry?;
        let (head, _) = Head::read(place.value(), record.value())?;
        if head.is_live(now)
            && let Step::Enough = visit(place.value(), head)?
        {
            break;
        }
    }
    Ok(())
}

/// Where a range begins and ends in the table.
fn bounds(account: AccountId, range: &KeyRange) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let first = place(account, &range.prefix);
    let end = successor(&first).map_or(Bound::Unbounded, Bound::Excluded);
    let after = range.after.as_ref().map(|key| place(account, key.as_str()));
    match (range.order, after) {
        (Order::Ascending, Some(after)) if after >= first => (Bound::Excluded(after), end),
        (Order::Descending, Some(after)) if !is_beyond(&after, &end) => {
            (Bound::Included(first), Bound::Excluded(after))
        }
        _ => (Bound::Included(first), end),
    }
}

/// The least place that comes after everything that begins with `prefix`.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

fn is_beyond(place: &[u8], end: &Bound<Vec<u8>>) -> bool {
    matches!(end, Bound::Excluded(end) if *place > **end)
}

/// redb refuses ranges that end before they begin.
fn is_empty(start: &Bound<Vec<u8>>, end: &Bound<Vec<u8>>) -> bool {
    match (start, end) {
        (Bound::Included(start) | Bound::Excluded(start), Bound::Excluded(end)) => start >= end,
        _ => false,
    }
}

fn as_slice(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    bound.as_ref().map(Vec::as_slice)
}

fn key_at(place: &[u8]) -> Result<Key, Fault> {
    let (_, key) = split_place(place)?;
    Ok(Key::parse(key).map_err(damaged)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_successor_ends_a_prefix() {
        for (prefix, end) in [
            (&b"a"[..], Some(&b"b"[..])),
            (b"a\xff", Some(b"b")),
            (b"\xff\xff", None),
            (b"", None),
            (b"az", Some(b"a{")),
        ] {
            assert_eq!(successor(prefix).as_deref(), end, "{prefix:?}");
        }
    }
}
