//! One document as a line of NDJSON.

use crate::domain::{Key, Timestamp, Value, ValueError, value};
use crate::store::Write;

/// What a line may have beside its value, in bytes.
pub(super) const ENVELOPE_BYTES: usize = 4096;

/// What stands in a line beside key and value.
pub(super) struct Times {
    pub(super) created_at: Timestamp,
    pub(super) modified_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
}

/// Appends the line of a document to `out`.
pub(super) fn write(out: &mut Vec<u8>, key: &Key, value: &Value, times: &Times) -> Result<(), ValueError> {
    out.extend_from_slice(b"{\"key\":");
    // A string always has a JSON form.
    let _ = serde_json::to_writer(&mut *out, key.as_str());
    out.extend_from_slice(b",\"value\":");
    value.write_json(out)?;
    let mut time = |name: &str, time: Timestamp| {
        out.extend_from_slice(format!(",\"{name}\":\"{}\"", time.to_exact()).as_bytes());
    };
    time("created_at", times.created_at);
    time("modified_at", times.modified_at);
    if let Some(end) = times.expires_at {
        time("expires_at", end);
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}

/// Reads a line; says what is wrong with it where it is none. The times may be missing.
pub(super) fn read(line: &[u8], max_value_bytes: usize) -> Result<(Key, Write), String> {
    let text = std::str::from_utf8(line).map_err(|_| "not UTF-8".to_owned())?;
    let (mut key, mut document) = (None, None);
    let (mut created_at, mut modified_at, mut expires_at) = (None, None, None);
    for (name, place) in value::members(text).map_err(|error| error.to_string())? {
        let json = &text.as_bytes()[place];
        match name.as_str() {
            "key" => key = Some(Key::parse(string(&name, json)?).map_err(|error| error.to_string())?),
            "value" => document = Some(Value::from_json(json, max_value_bytes).map_err(|error| error.to_string())?),
            "created_at" => created_at = Some(whole_millis(time(&name, json)?)),
            "modified_at" => modified_at = Some(time(&name, json)?),
            "expires_at" if json == b"null" => {}
            "expires_at" => expires_at = Some(whole_millis(time(&name, json)?)),
            _ => return Err(format!("unknown member {name:?}")),
        }
    }
    let key = key.ok_or("the member \"key\" is missing")?;
    let document = document.ok_or("the member \"value\" is missing")?;
    Ok((key, Write { created_at, modified_at, expires_at, ..Write::of(document) }))
}

fn string(name: &str, json: &[u8]) -> Result<String, String> {
    value::string(json).map_err(|_| format!("{name:?} must be a string"))
}

fn time(name: &str, json: &[u8]) -> Result<Timestamp, String> {
    Timestamp::parse(&string(name, json)?)
        .ok_or_else(|| format!("{name:?} must be a time such as 2018-03-10T10:25:35Z"))
}

/// Keybin's own times have milliseconds, in every store.
const fn whole_millis(time: Timestamp) -> Timestamp {
    Timestamp::from_millis(time.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_back_as_it_was() {
        let key = Key::parse("a\"é").expect("a key");
        let value = Value::from_json(br#"{"n":12345678901234567890,"t":"\n"}"#, 100).expect("a value");
        let (early, late) = (Timestamp::from_millis(1), Timestamp::from_micros(1_234_567));
        for expires_at in [None, Some(Timestamp::from_millis(5))] {
            let mut line = Vec::new();
            write(&mut line, &key, &value, &Times { created_at: early, modified_at: late, expires_at })
                .expect("writes");
            let (at, again) = read(&line, 100).expect("reads");
            assert_eq!((at, again.value), (key.clone(), value.clone()));
            assert_eq!((again.created_at, again.modified_at), (Some(early), Some(late)));
            assert_eq!(again.expires_at, expires_at);
        }
    }

    #[test]
    fn what_is_no_line_says_why() {
        for (line, why) in [
            (&b"x"[..], "not JSON"),
            (b"[]", "not JSON"),
            (b"\xff", "not UTF-8"),
            (b"{}", "\"key\" is missing"),
            (br#"{"key":"a"}"#, "\"value\" is missing"),
            (br#"{"key":1,"value":1}"#, "must be a string"),
            (br#"{"key":"a/b","value":1}"#, "Key must be"),
            (br#"{"key":"a","value":1e999}"#, "exactly"),
            (br#"{"key":"a","value":1,"value":2}"#, "twice"),
            (br#"{"key":"a","value":1,"created_at":"yesterday"}"#, "must be a time"),
            (br#"{"key":"a","value":1,"Key":2}"#, "unknown member"),
            (br#"{"key":"a","value":"xxxxxxxxxxxxxxxxxxxxxxxx"}"#, "larger than 20 bytes"),
        ] {
            let said = read(line, 20).expect_err("is none");
            assert!(said.contains(why), "{said:?} should say {why:?}");
        }
    }
}
