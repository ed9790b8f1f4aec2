//! JSON text → BSON bytes, in one pass.

use bson::spec::ElementType;
use bson::{cstr, raw::CStr};
use jiter::{Jiter, JiterError, Peek};

use super::ValueError;
use super::number::{self, Number};

/// The name of the one element that a value is kept under.
pub(super) const ELEMENT: &CStr = cstr!("v");

/// Reads `text`, nested at most so deep, and writes it as a BSON document whose one element is the value.
pub(super) fn to_bson(text: &[u8], max_depth: usize) -> Result<Vec<u8>, ValueError> {
    let mut reader = Reader { json: Jiter::new(text), out: Vec::with_capacity(text.len() + 32), max_depth };
    let start = reader.open();
    let peek = reader.json.peek().map_err(|e| reader.syntax(&e))?;
    reader.element(peek, 0, |out| out.extend_from_slice(ELEMENT.as_str().as_bytes()))?;
    reader.json.finish().map_err(|e| reader.syntax(&e))?;
    reader.close(start);
    Ok(reader.out)
}

/// The text still to be read and the bytes written so far.
struct Reader<'j> {
    json: Jiter<'j>,
    out: Vec<u8>,
    max_depth: usize,
}

impl Reader<'_> {
    fn syntax(&self, error: &JiterError) -> ValueError {
        ValueError::Syntax(error.description(&self.json))
    }

    /// Begins a BSON document or array; its length is filled in by `close`.
    fn open(&mut self) -> usize {
        let start = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        start
    }

    fn close(&mut self, start: usize) {
        self.out.push(0);
        self.fill_length(start, self.out.len() - start);
    }

    /// BSON lengths are `int32`; a text of at most 15 MiB can exceed that only in theory, and then the size check
    /// that follows refuses it whatever stands here.
    fn fill_length(&mut self, at: usize, length: usize) {
        let length = i32::try_from(length).unwrap_or(i32::MAX);
        self.out[at..at + 4].copy_from_slice(&length.to_le_bytes());
    }

    /// Writes one element: its type (known only after its value was read), its name, its value.
    fn element(&mut self, peek: Peek, depth: usize, name: impl FnOnce(&mut Vec<u8>)) -> Result<(), ValueError> {
        let at = self.out.len();
        self.out.push(0);
        name(&mut self.out);
        self.out.push(0);
        self.out[at] = self.value(peek, depth)? as u8;
        Ok(())
    }

    fn value(&mut self, peek: Peek, depth: usize) -> Result<ElementType, ValueError> {
        match peek {
            Peek::Null => {
                self.json.known_null().map_err(|e| self.syntax(&e))?;
                Ok(ElementType::Null)
            }
            Peek::True | Peek::False => {
                let value = self.json.known_bool(peek).map_err(|e| self.syntax(&e))?;
                self.out.push(value.into());
                Ok(ElementType::Boolean)
            }
            Peek::String => {
                self.string()?;
                Ok(ElementType::String)
            }
            Peek::Array | Peek::Object if depth == self.max_depth => Err(ValueError::TooDeep),
            Peek::Array => {
                self.array(depth + 1)?;
                Ok(ElementType::Array)
            }
            Peek::Object => {
                self.object(depth + 1)?;
                Ok(ElementType::EmbeddedDocument)
            }
            _ => self.number(peek),
        }
    }

    fn string(&mut self) -> Result<(), ValueError> {
        let length_at = self.open();
        match self.json.known_str() {
            Ok(text) => self.out.extend_from_slice(text.as_bytes()),
            Err(error) => return Err(self.syntax(&error)),
        }
        self.out.push(0);
        self.fill_length(length_at, self.out.len() - length_at - 4);
        Ok(())
    }

    fn number(&mut self, peek: Peek) -> Result<ElementType, ValueError> {
        let read = match self.json.known_number_bytes(peek) {
            Ok(bytes) => {
                std::str::from_utf8(bytes).map_err(|e| ValueError::Syntax(e.to_string())).and_then(number::read)
            }
            Err(error) => Err(self.syntax(&error)),
        };
        Ok(match read? {
            Number::Int32(n) => {
                self.out.extend_from_slice(&n.to_le_bytes());
                ElementType::Int32
            }
            Number::Int64(n) => {
                self.out.extend_from_slice(&n.to_le_bytes());
                ElementType::Int64
            }
            Number::Decimal(n) => {
                self.out.extend_from_slice(&n.bytes());
                ElementType::Decimal128
            }
            Number::Double(n) => {
                self.out.extend_from_slice(&n.to_le_bytes());
                ElementType::Double
            }
        })
    }

    fn array(&mut self, depth: usize) -> Result<(), ValueError> {
        let start = self.open();
        let mut index = 0_usize;
        let mut next = self.json.known_array().map_err(|e| self.syntax(&e))?;
        while let Some(peek) = next {
            self.element(peek, depth, |out| {
                // Writing to a Vec cannot fail.
                let _ = serde_json::to_writer(out, &index);
            })?;
            index += 1;
            next = self.json.array_step().map_err(|e| self.syntax(&e))?;
        }
        self.close(start);
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<(), ValueError> {
        let start = self.open();
        let mut names = Vec::new();
        let mut name = self.json.known_object().map(|name| name.map(str::to_owned)).map_err(|e| self.syntax(&e))?;
        while let Some(text) = name {
            if text.contains('\0') {
                return Err(ValueError::NulInName);
            }
            let peek = self.json.peek().map_err(|e| self.syntax(&e))?;
            self.element(peek, depth, |out| out.extend_from_slice(text.as_bytes()))?;
            names.push(text);
            name = self.json.next_key().map(|name| name.map(str::to_owned)).map_err(|e| self.syntax(&e))?;
        }
        self.close(start);
        refuse_duplicates(names)
    }
}

fn refuse_duplicates(mut names: Vec<String>) -> Result<(), ValueError> {
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(ValueError::DuplicateMember(pair[0].clone())),
        None => Ok(()),
    }
}
