//! Fields: which parts of a value are wanted.
//!
//! * `name,address.city`: paths, separated by commas; a path is names of members, separated by dots.
//! * What is left keeps its structure: `address.city` of `{"address":{"city":"Paris","zip":1},"age":2}` is
//!   `{"address":{"city":"Paris"}}`.
//! * Through an array a path leads to each element; what is neither object nor array is no element any more then.
//!   Numbers are names of members here.
//! * This is what MongoDB's projections do. It is done here, so that it is the same on every store.

use std::collections::BTreeMap;

use bson::raw::{RawArray, RawArrayBuf, RawDocument, RawDocumentBuf};
use bson::{RawBson, RawBsonRef, error::Error as BsonError};
use thiserror::Error;

use super::value::MAX_DEPTH;
use super::{Value, ValueError};

/// The most paths.
const MAX_PATHS: usize = 100;

/// Which parts of a value are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, Part>);

/// How much of a member is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Fields(Fields),
}

/// Why a text names no [`Fields`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("fields are at most {MAX_PATHS} paths like a.b, separated by commas, with at most {MAX_DEPTH} parts each")]
pub struct InvalidFields;

impl Fields {
    /// Reads paths between commas. There is no way to name a member with a dot or a comma in it, or without a name.
    ///
    /// # Errors
    /// [`InvalidFields`].
    pub fn parse(text: &str) -> Result<Self, InvalidFields> {
        let mut fields = Self(BTreeMap::new());
        for (n, path) in text.split(',').enumerate() {
            let parts: Vec<&str> = path.split('.').collect();
            if n >= MAX_PATHS || parts.len() > MAX_DEPTH || parts.contains(&"") {
                return Err(InvalidFields);
            }
            fields.add(&parts);
        }
        Ok(fields)
    }

    fn add(&mut self, path: &[&str]) {
        let Some((name, rest)) = path.split_first() else { return };
        if rest.is_empty() {
            self.0.insert((*name).to_owned(), Part::Whole);
            return;
        }
        let part = self.0.entry((*name).to_owned()).or_insert_with(|| Part::Fields(Self(BTreeMap::new())));
        if let Part::Fields(fields) = part {
            fields.add(rest);
        }
    }

    /// What is wanted of a value; `null` where it is neither object nor array and so has no parts.
    ///
    /// # Errors
    /// [`ValueError::Damaged`] when the value is no BSON.
    pub fn of(&self, value: &Value) -> Result<Value, ValueError> {
        let part = self.select(value.as_bson()?).map_err(|e| ValueError::Damaged(e.to_string()))?;
        let part = part.unwrap_or(RawBson::Null);
        Ok(Value::from_bson(part.as_raw_bson_ref()))
    }

    fn select(&self, value: RawBsonRef<'_>) -> Result<Option<RawBson>, BsonError> {
        Ok(match value {
            RawBsonRef::Document(members) => Some(RawBson::Document(self.of_object(members)?)),
            RawBsonRef::Array(items) => Some(RawBson::Array(self.of_array(items)?)),
            _ => None,
        })
    }

    fn of_object(&self, members: &RawDocument) -> Result<RawDocumentBuf, BsonError> {
        let mut left = RawDocumentBuf::new();
        for member in members {
            let (name, value) = member?;
            match self.0.get(name.as_str()) {
                Some(Part::Whole) => left.append(name, value),
                Some(Part::Fields(fields)) => {
                    if let Some(part) = fields.select(value)? {
                        left.append(name, part);
                    }
                }
                None => {}
            }
        }
        Ok(left)
    }

    fn of_array(&self, items: &RawArray) -> Result<RawArrayBuf, BsonError> {
        let mut left = RawArrayBuf::new();
        for item in items {
            if let Some(part) = self.select(item?)? {
                left.push(part);
            }
        }
        Ok(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &str, json: &str) -> String {
        let value = Value::from_json(json.as_bytes(), 10_000).expect("a value");
        let part = Fields::parse(fields).expect("fields").of(&value).expect("sound");
        String::from_utf8(part.to_json().expect("renders")).expect("UTF-8")
    }

    #[test]
    fn what_is_left_keeps_its_structure() {
        let value = r#"{"name":"Ann","address":{"city":"Paris","zip":1},"age":2,"n":null}"#;
        for (fields, left) in [
            ("name", r#"{"name":"Ann"}"#),
            ("age,name", r#"{"name":"Ann","age":2}"#),
            ("name,name", r#"{"name":"Ann"}"#),
            ("n", r#"{"n":null}"#),
            ("address.city", r#"{"address":{"city":"Paris"}}"#),
            ("address.zip,address.city", r#"{"address":{"city":"Paris","zip":1}}"#),
            ("address", r#"{"address":{"city":"Paris","zip":1}}"#),
            ("address,address.city", r#"{"address":{"city":"Paris","zip":1}}"#),
            ("address.city,address", r#"{"address":{"city":"Paris","zip":1}}"#),
            ("address.street", r#"{"address":{}}"#),
            ("name.first", "{}"),
            ("n.a", "{}"),
            ("street", "{}"),
            ("Name", "{}"),
            (" name", "{}"),
            ("$name", "{}"),
        ] {
            assert_eq!(of(fields, value), left, "{fields}");
        }
    }

    #[test]
    fn arrays_are_gone_through() {
        let value = r#"{"a":[{"b":1,"c":2},{"c":3},4,null,[{"b":5,"c":6},7],[]],"0":8}"#;
        for (fields, left) in [
            ("a.b", r#"{"a":[{"b":1},{},[{"b":5}],[]]}"#),
            ("a.b,a.c", r#"{"a":[{"b":1,"c":2},{"c":3},[{"b":5,"c":6}],[]]}"#),
            ("a.0", r#"{"a":[{},{},[{}],[]]}"#),
            ("0", r#"{"0":8}"#),
        ] {
            assert_eq!(of(fields, value), left, "{fields}");
        }
        assert_eq!(of("b", r#"[{"b":1,"c":2},3]"#), r#"[{"b":1}]"#);
    }

    #[test]
    fn what_has_no_parts_is_null() {
        for value in ["1", "\"name\"", "null", "true"] {
            assert_eq!(of("name", value), "null", "{value}");
        }
        assert_eq!(of("name", "{}"), "{}");
        assert_eq!(of("name", "[]"), "[]");
    }

    #[test]
    fn texts_that_are_no_fields() {
        let (deep, many) = (vec!["a"; MAX_DEPTH].join("."), vec!["a"; MAX_PATHS].join(","));
        assert!(Fields::parse(&deep).is_ok() && Fields::parse(&many).is_ok());
        for bad in ["", ",", "a,", ",a", "a..b", ".a", "a.", ".", &format!("{deep}.a"), &format!("{many},a")] {
            assert_eq!(Fields::parse(bad), Err(InvalidFields), "{bad:?}");
        }
    }
}
