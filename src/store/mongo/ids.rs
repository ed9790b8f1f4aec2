//! How things are identified in MongoDB, and the ranges that follow from it.
//!
//! A `/` separates the account from what belongs to it; an account id holds none, so that the first one separates.

use bson::{Document as BsonDocument, doc};

use crate::domain::{AccountId, ClientId, Key, Timestamp};

/// `_id` of a document.
#[must_use]
pub fn document(account: AccountId, key: &Key) -> String {
    format!("{account}/{key}")
}

/// `_id` of a token.
pub(super) fn token(account: AccountId, client_id: &ClientId) -> String {
    format!("{account}/{client_id}")
}

/// What stands behind the account in an `_id`.
pub(super) fn rest(id: &str) -> Option<(AccountId, &str)> {
    let (account, rest) = id.split_once('/')?;
    Some((AccountId::parse(account)?, rest))
}

/// The condition on `_id` that everything of an account meets.
pub(super) fn all_of(account: AccountId) -> BsonDocument {
    beginning_with(&format!("{account}/"))
}

/// The condition on `_id` that everything that begins with `prefix` meets. Strings are compared bytewise by MongoDB.
pub(super) fn beginning_with(prefix: &str) -> BsonDocument {
    match successor(prefix) {
        Some(end) => doc! { "$gte": prefix, "$lt": end },
        None => doc! { "$gte": prefix },
    }
}

/// The least text that comes after everything that begins with `prefix`, in the order of code points, which in UTF-8
/// is the order of bytes.
fn successor(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        // Stepping over the surrogates, which are no characters.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(last as u32 + 1) };
        if let Some(next) = next {
            text.push(next);
            return Some(text);
        }
    }
    None
}

/// The condition on `expires_at` that everything live at `now` meets: missing, or later.
pub(super) fn live(now: Timestamp) -> BsonDocument {
    doc! { "$not": { "$lte": date(now) } }
}

/// A point in time as BSON.
pub(super) fn date(time: Timestamp) -> bson::DateTime {
    bson::DateTime::from_millis(time.as_millis())
}

/// The same back.
pub(super) fn time(date: bson::DateTime) -> Timestamp {
    Timestamp::from_millis(date.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_successor_ends_a_prefix() {
        for (prefix, end) in [
            ("a/", Some("a0")),
            ("az", Some("a{")),
            ("a\u{10FFFF}", Some("b")),
            ("\u{D7FF}", Some("\u{E000}")),
            ("\u{10FFFF}", None),
        ] {
            assert_eq!(successor(prefix).as_deref(), end, "{prefix:?}");
        }
    }

    #[test]
    fn an_id_comes_apart_at_its_first_slash() {
        let account = AccountId::random();
        let client_id = ClientId::parse("web/1").expect("a client id");
        assert_eq!(rest(&token(account, &client_id)), Some((account, "web/1")));
    }
}
