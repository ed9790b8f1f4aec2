//! `list_documents` and `count_documents`: filters, and the limits of one look.

use keybin::domain::{AccountId, Filter, Key, KeyRange, Order, Precondition, Query, Stretch};

use crate::harness::samples::{Handle, NOW, after, key, register as registered, set, value, write_until};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        a_filter_lists_and_counts_what_it_wants,
        nobody_gets_the_documents_of_another,
        going_on_after_next_gives_each_document_once,
        without_a_filter_next_says_exactly_whether_there_is_more,
        a_filter_looks_beyond_its_last_find,
        no_more_is_looked_at_than_is_allowed,
        no_more_is_found_than_weighs_enough,
        a_count_goes_on_like_a_listing,
        what_has_expired_is_neither_listed_nor_counted,
    );
}

fn query(filter: Option<&str>) -> Query {
    let range = KeyRange { prefix: String::new(), after: None, limit: 1000, order: Order::Ascending };
    let filter = filter.map(|text| Filter::parse(text).expect("a filter"));
    Query { filter, ..range.into() }
}

fn limited(filter: Option<&str>, limit: usize, looks: usize) -> Query {
    let query = query(filter);
    Query { range: KeyRange { limit, ..query.range }, looks, ..query }
}

async fn list(store: &impl Handle, id: AccountId, query: &Query) -> (Vec<String>, Option<String>) {
    let Stretch { found, next } = store.list_documents(id, query, NOW).await.expect("lists");
    let spelled = |key: &Key| key.as_str().to_owned();
    (found.iter().map(|(key, _)| spelled(key)).collect(), next.as_ref().map(spelled))
}

async fn count(store: &impl Handle, id: AccountId, query: &Query) -> (u64, Option<String>) {
    let Stretch { found, next } = store.count_documents(id, query, NOW).await.expect("counts");
    (found, next.map(|key| key.as_str().to_owned()))
}

fn some(key: &str) -> Option<String> {
    Some(key.to_owned())
}

