//! Values in the hands of people: as JSON, laid out, or as plain text where they are strings.

use crate::domain::{Value, value as json};
use crate::http::web::Result;
use crate::http::web::form::Form;

/// The largest value that is laid out in a page, in bytes of BSON; larger ones are downloaded.
pub(super) const SHOWN_BYTES: usize = 512 * 1024;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As JSON.
    Json,
    /// A string, as the text that it is.
    Text,
}

/// A value as it stands in a form.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) spelling: Spelling,
}

impl Written {
    /// How a value is best shown.
    pub(super) fn of(value: &Value) -> Result<Self> {
        let compact = String::from_utf8_lossy(&value.to_json()?).into_owned();
        match json::string(compact.as_bytes()) {
            Ok(text) if survives_a_form(&text) => Ok(Self { text, spelling: Spelling::Text }),
            _ => Ok(Self { text: json::pretty(&compact), spelling: Spelling::Json }),
        }
    }

    /// What somebody wrote.
    pub(super) fn from_form(form: &Form) -> Self {
        let spelling = if form.text("spelling") == "text" { Spelling::Text } else { Spelling::Json };
        Self { text: form.lines("value"), spelling }
    }

    /// The value as JSON text.
    pub(super) fn json(&self) -> Vec<u8> {
        match self.spelling {
            Spelling::Json => self.text.clone().into_bytes(),
            // A string always has a JSON form.
            Spelling::Text => serde_json::to_vec(&self.text).unwrap_or_default(),
        }
    }

    /// Whether it is written as plain text.
    pub(super) fn is_text(&self) -> bool {
        self.spelling == Spelling::Text
    }
}

/// Whether a text comes back from a form as it was: browsers send every line end as CR LF, and no NUL.
fn survives_a_form(text: &str) -> bool {
    !text.chars().any(|c| c == '\r' || (c.is_control() && !matches!(c, '\n' | '\t')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_text_unless_a_form_would_change_them() {
        for (json, text, spelling) in [
            (r#""a\nb""#, "a\nb", Spelling::Text),
            (r#""""#, "", Spelling::Text),
            (r#""a\r\nb""#, r#""a\r\nb""#, Spelling::Json),
            (r#""\u0000""#, r#""\u0000""#, Spelling::Json),
            ("[1]", "[\n  1\n]", Spelling::Json),
        ] {
            let value = Value::from_json(json.as_bytes(), 100).expect("a value");
            let Ok(written) = Written::of(&value) else { panic!("{json}") };
            assert_eq!((written.text.as_str(), written.spelling), (text, spelling), "{json}");
            assert_eq!(Value::from_json(&written.json(), 100), Ok(value));
        }
    }
}
