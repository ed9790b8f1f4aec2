//! At a glance: what takes the space, by what the keys begin with.

use std::collections::HashMap;

use super::{Documents, Result};
use crate::auth::Principal;
use crate::domain::{Key, KeyRange, Order, Usage};

/// Outlines read from the store at once.
const PAGE: usize = 5000;

/// Prefixes that are counted one by one. Beyond that, the smallest go together, so that memory has a bound.
const COUNTED: usize = 4096;

/// What an account keeps, by prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// All of it.
    pub total: Usage,
    /// The prefixes that take the most, the largest first.
    pub shares: Vec<Share>,
    /// What is under all other prefixes.
    pub rest: Usage,
}

/// What is under one prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// What the keys begin with.
    pub prefix: String,
    /// What is under them.
    pub usage: Usage,
}

impl Documents {
    /// What the caller keeps, with the so many prefixes that take the most.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn glance(&self, caller: &Principal, shares: usize) -> Result<Glance> {
        let mut counted = Counted::default();
        let mut after = None;
        loop {
            let range = KeyRange { prefix: String::new(), after, limit: PAGE, order: Order::Ascending };
            let page = self.outlines(caller, &range, 0).await?;
            for (key, outline) in &page.items {
                counted.add(prefix_of(key), outline.bytes);
            }
            after = page.items.into_iter().next_back().map(|(key, _)| key);
            if !page.more {
                return Ok(counted.largest(shares));
            }
        }
    }
}

/// What a key is counted under: everything up to the first separator, or else up to the first digit.
fn prefix_of(key: &Key) -> &str {
    const SEPARATORS: &[char] = &['.', '_', ',', ':', '-', ' '];
    let text = key.as_str();
    // A separator at the very start leads nothing.
    let behind_first = text.chars().next().map_or(0, char::len_utf8);
    match text[behind_first..].find(SEPARATORS) {
        Some(at) => &text[..=behind_first + at],
        None => {
            let word = text.trim_end_matches(|c: char| c.is_ascii_digit());
            if word.is_empty() { &text[..behind_first] } else { word }
        }
    }
}

#[derive(Default)]
struct Counted {
    by_prefix: HashMap<String, Usage>,
    rest: Usage,
}

impl Counted {
    fn add(&mut self, prefix: &str, bytes: u64) {
        let usage = match self.by_prefix.get_mut(prefix) {
            Some(usage) => usage,
            None => {
                if self.by_prefix.len() >= COUNTED {
                    self.fold();
                }
                self.by_prefix.entry(prefix.to_owned()).or_default()
            }
        };
        usage.documents += 1;
        usage.bytes += bytes;
    }

    /// Keeps the larger half.
    fn fold(&mut self) {
        let Glance { shares, rest, .. } = std::mem::take(self).largest(COUNTED / 2);
        self.by_prefix = shares.into_iter().map(|share| (share.prefix, share.usage)).collect();
        self.rest = rest;
    }

    fn largest(self, shares: usize) -> Glance {
        let mut all: Vec<_> = self.by_prefix.into_iter().map(|(prefix, usage)| Share { prefix, usage }).collect();
        all.sort_by(|a, b| (b.usage.bytes, &a.prefix).cmp(&(a.usage.bytes, &b.prefix)));
        let others = all.split_off(shares.min(all.len()));
        let rest = others.iter().fold(self.rest, |sum, share| plus(sum, share.usage));
        let total = all.iter().fold(rest, |sum, share| plus(sum, share.usage));
        Glance { total, shares: all, rest }
    }
}

const fn plus(a: Usage, b: Usage) -> Usage {
    Usage { documents: a.documents + b.documents, bytes: a.bytes + b.bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_counted_under_what_they_begin_with() {
        for (key, prefix) in [
            ("notes.2024.05", "notes."),
            ("photo_1", "photo_"),
            ("user:7", "user:"),
            ("key12", "key"),
            ("settings", "settings"),
            ("12345", "1"),
            (".hidden", ".hidden"),
            (".a.b", ".a."),
            ("é-1", "é-"),
            ("日記", "日記"),
        ] {
            assert_eq!(prefix_of(&Key::parse(key).expect("a key")), prefix, "{key}");
        }
    }

    #[test]
    fn the_largest_come_first_and_nothing_is_lost() {
        let mut counted = Counted::default();
        for n in 0..3 * COUNTED as u64 {
            counted.add(&format!("p{n}."), n);
            counted.add("big.", 1000);
        }
        let glance = counted.largest(2);
        assert_eq!(glance.shares[0].prefix, "big.");
        assert_eq!(glance.shares.len(), 2);
        let n = 3 * COUNTED as u64;
        assert_eq!(glance.total, Usage { documents: 2 * n, bytes: 1000 * n + n * (n - 1) / 2 });
        let shown = glance.shares.iter().fold(glance.rest, |sum, share| plus(sum, share.usage));
        assert_eq!(shown, glance.total);
        assert_eq!(Counted::default().largest(5), Glance::default());
    }
}
