//! Listings: pages of keys and documents, how many there are, and all of them one after the other.
//!
//! Memory does not grow with the account: a page ends when it weighs enough, and where a filter wants little, when
//! enough was looked at. Whoever goes on from page to page gets everything all the same.

use std::time::{Duration, Instant};

use super::{Documents, Result};
use crate::auth::Principal;
use crate::domain::{Document, Fields, Filter, Key, KeyRange, Order, Query, Stretch};

/// A page ends when its values weigh as much.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// A page ends when so many documents were looked at for it, or for so long.
const PAGE_LOOKS: usize = 10_000;
const PAGE_TIME: Duration = Duration::from_secs(1);

/// How much is read at once where all is wanted.
const AT_ONCE: usize = 1000;

/// Which documents are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only those whose keys begin with this.
    pub prefix: String,
    /// Only those that come after this key in the order.
    pub after: Option<Key>,
    /// Which way.
    pub order: Order,
    /// Only those whose values it wants.
    pub filter: Option<Filter>,
}

impl Wanted {
    /// The next documents; nothing where the caller may read none of them.
    fn range(&self, caller: &Principal, after: Option<Key>, limit: usize) -> Option<KeyRange> {
        let prefix = caller.grant().within(&self.prefix)?.to_owned();
        Some(KeyRange { prefix, after, limit, order: self.order })
    }
}

impl Documents {
    /// At most so many of the caller's keys. A filter counts for nothing here.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn key_page(&self, caller: &Principal, wanted: &Wanted, limit: usize) -> Result<Stretch<Vec<Key>>> {
        let Some(range) = wanted.range(caller, wanted.after.clone(), limit) else { return Ok(nothing()) };
        let page = self.store.list_keys(caller.account(), &range, self.clock.now()).await?;
        let next = page.items.last().filter(|_| page.more).cloned();
        Ok(Stretch { found: page.items, next })
    }

    /// At most so many of the caller's documents, of whose values only these fields are left. There may be fewer, and even
    /// none, although more follow.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn document_page(
        &self,
        caller: &Principal,
        wanted: &Wanted,
        limit: usize,
        fields: Option<&Fields>,
    ) -> Result<Stretch<Vec<(Key, Document)>>> {
        let (start, mut pace, mut looks, mut bytes) = (Instant::now(), Pace::START, PAGE_LOOKS, 0);
        let mut page = Stretch { found: Vec::new(), next: wanted.after.clone() };
        loop {
            // Beyond a full page, one more is looked for, so that `next` leads to something.
            let left = (limit - page.found.len()).max(1);
            let Some(range) = wanted.range(caller, page.next, left) else { return Ok(nothing()) };
            let at_once = if wanted.filter.is_some() { pace.0.min(looks) } else { left };
            let query = Query { range, filter: wanted.filter.clone(), looks: at_once, bytes: PAGE_BYTES - bytes };
            let began = Instant::now();
            let stretch = self.store.list_documents(caller.account(), &query, self.clock.now()).await?;
            pace.adapt(began.elapsed());
            looks = looks.saturating_sub(at_once);
            page.next = stretch.next;
            for (key, mut document) in stretch.found {
                if page.found.len() == limit {
                    page.next = last_of(&page.found);
                    return Ok(page);
                }
                if let Some(fields) = fields {
                    document.value = fields.of(&document.value)?;
                }
                bytes += document.value.as_stored().len();
                page.found.push((key, document));
            }
            let is_full = page.found.len() == limit && page.next == last_of(&page.found);
            let is_enough = bytes >= PAGE_BYTES || looks == 0 || start.elapsed() >= PAGE_TIME;
            if is_full || is_enough || page.next.is_none() {
                return Ok(page);
            }
        }
    }

    /// How many documents are wanted, on all pages together, before `after` as well.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn total(&self, caller: &Principal, wanted: &Wanted) -> Result<u64> {
        let (mut pace, mut total, mut after) = (Pace::START, 0, None);
        loop {
            let Some(range) = wanted.range(caller, after, usize::MAX) else { return Ok(0) };
            let query = Query { looks: pace.0, filter: wanted.filter.clone(), ..range.into() };
            let began = Instant::now();
            let stretch = self.store.count_documents(caller.account(), &query, self.clock.now()).await?;
            pace.adapt(began.elapsed());
            total += stretch.found;
            match stretch.next {
                Some(next) => after = Some(next),
                None => return Ok(total),
            }
        }
    }

    /// All of the caller's keys, in their order.
    #[must_use]
    pub fn every_key(&self, caller: &Principal) -> EveryKey {
        EveryKey { documents: self.clone(), caller: caller.clone(), rest: Some(Wanted::default()) }
    }

    /// All of the caller's documents, in the order of their keys.
    #[must_use]
    pub fn every_document(&self, caller: &Principal) -> EveryDocument {
        EveryDocument { documents: self.clone(), caller: caller.clone(), rest: Some(Wanted::default()) }
    }
}

/// All keys of somebody, page by page.
#[derive(Debug)]
pub struct EveryKey {
    documents: Documents,
    caller: Principal,
    rest: Option<Wanted>,
}

impl EveryKey {
    /// The next keys; `None` at the end.
    ///
    /// # Errors
    /// Those of the store. What was handed out before is not all.
    pub async fn next(&mut self) -> Result<Option<Vec<Key>>> {
        let Some(wanted) = &self.rest else { return Ok(None) };
        let page = self.documents.key_page(&self.caller, wanted, AT_ONCE).await?;
        self.rest = rest(page.next);
        Ok(Some(page.found))
    }
}

/// All documents of somebody, page by page.
#[derive(Debug)]
pub struct EveryDocument {
    documents: Documents,
    caller: Principal,
    rest: Option<Wanted>,
}

impl EveryDocument {
    /// The next documents; `None` at the end.
    ///
    /// # Errors
    /// Those of the store. What was handed out before is not all.
    pub async fn next(&mut self) -> Result<Option<Vec<(Key, Document)>>> {
        let Some(wanted) = &self.rest else { return Ok(None) };
        let page = self.documents.document_page(&self.caller, wanted, AT_ONCE, None).await?;
        self.rest = rest(page.next);
        Ok(Some(page.found))
    }
}

fn rest(next: Option<Key>) -> Option<Wanted> {
    next.map(|next| Wanted { after: Some(next), ..Wanted::default() })
}

fn last_of(found: &[(Key, Document)]) -> Option<Key> {
    found.last().map(|(key, _)| key.clone())
}

const fn nothing<T>() -> Stretch<Vec<T>> {
    Stretch { found: Vec::new(), next: None }
}

/// How many documents the store looks at in one go. Few at first, because nobody knows what they weigh; then as many as
/// it can look at in a moment, so that no look comes near the store's deadline.
struct Pace(usize);

impl Pace {
    const START: Self = Self(100);

    fn adapt(&mut self, took: Duration) {
        const MOMENT: Duration = Duration::from_millis(50);
        const TOO_LONG: Duration = Duration::from_millis(200);
        if took < MOMENT {
            self.0 = (self.0 * 2).min(PAGE_LOOKS);
        } else if took > TOO_LONG {
            self.0 = (self.0 / 2).max(1);
        }
    }
}
