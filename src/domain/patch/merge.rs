//! JSON merge patch (RFC 7396).

use std::collections::HashSet;
use std::fmt;
use std::mem;

use bson::{Bson, Document};

use crate::domain::value::size;

/// Any JSON: an object says which members to set and, by null, which to remove; anything else takes the place of what
/// was there.
#[derive(Clone, PartialEq)]
pub struct MergePatch(Bson);

impl MergePatch {
    pub(super) const fn new(patch: Bson) -> Self {
        Self(patch)
    }

    /// Merges it into a value, or into nothing.
    pub(super) fn apply(&self, target: Option<Bson>) -> Bson {
        merge(target, &self.0)
    }

    pub(super) fn size(&self) -> usize {
        size(&self.0)
    }
}

/// Shows nothing: the patch is as much somebody's as the value is.
impl fmt::Debug for MergePatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MergePatch").finish_non_exhaustive()
    }
}

/// `MergePatch(Target, Patch)` of section 2. It goes as deep as the patch does, and that is limited.
fn merge(target: Option<Bson>, patch: &Bson) -> Bson {
    let Bson::Document(changes) = patch else { return patch.clone() };
    let mut members = match target {
        Some(Bson::Document(members)) => members,
        _ => Document::new(),
    };
    for (name, change) in changes.iter().filter(|(_, change)| **change != Bson::Null) {
        match members.get_mut(name) {
            Some(member) => {
                let before = mem::replace(member, Bson::Null);
                *member = merge(Some(before), change);
            }
            None => drop(members.insert(name, merge(None, change))),
        }
    }
    // At once: each removal by itself would move all that comes after.
    let removed: HashSet<&str> =
        changes.iter().filter(|(_, change)| **change == Bson::Null).map(|(name, _)| name.as_str()).collect();
    if !removed.is_empty() {
        members = members.into_iter().filter(|(name, _)| !removed.contains(name.as_str())).collect();
    }
    Bson::Document(members)
}
