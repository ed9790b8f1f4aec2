//! Ranges of keys, and the pages they are read in.

use super::{Filter, Key, Username};

/// Which way a listing goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// From the first key to the last.
    #[default]
    Ascending,
    /// From the last key to the first.
    Descending,
}

/// Which keys of an account to list, in bytewise order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRange {
    /// Only keys that begin with this; empty for all.
    pub prefix: String,
    /// Only keys that come after this one in the order, which need not exist.
    pub after: Option<Key>,
    /// At most this many.
    pub limit: usize,
    /// Which way.
    pub order: Order,
}

/// Which documents to look for, and when to stop before all are found.
///
/// A filter that wants little would otherwise read an account from one end to the other before anything is answered, and
/// a page of large values would fill the memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Which keys, and at most how many documents; at least one.
    pub range: KeyRange,
    /// Only documents whose value it wants.
    pub filter: Option<Filter>,
    /// At most so many documents are looked at; at least one.
    pub looks: usize,
    /// The last document that is found is the one with which the values reach this many bytes.
    pub bytes: usize,
}

impl From<KeyRange> for Query {
    /// Everything in the range.
    fn from(range: KeyRange) -> Self {
        Self { range, filter: None, looks: usize::MAX, bytes: usize::MAX }
    }
}

/// What was found on the stretch of keys that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch<T> {
    /// What was found.
    pub found: T,
    /// The key after which there is more to look at; `None` at the end.
    pub next: Option<Key>,
}

/// Which accounts to list, in bytewise order of their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRange {
    /// Only names that begin with this; empty for all.
    pub prefix: String,
    /// Only names that come after this one, which need not exist.
    pub after: Option<Username>,
    /// At most this many.
    pub limit: usize,
}

impl NameRange {
    /// All names after one, as far as the limit.
    #[must_use]
    pub fn after(after: Option<&Username>, limit: usize) -> Self {
        Self { prefix: String::new(), after: after.cloned(), limit }
    }
}

/// A part of a longer listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What was found, in order.
    pub items: Vec<T>,
    /// Whether there was more when the page was read.
    pub more: bool,
}

impl<T> Page<T> {
    /// Makes a page of at most `limit` items from a reading of one more than that.
    #[must_use]
    pub fn from_one_more(mut items: Vec<T>, limit: usize) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        Self { items, more }
    }
}
