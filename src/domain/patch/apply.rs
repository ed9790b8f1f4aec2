//! JSON patch (RFC 6902): the operations applied.
//!
//! Two limits hold on the way already, because a few copies of a value into itself would grow it beyond all memory: no
//! place gets deeper than a value may be, and all that is copied together is no larger than a value may be.

use bson::Bson;

use super::PatchError;
use super::equality::are_equal;
use super::json::{Action, JsonPatch, Operation};
use super::pointer::Pointer;
use crate::domain::ValueError;
use crate::domain::value::{MAX_BSON_BYTES, MAX_DEPTH, depth, size};

impl JsonPatch {
    pub(super) fn apply(&self, tree: Bson) -> Result<Bson, PatchError> {
        let mut target = Target { tree, copied: 0 };
        for (index, operation) in self.0.iter().enumerate() {
            target.apply(operation).map_err(|failure| failure.of_operation(index))?;
        }
        Ok(target.tree)
    }

    /// See [`super::Patch::work`]: each operation may move everything that comes after its place.
    pub(super) fn work(&self, bytes: usize) -> Option<usize> {
        let mut all = bytes;
        for operation in &self.0 {
            all = all.saturating_add(match &operation.action {
                Action::Add(value) | Action::Replace(value) | Action::Test(value) => size(value),
                Action::Remove | Action::Move(_) => 0,
                Action::Copy(_) => return None,
            });
        }
        Some(all.saturating_mul(self.0.len().max(1)))
    }
}

/// The value on the way.
struct Target {
    tree: Bson,
    copied: usize,
}

/// Why an operation failed.
enum Failure {
    Other(Pointer),
    Missing(Pointer),
    Value(ValueError),
}

impl Failure {
    fn of_operation(self, index: usize) -> PatchError {
        match self {
            Self::Other(path) => PatchError::Test { index, path: path.to_string() },
            Self::Missing(path) => PatchError::NoSuchPath { index, path: path.to_string() },
            Self::Value(error) => error.into(),
        }
    }
}

impl Target {
    fn apply(&mut self, Operation { path, action }: &Operation) -> Result<(), Failure> {
        let missing = |path: &Pointer| Failure::Missing(path.clone());
        match action {
            Action::Add(value) => self.add(path, value.clone()),
            Action::Remove => path.remove(&mut self.tree).map(drop).ok_or_else(|| missing(path)),
            Action::Replace(value) => {
                check_depth(path, value)?;
                let present = path.find_mut(&mut self.tree).ok_or_else(|| missing(path))?;
                *present = value.clone();
                Ok(())
            }
            Action::Move(from) if from == path => from.find(&self.tree).map(drop).ok_or_else(|| missing(from)),
            Action::Move(from) => {
                let value = from.remove(&mut self.tree).ok_or_else(|| missing(from))?;
                self.add(path, value)
            }
            Action::Copy(from) => {
                let value = from.find(&self.tree).ok_or_else(|| missing(from))?;
                self.copied += size(value);
                if self.copied > MAX_BSON_BYTES {
                    return Err(Failure::Value(ValueError::TooLarge(MAX_BSON_BYTES)));
                }
                let value = value.clone();
                self.add(path, value)
            }
            Action::Test(expected) => match path.find(&self.tree) {
                Some(present) if are_equal(present, expected) => Ok(()),
                Some(_) => Err(Failure::Other(path.clone())),
                None => Err(missing(path)),
            },
        }
    }

    fn add(&mut self, path: &Pointer, value: Bson) -> Result<(), Failure> {
        check_depth(path, &value)?;
        // No value has such a member, so that only what adds one needs to look.
        if path.has_nul_in_name() {
            return Err(Failure::Value(ValueError::NulInName));
        }
        path.add(&mut self.tree, value).ok_or_else(|| Failure::Missing(path.clone()))
    }
}

fn check_depth(path: &Pointer, value: &Bson) -> Result<(), Failure> {
    if path.depth() + depth(value) > MAX_DEPTH { Err(Failure::Value(ValueError::TooDeep)) } else { Ok(()) }
}