async fn a_filter_lists_and_counts_what_it_wants(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let large = format!(r#"{{"a":7,"text":"{}"}}"#, "x".repeat(5000));
    for (at, json) in [
        ("p1", r#"{"a":1}"#),
        ("p2", r#"{"a":[1,2]}"#),
        ("p3", r#"{"a":{"b":"x"}}"#),
        ("q1", r#"{"a":1.0}"#),
        ("q2", r#"{"b":null}"#),
        ("q3", "1"),
        ("q4", "[1,{\"a\":3}]"),
        ("q5", &large),
    ] {
        set(store, id, at, json).await.expect("writes");
    }
    for (prefix, filter, found) in [
        ("", "{}", &["p1", "p2", "p3", "q1", "q2", "q3", "q4", "q5"][..]),
        ("", r#"{"a":1}"#, &["p1", "p2", "q1"]),
        ("p", r#"{"a":1}"#, &["p1", "p2"]),
        ("r", r#"{"a":1}"#, &[]),
        ("", r#"{"a":{"$gt":1}}"#, &["p2", "q4", "q5"]),
        ("", r#"{"a.b":{"$prefix":"x"}}"#, &["p3"]),
        ("", r#"{"b":null}"#, &["p1", "p2", "p3", "q1", "q2", "q3", "q4", "q5"]),
        ("", r#"{"b":{"$exists":true}}"#, &["q2"]),
        ("", r#"{"$eq":1}"#, &["q3", "q4"]),
        ("", r#"{"a.0":1}"#, &["p2"]),
        ("", r#"{"a":{"$ne":1}}"#, &["p3", "q2", "q3", "q4", "q5"]),
        ("", r#"{"a":"nothing"}"#, &[]),
    ] {
        let asked = query(Some(filter));
        let mut asked = Query { range: KeyRange { prefix: prefix.to_owned(), ..asked.range.clone() }, ..asked };
        assert_eq!(list(store, id, &asked).await, (found.iter().map(|key| (*key).to_owned()).collect(), None));
        assert_eq!(count(store, id, &asked).await, (found.len() as u64, None), "{prefix:?} {filter}");
        asked.range.order = Order::Descending;
        let backwards = found.iter().rev().map(|key| (*key).to_owned()).collect();
        assert_eq!(list(store, id, &asked).await, (backwards, None), "{prefix:?} {filter}");
    }
}

async fn nobody_gets_the_documents_of_another(store: &mut TestStore) {
    let (id, other) = (registered(store, "ada").await.id, registered(store, "bob").await.id);
    set(store, other, "k", r#"{"a":1}"#).await.expect("writes");
    for filter in [None, Some(r#"{"a":1}"#), Some(r#"{"$or":[{"a":1},{"$exists":true}]}"#)] {
        for id in [id, AccountId::random()] {
            assert_eq!(list(store, id, &query(filter)).await, (vec![], None));
            assert_eq!(count(store, id, &query(filter)).await, (0, None));
        }
        assert_eq!(count(store, other, &query(filter)).await, (1, None));
    }
    store.erase_account(other).await.expect("erases");
    assert_eq!(list(store, other, &query(None)).await, (vec![], None));
    assert_eq!(count(store, other, &query(None)).await, (0, None));
}

/// An account whose documents `00` to `29` hold their number modulo 5, and large ones a text.
async fn account_of_30(store: &impl Handle) -> AccountId {
    let id = registered(store, "ada").await.id;
    for n in 0..30 {
        let text = if n % 7 == 0 { "x".repeat(3000) } else { String::new() };
        set(store, id, &format!("{n:02}"), &format!(r#"{{"n":{},"text":"{text}"}}"#, n % 5)).await.expect("writes");
    }
    id
}

async fn going_on_after_next_gives_each_document_once(store: &mut TestStore) {
    let id = account_of_30(store).await;
    for (filter, wanted) in
        [(None, 0..5), (Some(r#"{"n":3}"#), 3..4), (Some(r#"{"n":{"$lt":3}}"#), 0..3), (Some(r#"{"n":7}"#), 5..5)]
    {
        let mut all: Vec<String> = (0..30).filter(|n| wanted.contains(&(n % 5))).map(|n| format!("{n:02}")).collect();
        for order in [Order::Ascending, Order::Descending] {
            for (limit, looks, bytes) in [(1, 1, 1), (4, 1000, 1), (1000, 7, 3000), (4, 3, 10_000), (6, 30, usize::MAX)]
            {
                let mut asked = Query { bytes, ..limited(filter, limit, looks) };
                asked.range.order = order;
                let mut seen = Vec::new();
                loop {
                    let (found, next) = list(store, id, &asked).await;
                    assert!(found.len() <= limit.min(looks));
                    seen.extend(found);
                    let Some(next) = next else { break };
                    asked.range.after = Some(key(&next));
                }
                assert_eq!(seen, all, "{asked:?}");
            }
            all.reverse();
        }
    }
}

async fn without_a_filter_next_says_exactly_whether_there_is_more(store: &mut TestStore) {
    let id = account_of_30(store).await;
    for limit in [1, 15, 29, 30, 31, 1000] {
        for asked in [limited(None, limit, 1000), limited(None, 1000, limit)] {
            let (found, next) = list(store, id, &asked).await;
            assert_eq!(found.len(), limit.min(30));
            assert_eq!(next, found.last().filter(|_| limit < 30).cloned(), "{limit}");
        }
    }
}

async fn a_filter_looks_beyond_its_last_find(store: &mut TestStore) {
    let id = account_of_30(store).await;
    // Six are wanted, 28 is the last of them.
    let filter = Some(r#"{"n":3}"#);
    assert_eq!(list(store, id, &limited(filter, 5, 1000)).await.1, some("23"));
    assert_eq!(list(store, id, &limited(filter, 6, 1000)).await.1, None);
}

async fn no_more_is_looked_at_than_is_allowed(store: &mut TestStore) {
    let id = account_of_30(store).await;
    let nothing = Some(r#"{"n":7}"#);
    for looks in [1, 2, 15, 29] {
        assert_eq!(list(store, id, &limited(nothing, 10, looks)).await, (vec![], some(&format!("{:02}", looks - 1))));
    }
    for looks in [30, 31, 1000, usize::MAX] {
        assert_eq!(list(store, id, &limited(nothing, 10, looks)).await, (vec![], None), "{looks}");
    }
    let mut backwards = limited(Some(r#"{"n":4}"#), 10, 2);
    backwards.range.order = Order::Descending;
    assert_eq!(list(store, id, &backwards).await, (vec!["29".to_owned()], some("28")));
    // Where both end at once, it goes on behind what was looked at.
    assert_eq!(list(store, id, &limited(Some(r#"{"n":0}"#), 1, 3)).await, (vec!["00".to_owned()], some("02")));
}

async fn no_more_is_found_than_weighs_enough(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let json = format!("\"{}\"", "x".repeat(2000));
    for at in ["a", "b", "c", "d"] {
        set(store, id, at, &json).await.expect("writes");
    }
    let one = value(&json).as_stored().len();
    for (bytes, found) in [(0, 0), (1, 1), (one, 1), (one + 1, 2), (2 * one, 2), (3 * one + 1, 4), (usize::MAX, 4)] {
        for filter in [None, Some("{}")] {
            let (listed, next) = list(store, id, &Query { bytes: bytes.max(1), ..query(filter) }).await;
            assert_eq!(listed.len(), found.max(1), "{bytes}");
            assert_eq!(next.is_some(), found < 4, "{bytes}");
        }
    }
}

async fn a_count_goes_on_like_a_listing(store: &mut TestStore) {
    let id = account_of_30(store).await;
    for (filter, total) in [(None, 30), (Some(r#"{"n":3}"#), 6), (Some(r#"{"n":7}"#), 0)] {
        for looks in [1, 4, 29, 30, 31, usize::MAX] {
            let mut asked = Query { bytes: 1, ..limited(filter, 1, looks) };
            let mut sum = 0;
            loop {
                let (count, next) = count(store, id, &asked).await;
                assert!(count <= looks as u64);
                sum += count;
                let Some(next) = next else { break };
                asked.range.after = Some(key(&next));
            }
            assert_eq!(sum, total, "{filter:?} by {looks}");
        }
    }
    let asked = query(None);
    let within = KeyRange { prefix: "1".to_owned(), after: Some(key("13")), ..asked.range.clone() };
    assert_eq!(count(store, id, &Query { range: within, ..asked }).await, (6, None));
}

async fn what_has_expired_is_neither_listed_nor_counted(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for (at, millis) in [("a", 10), ("b", 20), ("c", 30)] {
        let write = write_until(r#"{"n":1}"#, after(millis));
        store.put(id, &key(at), &write, Precondition::None, NOW).await.expect("writes");
    }
    for (millis, live) in [(0, 3), (9, 3), (10, 2), (19, 2), (20, 1), (29, 1), (30, 0)] {
        for filter in [None, Some(r#"{"n":1}"#), Some(r#"{"$or":[{"n":1},{"n":2}]}"#)] {
            let listed = store.list_documents(id, &query(filter), after(millis)).await.expect("lists").found;
            let count = store.count_documents(id, &query(filter), after(millis)).await.expect("counts").found;
            assert_eq!((listed.len() as u64, count), (live, live), "after {millis} ms, {filter:?}");
            assert!(listed.iter().all(|(_, document)| document.expires_at.is_some()));
        }
    }
}
