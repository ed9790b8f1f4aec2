//! JSON patch (RFC 6902): from JSON to operations. Members that an operation does not have are ignored, as section 4
//! wants it.

use std::fmt;

use bson::{Bson, Document};

use super::pointer::{Pointer, escape};
use super::{MAX_OPERATIONS, PatchError};

/// Operations, to be applied one after the other.
#[derive(Clone, PartialEq)]
pub struct JsonPatch(pub(super) Vec<Operation>);

/// An operation at a place.
#[derive(Clone, PartialEq)]
pub(super) struct Operation {
    pub(super) path: Pointer,
    pub(super) action: Action,
}

/// What an operation does at its place.
#[derive(Clone, PartialEq)]
pub(super) enum Action {
    Add(Bson),
    Remove,
    Replace(Bson),
    Move(Pointer),
    Copy(Pointer),
    Test(Bson),
}

impl JsonPatch {
    pub(super) fn new(patch: Bson) -> Result<Self, PatchError> {
        let malformed = |what| PatchError::Malformed { at: String::new(), what };
        match patch {
            Bson::Array(operations) if operations.len() > MAX_OPERATIONS => Err(malformed("too many operations")),
            Bson::Array(operations) => {
                let numbered = operations.into_iter().enumerate();
                numbered.map(|(index, operation)| Operation::new(index, operation)).collect::<Result<_, _>>().map(Self)
            }
            _ => Err(malformed("a list of operations is expected")),
        }
    }
}

/// Shows the number of operations only: the patch is as much somebody's as the value is.
impl fmt::Debug for JsonPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonPatch({} operations)", self.0.len())
    }
}

impl Operation {
    fn new(index: usize, operation: Bson) -> Result<Self, PatchError> {
        let Bson::Document(members) = operation else {
            return Err(PatchError::Malformed { at: format!("/{index}"), what: "an object is expected" });
        };
        let mut members = Members { index, members };
        let path = members.pointer("path")?;
        let action = match members.string("op")?.as_str() {
            "add" => Action::Add(members.value()?),
            "remove" if path.depth() == 0 => return Err(members.wrong("path", "the whole value cannot be removed")),
            "remove" => Action::Remove,
            "replace" => Action::Replace(members.value()?),
            "move" => {
                let from = members.pointer("from")?;
                if from.contains(&path) {
                    return Err(members.wrong("path", "nothing can be moved into itself"));
                }
                Action::Move(from)
            }
            "copy" => Action::Copy(members.pointer("from")?),
            "test" => Action::Test(members.value()?),
            _ => return Err(members.wrong("op", "one of add, remove, replace, move, copy, test is expected")),
        };
        Ok(Self { path, action })
    }
}

/// The members of an operation.
struct Members {
    index: usize,
    members: Document,
}

impl Members {
    fn wrong(&self, name: &str, what: &'static str) -> PatchError {
        PatchError::Malformed { at: format!("/{}/{}", self.index, escape(name)), what }
    }

    fn string(&self, name: &str) -> Result<String, PatchError> {
        match self.members.get(name) {
            Some(Bson::String(text)) => Ok(text.clone()),
            _ => Err(self.wrong(name, "a string is expected")),
        }
    }

    fn pointer(&self, name: &str) -> Result<Pointer, PatchError> {
        let text = self.string(name)?;
        Pointer::parse(&text).ok_or_else(|| self.wrong(name, "a JSON pointer is expected"))
    }

    fn value(&mut self) -> Result<Bson, PatchError> {
        self.members.remove("value").ok_or_else(|| self.wrong("value", "a value is expected"))
    }
}
