//! What holds of filters, whatever comes in: the text of a filter, and on the lines below it a value in JSON.

use super::order::compare;
use super::{Condition, Filter, FilterError, FilterFault, MAX_BYTES, Path};
use crate::domain::{Value, ValueError};

/// Read or refused for a reason that has a place; what is read answers as the logic of its words wants it.
pub fn filter(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (filter, value) = text.split_once('\n').unwrap_or((text, "{}"));
    let value = Value::from_json(value.as_bytes(), MAX_BYTES).ok();
    match Filter::parse(filter) {
        Ok(read) => {
            assert!(Filter::parse(filter).as_ref() == Ok(&read));
            paths(read.condition());
            if let Some(value) = &value {
                words(filter, &read, value);
            }
        }
        // Within a list, what is no JSON could be two filters.
        Err(FilterError { what: FilterFault::Json(ValueError::Syntax(_)), at }) => assert!(at.is_empty()),
        Err(FilterError { at, .. }) => {
            assert!(at.is_empty() || at.starts_with('/'), "{at:?} is no JSON pointer");
            let nested = format!(r#"{{"$and":[{filter}]}}"#);
            assert!(Filter::parse(&nested).is_err(), "what is refused is refused in a list");
        }
    }
    if let Some(value) = &value {
        itself(value);
    }
}

/// A filter alone in `$and` or `$or` is that filter, and what is not wanted is wanted by its opposite.
fn words(text: &str, read: &Filter, value: &Value) {
    let wanted = wants(read, value);
    for word in ["$and", "$or"] {
        match Filter::parse(&format!(r#"{{"{word}":[{text}]}}"#)) {
            Ok(alone) => assert_eq!(wants(&alone, value), wanted, "{word}"),
            Err(error) => assert!(
                matches!(error.what, FilterFault::TooDeep | FilterFault::TooLong | FilterFault::Json(_)),
                "{error}"
            ),
        }
        if let Ok(twice) = Filter::parse(&format!(r#"{{"{word}":[{text},{text}]}}"#)) {
            assert_eq!(wants(&twice, value), wanted, "{word}");
        }
    }
    let opposite = Filter(Condition::Not(Box::new(read.condition().clone())));
    assert_eq!(wants(&opposite, value), !wanted);
}

/// A value is found by what is said of it alone.
fn itself(value: &Value) {
    let json = String::from_utf8(value.to_json().expect("sound")).expect("JSON is UTF-8");
    let says = |operator: &str, operand: &str| {
        let filter = Filter::parse(&format!(r#"{{"{operator}":{operand}}}"#));
        filter.ok().map(|filter| wants(&filter, value))
    };
    let list = format!("[{json}]");
    let is_text = json.starts_with('"');
    for (operator, operand, expected) in [
        ("$eq", &*json, true),
        ("$gte", &json, true),
        ("$lte", &json, true),
        ("$ne", &json, false),
        ("$in", &list, true),
        ("$nin", &list, false),
        ("$exists", "true", true),
        ("$exists", "false", false),
        ("$prefix", &json, is_text),
    ] {
        // A long text is no prefix, and a deep value does not fit into a filter.
        if let Some(wanted) = says(operator, operand) {
            assert_eq!(wanted, expected, "{operator} {json}");
        }
    }
    let tree = value.to_tree().expect("sound");
    assert!(compare(value.as_bson().expect("sound"), &tree).is_ok_and(|order| order.is_eq()));
}

/// Paths are read from what they are shown as.
fn paths(condition: &Condition) {
    match condition {
        Condition::All(conditions) | Condition::Any(conditions) => conditions.iter().for_each(paths),
        Condition::Not(condition) => paths(condition),
        Condition::At(path, _) => {
            assert!(*path == Path::WHOLE || Path::parse(&path.to_string()).as_ref() == Some(path))
        }
    }
}

fn wants(filter: &Filter, value: &Value) -> bool {
    filter.matches(value.as_bson().expect("sound")).expect("sound")
}
