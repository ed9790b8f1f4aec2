//! What holds of keys and of the other words, whatever comes in.

use std::fmt::Debug;

pub use super::filter::fuzzing::filter;
pub use super::patch::fuzzing::patch;
pub use super::value::fuzzing::{bson, json};

use super::value::MAX_DEPTH;
use super::{
    AccountId, ClientId, Email, Fields, Grant, Key, Origin, Revision, Scope, Timestamp, Token, Username, Value,
};

/// A key by both rules: kept as it came in, never what its rules exclude, and ordered by its bytes.
pub fn key(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let lines = text.split('\n');
    let keys: Vec<Key> = lines.clone().filter_map(|line| kept(line, Key::parse(line), Key::as_str)).collect();
    for key in &keys {
        let text = key.as_str();
        assert!((1..=Key::MAX_BYTES).contains(&text.len()) && !matches!(text, "." | ".."));
        assert!(!text.contains('/') && !text.chars().any(char::is_control));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.,".contains(&byte);
        assert_eq!(Key::parse_plain(text).as_ref().ok(), Some(key).filter(|_| text.bytes().all(plain)));
        assert!(Grant::parse(Scope::Write, text).is_ok_and(|grant| grant.writes(key)));
    }
    for pair in keys.windows(2) {
        assert_eq!(pair[0].cmp(&pair[1]), pair[0].as_str().as_bytes().cmp(pair[1].as_str().as_bytes()));
    }
    for refused in lines.filter(|line| Key::parse(*line).is_err()) {
        assert!(Key::parse_plain(refused).is_err());
        assert!(Key::parse(format!("{refused}/")).is_err());
    }
}

/// The other words that are read from text: what is read is read again from what it is shown as.
pub fn words(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    kept(text, ClientId::parse(text), ClientId::as_str);
    kept(text, Username::parse(text), Username::as_str);
    if let Ok(email) = Email::parse(text) {
        assert_eq!(email.as_str(), text.to_lowercase());
        again(&email, Email::as_str(&email), |text| Email::parse(text).ok());
    }
    if let Some(id) = AccountId::parse(text) {
        assert_eq!(id.to_string(), text);
    }
    if let Some(revision) = Revision::parse(text) {
        assert_eq!(revision.to_string(), text);
        assert_eq!(Revision::from_bytes(*revision.as_bytes()), revision);
    }
    if let Some(token) = Token::parse(text) {
        assert_eq!(token.expose(), text.to_ascii_lowercase());
        again(&token, &token.expose(), Token::parse);
        assert!(!format!("{token:?} {:?}", token.hash()).contains(text));
    }
    assert!(Origin::parse(text).is_none_or(|origin| origin.as_str() == text));
    assert!(Scope::parse(text).is_none_or(|scope| scope.as_str() == text));
    if let Ok(grant) = Grant::parse(Scope::Read, text) {
        assert_eq!(grant.prefix, text);
        assert!(Key::parse(text).ok().is_none_or(|key| grant.reads(&key) && !grant.writes(&key)));
    }
}

/// A time: read again from each of the ways it is shown in, as far as they are fine enough.
pub fn time(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Some(time) = Timestamp::parse(text) else { return };
    again(&time, &time.to_exact(), Timestamp::parse);
    again(&time, &time.with_micros(), Timestamp::parse);
    again(&Timestamp::from_millis(time.as_millis()), &time.to_string(), Timestamp::parse);
    assert_eq!(time.to_exact().len(), if time.as_micros() % 1000 == 0 { 24 } else { 27 });
    assert_eq!(time.to_http_date().len(), "Sat, 10 Mar 2018 10:25:35 GMT".len());
    assert_eq!(time.to_datetime().timestamp_micros(), time.as_micros());
}

/// Fields, and on the lines below them a value in JSON: what is left is a part of the value, and all that is left of it.
pub fn fields(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (fields, value) = text.split_once('\n').unwrap_or((text, "{}"));
    let Ok(fields) = Fields::parse(fields) else { return };
    let Ok(value) = Value::from_json(value.as_bytes(), 1 << 20) else { return };
    let left = fields.of(&value).expect("sound");
    assert_eq!(fields.of(&left).as_ref(), Ok(&left));
    assert!(left.as_stored().len() <= value.as_stored().len());
    let again = Value::from_json(&left.to_json().expect("sound"), 1 << 20).expect("what is shown is read");
    assert!(again == left, "no deeper than {MAX_DEPTH}, and no name twice");
}

/// What was read is what was there, and would be read again.
fn kept<T: PartialEq + Debug, E: Debug>(text: &str, read: Result<T, E>, shown: fn(&T) -> &str) -> Option<T> {
    let read = read.ok()?;
    assert_eq!(shown(&read), text);
    Some(read)
}

fn again<T: PartialEq + Debug>(first: &T, shown: &str, parse: impl Fn(&str) -> Option<T>) {
    assert_eq!(parse(shown).as_ref(), Some(first), "{shown}");
}
