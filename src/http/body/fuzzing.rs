//! What holds of the members of bodies, whatever comes in: the text is read as a form, and as JSON.

use std::collections::HashMap;

use super::{of_form, of_json, string};
use crate::domain::value;

/// The fields of a form are strings, and come again from a form that is made of them; members of JSON are JSON.
pub fn body(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(fields) = of_form(text) {
        let form: Vec<_> = fields.iter().map(|(name, json)| (name, string("a", json).expect("a string"))).collect();
        let form: Vec<_> = form.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        assert_eq!(of_form(&form.join("&")).ok(), Some(fields.clone()));
        if let Some(field) = form.first() {
            assert!(of_form(&format!("{}&{field}", form.join("&"))).is_err(), "no field is there twice");
        }
    }
    if let Ok(members) = of_json(text) {
        assert!(serde_json::from_str::<HashMap<String, serde::de::IgnoredAny>>(text).is_ok());
        let object: Vec<String> =
            members.iter().map(|(name, json)| format!("{}:{}", quoted(name), shown(json))).collect();
        assert_eq!(of_json(&format!("{{{}}}", object.join(","))).ok(), Some(members.clone()));
        for json in members.values() {
            assert_eq!(string("a", json).is_ok(), value::string(json).is_ok());
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| if byte == b' ' { "+".to_owned() } else { format!("%{byte:02x}") }).collect()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string has a JSON form")
}

fn shown(json: &[u8]) -> &str {
    str::from_utf8(json).expect("part of a text")
}
