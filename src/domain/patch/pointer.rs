//! JSON pointers (RFC 6901): places in a tree.

use std::fmt;

use bson::{Array, Bson};

/// A place: names of members and numbers of elements, from the outside in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pointer(Vec<String>);

impl Pointer {
    /// Reads the spelling of section 3: nothing, or parts that begin with `/`, in which `~1` is `/` and `~0` is `~`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self(Vec::new()));
        }
        text.strip_prefix('/')?.split('/').map(unescape).collect::<Option<_>>().map(Self)
    }

    /// How many parts there are.
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    /// Whether the other place lies within this one.
    pub(super) fn contains(&self, other: &Self) -> bool {
        other.0.len() > self.0.len() && other.0.starts_with(&self.0)
    }

    /// Whether the last part has a character that no name of a member has.
    pub(super) fn has_nul_in_name(&self) -> bool {
        self.0.last().is_some_and(|last| last.contains('\0'))
    }

    /// What is there.
    pub(super) fn find<'t>(&self, tree: &'t Bson) -> Option<&'t Bson> {
        self.0.iter().try_fold(tree, |tree, part| match tree {
            Bson::Document(members) => members.get(part),
            Bson::Array(items) => items.get(index(part)?),
            _ => None,
        })
    }

    /// What is there, to be changed.
    pub(super) fn find_mut<'t>(&self, tree: &'t mut Bson) -> Option<&'t mut Bson> {
        find_mut(&self.0, tree)
    }

    /// Puts a value there: as the whole, as a member in place of the one that was there, or between elements.
    pub(super) fn add(&self, tree: &mut Bson, value: Bson) -> Option<()> {
        let Some((last, parents)) = self.0.split_last() else {
            *tree = value;
            return Some(());
        };
        match find_mut(parents, tree)? {
            Bson::Document(members) => drop(members.insert(last, value)),
            Bson::Array(items) => {
                let at = place(last, items)?;
                items.insert(at, value);
            }
            _ => return None,
        }
        Some(())
    }

    /// Takes away what is there; the whole cannot be taken away.
    pub(super) fn remove(&self, tree: &mut Bson) -> Option<Bson> {
        let (last, parents) = self.0.split_last()?;
        match find_mut(parents, tree)? {
            Bson::Document(members) => members.remove(last),
            Bson::Array(items) => {
                let at = index(last)?;
                (at < items.len()).then(|| items.remove(at))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| write!(f, "/{}", escape(part)))
    }
}

fn find_mut<'t>(parts: &[String], tree: &'t mut Bson) -> Option<&'t mut Bson> {
    parts.iter().try_fold(tree, |tree, part| match tree {
        Bson::Document(members) => members.get_mut(part),
        Bson::Array(items) => items.get_mut(index(part)?),
        _ => None,
    })
}

/// Where in an array an element can be put: before one that is there, or at the end.
fn place(part: &str, items: &Array) -> Option<usize> {
    let at = if part == "-" { items.len() } else { index(part)? };
    (at <= items.len()).then_some(at)
}

/// The number of an element: digits without a leading zero (section 4).
fn index(part: &str) -> Option<usize> {
    let well_formed = part == "0" || !part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit());
    if well_formed { part.parse().ok() } else { None }
}

pub(super) fn escape(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

fn unescape(part: &str) -> Option<String> {
    let mut pieces = part.split('~');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (character, rest) = match piece.as_bytes().first()? {
            b'0' => ('~', &piece[1..]),
            b'1' => ('/', &piece[1..]),
            _ => return None,
        };
        text.push(character);
        text.push_str(rest);
    }
    Some(text)
}
