//! Listing whole documents, and times of modification that clients know better.

use keybin::domain::{KeyRange, Order, Precondition, Timestamp};
use keybin::store::Write;

use crate::harness::samples::{NOW, after, all_keys, key, register as registered, set, write, write_until};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        documents_are_listed_as_they_are_got,
        documents_are_paged_like_keys,
        a_given_time_of_modification_is_kept_to_the_microsecond,
        without_one_a_write_is_modified_now,
    );
}

async fn documents_are_listed_as_they_are_got(store: &mut TestStore) {
    let (ada, grace) = (registered(store, "ada").await, registered(store, "grace").await);
    let large = format!("\"{}\"", "x".repeat(5000));
    for (at, json) in [("b", "1"), ("a", large.as_str()), ("é", "[true,null]")] {
        set(store, ada.id, at, json).await.expect("writes");
    }
    set(store, grace.id, "hers", "2").await.expect("writes");
    store.put(ada.id, &key("over"), &write_until("3", NOW), Precondition::None, after(-1)).await.expect("writes");
    let listed = store.list_documents(ada.id, &all_keys().into(), NOW).await.expect("lists");
    let keys: Vec<&str> = listed.found.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!((keys, listed.next), (vec!["a", "b", "é"], None));
    for (key, document) in &listed.found {
        assert_eq!(store.get(ada.id, key, NOW).await.expect("reads").as_ref(), Some(document));
    }
}

async fn documents_are_paged_like_keys(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    for at in ["p1", "p2", "p3", "q"] {
        set(store, ada.id, at, "0").await.expect("writes");
    }
    for (after, limit) in [(None, 2), (Some("p1"), 2), (Some("p"), 9), (Some("p3"), 1)] {
        let range = KeyRange { prefix: "p".to_owned(), after: after.map(key), limit, order: Order::Ascending };
        let keys = store.list_keys(ada.id, &range, NOW).await.expect("lists keys");
        let documents = store.list_documents(ada.id, &range.clone().into(), NOW).await.expect("lists documents");
        let listed: Vec<_> = documents.found.into_iter().map(|(key, _)| key).collect();
        let next = keys.items.last().filter(|_| keys.more).cloned();
        assert_eq!((listed, documents.next), (keys.items, next), "{range:?}");
    }
}

async fn a_given_time_of_modification_is_kept_to_the_microsecond(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    for micros in [0, 1, 999, 1000, -1, -1_000_001, 1_520_677_535_576_296] {
        let modified_at = Timestamp::from_micros(micros);
        let given = Write { modified_at: Some(modified_at), ..write("1") };
        store.put(ada.id, &key("k"), &given, Precondition::None, NOW).await.expect("writes");
        let document = store.get(ada.id, &key("k"), NOW).await.expect("reads").expect("is there");
        assert_eq!((document.modified_at, document.created_at), (modified_at, NOW), "{micros}");
    }
}

async fn without_one_a_write_is_modified_now(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let odd = Write { modified_at: Some(Timestamp::from_micros(123_456_789)), ..write("1") };
    store.put(ada.id, &key("k"), &odd, Precondition::None, NOW).await.expect("writes");
    store.put(ada.id, &key("k"), &write("2"), Precondition::None, after(7)).await.expect("writes");
    let document = store.get(ada.id, &key("k"), after(7)).await.expect("reads").expect("is there");
    assert_eq!((document.modified_at, document.created_at), (after(7), NOW));
}
