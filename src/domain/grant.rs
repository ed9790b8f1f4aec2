//! What the holder of a credential may do.

use super::Key;

/// How far a credential reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Reading documents.
    Read,
    /// Reading and writing them.
    #[default]
    Write,
}

/// What the holder of a credential may do: documents under keys that begin with a prefix. With both at their widest, it
/// is everything that the account may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// Reading, or writing as well.
    pub scope: Scope,
    /// Only keys that begin with this; empty for all.
    pub prefix: String,
}

impl Grant {
    /// Whether it is everything that the account may: only then is the account itself within reach.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.scope == Scope::Write && self.prefix.is_empty()
    }

    /// Whether the document under a key may be read.
    #[must_use]
    pub fn reads(&self, key: &Key) -> bool {
        key.as_str().starts_with(&self.prefix)
    }

    /// The prefix of what may be read among the keys that begin with `prefix`; `None` where that is nothing.
    #[must_use]
    pub fn within<'p>(&'p self, prefix: &'p str) -> Option<&'p str> {
        if prefix.starts_with(&self.prefix) {
            Some(prefix)
        } else {
            self.prefix.starts_with(prefix).then_some(self.prefix.as_str())
        }
    }

    /// Whether the document under a key may be written.
    #[must_use]
    pub fn writes(&self, key: &Key) -> bool {
        self.scope == Scope::Write && self.reads(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_grant_reaches_no_further() {
        let key = |text| Key::parse(text).expect("a key");
        for (scope, prefix, reads, writes, is_full) in [
            (Scope::Write, "", true, true, true),
            (Scope::Read, "", true, false, false),
            (Scope::Write, "a.", true, true, false),
            (Scope::Read, "a.", true, false, false),
            (Scope::Write, "b", false, false, false),
            (Scope::Write, "a.bc", false, false, false),
        ] {
            let grant = Grant { scope, prefix: prefix.to_owned() };
            let what = (grant.reads(&key("a.b")), grant.writes(&key("a.b")), grant.is_full());
            assert_eq!(what, (reads, writes, is_full), "{grant:?}");
        }
    }

    #[test]
    fn of_two_prefixes_the_longer_counts_where_it_begins_with_the_other() {
        for (granted, asked, both) in [
            ("", "", Some("")),
            ("", "a", Some("a")),
            ("a.", "", Some("a.")),
            ("a.", "a", Some("a.")),
            ("a.", "a.", Some("a.")),
            ("a.", "a.b", Some("a.b")),
            ("a.", "b", None),
            ("a.b", "a.c", None),
        ] {
            let grant = Grant { prefix: granted.to_owned(), ..Grant::default() };
            assert_eq!(grant.within(asked), both, "{granted:?} and {asked:?}");
        }
    }
}
