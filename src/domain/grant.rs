//! What the holder of a credential may do.

use thiserror::Error;

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

impl Scope {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// The scope of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// Why no key can begin with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("A prefix must be text that a key can begin with: at most 255 bytes, without control characters or /")]
pub struct InvalidPrefix;

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
    /// A grant for keys that begin with a text, which must be one that a key can begin with.
    ///
    /// # Errors
    /// [`InvalidPrefix`] when no key can begin with it.
    pub fn parse(scope: Scope, prefix: impl Into<String>) -> Result<Self, InvalidPrefix> {
        let prefix = prefix.into();
        let fits = prefix.len() <= Key::MAX_BYTES && !prefix.chars().any(|c| c == '/' || c.is_control());
        if fits { Ok(Self { scope, prefix }) } else { Err(InvalidPrefix) }
    }

    /// Whether it is everything that the account may: only then is the account itself within reach.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.scope == Scope::Write && self.prefix.is_empty()
    }

    /// What keys begin with that begin with `asked` and may be read; `None` where there can be none.
    #[must_use]
    pub fn narrow<'p>(&'p self, asked: &'p str) -> Option<&'p str> {
        if asked.starts_with(&self.prefix) {
            Some(asked)
        } else if self.prefix.starts_with(asked) {
            Some(&self.prefix)
        } else {
            None
        }
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
    fn a_prefix_is_what_a_key_can_begin_with() {
        for good in ["", ".", "..", "a.", "é", " ", &"x".repeat(255)] {
            let grant = Grant::parse(Scope::Read, good).expect("a prefix");
            assert_eq!((grant.scope, grant.prefix.as_str()), (Scope::Read, good));
        }
        for bad in ["/", "a/b", "\n", "\u{85}", &"x".repeat(256), &"é".repeat(128)] {
            assert_eq!(Grant::parse(Scope::Write, bad), Err(InvalidPrefix), "{bad:?}");
        }
    }

    #[test]
    fn what_is_asked_for_never_reaches_beyond_the_grant() {
        for (prefix, asked, expected) in [
            ("", "", Some("")),
            ("", "a", Some("a")),
            ("a.", "", Some("a.")),
            ("a.", "a", Some("a.")),
            ("a.", "a.", Some("a.")),
            ("a.", "a.b", Some("a.b")),
            ("a.", "b", None),
            ("a.", "ab", None),
        ] {
            let grant = Grant { scope: Scope::Read, prefix: prefix.to_owned() };
            assert_eq!(grant.narrow(asked), expected, "{prefix:?} and {asked:?}");
        }
    }

    #[test]
    fn a_scope_comes_back_by_its_name() {
        assert!(Scope::ALL.into_iter().all(|scope| Scope::parse(scope.as_str()) == Some(scope)));
        assert_eq!(Scope::parse("Read"), None);
    }

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
