//! What holds of the query of a listing, whatever comes in: the parameters on the first line, and on the next one the key
//! that a page ends with.

use super::Asked;
use crate::domain::Key;
use crate::http::params::parameter;

/// Every parameter that is known here.
const NAMES: [&str; 6] = ["prefix", "limit", "order", "after", "fields", "where"];

/// A page leads to the next one: the same question, after that key. What is refused stays refused, whatever follows.
pub fn listing(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (query, key) = text.split_once('\n').unwrap_or((text, "z"));
    let asked = |query: &str| Asked::read(query).and_then(|asked| asked.read_more(query));
    let Ok(first) = asked(query) else {
        assert!(asked(&format!("{query}&other=1&=")).is_err());
        return;
    };
    assert!((1..=1000).contains(&first.limit()) && (1..=1000).contains(&first.limit_of_keys()));
    for name in NAMES {
        if let Ok(Some(_)) = parameter(query, name) {
            assert!(asked(&format!("{query}&{name}=1")).is_err(), "{name} is there twice");
        }
    }
    let Ok(key) = Key::parse(key) else { return };
    let following = first.following(&key);
    assert!(following.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"?&=-._~%".contains(&byte)), "{following}");
    let next = asked(following.strip_prefix('?').expect("a query")).unwrap_or_else(|_| panic!("{following}"));
    assert_eq!(next.wanted.after.as_ref(), Some(&key));
    assert_eq!((&next.given, next.limit, &next.fields), (&first.given, first.limit, &first.fields));
    assert_eq!((&next.wanted.prefix, next.wanted.order), (&first.wanted.prefix, first.wanted.order));
    assert!(next.wanted.filter == first.wanted.filter);
    assert_eq!(next.following(&key), following);
}
