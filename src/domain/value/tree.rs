//! Values as trees: taken apart to be changed, and put together again under the limits that hold for every value.

use bson::raw::RawDocumentBuf;
use bson::{Bson, Document, error::Error as BsonError};

use super::{MAX_BSON_BYTES, MAX_DEPTH, Value, ValueError, parse};

impl Value {
    /// The value as a tree of BSON.
    pub(in crate::domain) fn to_tree(&self) -> Result<Bson, ValueError> {
        Bson::try_from(self.as_bson()?).map_err(|e| damaged(&e))
    }

    /// Keeps a tree whose JSON has at most `max_bytes` bytes.
    pub(in crate::domain) fn from_tree(tree: Bson, max_bytes: usize) -> Result<Self, ValueError> {
        if depth(&tree) > MAX_DEPTH {
            return Err(ValueError::TooDeep);
        }
        let mut document = Document::new();
        document.insert(parse::ELEMENT.as_str(), tree);
        let encoded = RawDocumentBuf::try_from(&document).map_err(|e| damaged(&e))?.into_bytes();
        if encoded.len() > MAX_BSON_BYTES {
            return Err(ValueError::TooLarge(MAX_BSON_BYTES));
        }
        let value = Self(encoded.into());
        if value.to_json()?.len() > max_bytes {
            return Err(ValueError::TooLarge(max_bytes));
        }
        Ok(value)
    }
}

fn damaged(error: &BsonError) -> ValueError {
    ValueError::Damaged(error.to_string())
}

/// How deep arrays and objects are nested.
pub(in crate::domain) fn depth(tree: &Bson) -> usize {
    match tree {
        Bson::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Bson::Document(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// How many bytes the tree takes as BSON, of other tools' types excepted.
pub(in crate::domain) fn size(tree: &Bson) -> usize {
    /// What every element has besides its name and its value: its type and a NUL.
    const ELEMENT: usize = 2;
    match tree {
        Bson::String(text) => 5 + text.len(),
        Bson::Array(items) => 5 + items.iter().map(|item| ELEMENT + size(item)).sum::<usize>(),
        Bson::Document(members) => {
            5 + members.iter().map(|(name, value)| ELEMENT + name.len() + size(value)).sum::<usize>()
        }
        Bson::Binary(binary) => 5 + binary.bytes.len(),
        _ => 16,
    }
}
