//! `list_outlines`, `usage` and the way that listings go: what a person looks at.

use keybin::domain::{AccountId, Key, KeyRange, Order, Outline, Page, Precondition, Usage};

use crate::harness::samples::{Handle, NOW, after, key, register as registered, set, value, write, write_until};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        an_outline_tells_what_the_document_tells,
        values_that_are_too_large_are_left_out,
        a_listing_goes_both_ways,
        a_listing_backwards_keeps_to_its_prefix,
        usage_is_the_sum_of_the_outlines,
        usage_counts_what_is_live,
    );
}

async fn outlines(store: &impl Handle, id: AccountId, value_bytes: u64) -> Page<(Key, Outline)> {
    let range = KeyRange { prefix: String::new(), after: None, limit: 1000, order: Order::Ascending };
    store.list_outlines(id, &range, value_bytes, NOW).await.expect("lists")
}

async fn an_outline_tells_what_the_document_tells(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for (at, json) in [("a", "1"), ("b", r#"{"x":[1,null,"é"]}"#), ("c", "null")] {
        set(store, id, at, json).await.expect("writes");
    }
    let ending = write_until("\"ends\"", after(1));
    store.put(id, &key("d"), &ending, Precondition::None, NOW).await.expect("writes");
    let listed = outlines(store, id, u64::MAX).await;
    assert_eq!((listed.items.len(), listed.more), (4, false));
    for (at, outline) in listed.items {
        let document = store.get(id, &at, NOW).await.expect("reads").expect("is there");
        let expected = Outline {
            bytes: document.value.as_stored().len() as u64,
            value: Some(document.value),
            revision: document.revision,
            created_at: document.created_at,
            modified_at: document.modified_at,
            expires_at: document.expires_at,
        };
        assert_eq!(outline, expected, "{at}");
    }
}

async fn values_that_are_too_large_are_left_out(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let jsons = ["1", "\"123456789\"", &format!("\"{}\"", "x".repeat(1000)), &format!("\"{}\"", "x".repeat(100_000))];
    for (n, json) in jsons.iter().enumerate() {
        set(store, id, &n.to_string(), json).await.expect("writes");
    }
    let sizes = jsons.map(|json| value(json).as_stored().len() as u64);
    for limit in sizes.into_iter().flat_map(|size| [size - 1, size]).chain([0]) {
        for (n, (_, outline)) in outlines(store, id, limit).await.items.into_iter().enumerate() {
            assert_eq!(outline.bytes, sizes[n]);
            assert_eq!(outline.value, (sizes[n] <= limit).then(|| value(jsons[n])), "{n} with {limit}");
        }
    }
}

async fn page(store: &impl Handle, id: AccountId, prefix: &str, after: Option<&str>, limit: usize) -> Vec<String> {
    let range = KeyRange { prefix: prefix.to_owned(), after: after.map(key), limit, order: Order::Descending };
    let keys = store.list_keys(id, &range, NOW).await.expect("lists");
    let documents = store.list_documents(id, &range.clone().into(), NOW).await.expect("lists");
    let outlines = store.list_outlines(id, &range, 0, NOW).await.expect("lists");
    assert_eq!((keys.more, keys.more), (documents.next.is_some(), outlines.more));
    assert_eq!(keys.items, documents.found.into_iter().map(|(key, _)| key).collect::<Vec<_>>());
    assert_eq!(keys.items, outlines.items.into_iter().map(|(key, _)| key).collect::<Vec<_>>());
    assert!(!keys.more || keys.items.len() == limit);
    keys.items.iter().map(|key| key.as_str().to_owned()).collect()
}

async fn a_listing_goes_both_ways(store: &mut TestStore) {
    let (id, other) = (registered(store, "ada").await.id, registered(store, "bob").await.id);
    for at in ["a", "b", "c", "d"] {
        set(store, id, at, "1").await.expect("writes");
        set(store, other, at, "2").await.expect("writes");
    }
    assert_eq!(page(store, id, "", None, 10).await, ["d", "c", "b", "a"]);
    assert_eq!(page(store, id, "", None, 2).await, ["d", "c"]);
    assert_eq!(page(store, id, "", Some("c"), 2).await, ["b", "a"]);
    assert_eq!(page(store, id, "", Some("c0"), 2).await, ["c", "b"]);
    assert_eq!(page(store, id, "", Some("a"), 2).await, [""; 0]);
    assert_eq!(page(store, id, "", Some("\u{10ffff}"), 1).await, ["d"]);
    assert_eq!(page(store, id, "", Some(" "), 1).await, [""; 0]);
}

async fn a_listing_backwards_keeps_to_its_prefix(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for at in ["a", "b", "b.", "b.a", "b\u{10ffff}", "c"] {
        set(store, id, at, "1").await.expect("writes");
    }
    assert_eq!(page(store, id, "b", None, 10).await, ["b\u{10ffff}", "b.a", "b.", "b"]);
    assert_eq!(page(store, id, "b", Some("z"), 10).await, ["b\u{10ffff}", "b.a", "b.", "b"]);
    assert_eq!(page(store, id, "b", Some("b.a"), 10).await, ["b.", "b"]);
    assert_eq!(page(store, id, "b", Some("a"), 10).await, [""; 0]);
    assert_eq!(page(store, id, "b.", Some("b.a"), 10).await, ["b."]);
    assert_eq!(page(store, id, "\u{10ffff}", None, 10).await, [""; 0]);
}

async fn usage_is_the_sum_of_the_outlines(store: &mut TestStore) {
    let (id, other) = (registered(store, "ada").await.id, registered(store, "bob").await.id);
    assert_eq!(store.usage(id, NOW).await.expect("sums up"), Usage::default());
    assert_eq!(store.usage(AccountId::random(), NOW).await.expect("sums up"), Usage::default());
    for n in [0, 1, 10, 1000, 5000, 100_000] {
        set(store, id, &format!("k{n}"), &format!("\"{}\"", "x".repeat(n))).await.expect("writes");
    }
    set(store, other, "k", "1").await.expect("writes");
    let bytes = outlines(store, id, 0).await.items.iter().map(|(_, outline)| outline.bytes).sum();
    assert_eq!(store.usage(id, NOW).await.expect("sums up"), Usage { documents: 6, bytes });
    assert!(bytes > 106_011, "{bytes}");
    store.erase_account(id).await.expect("erases");
    assert_eq!(store.usage(id, NOW).await.expect("sums up"), Usage::default());
    assert_eq!(store.usage(other, NOW).await.expect("sums up").documents, 1);
}

async fn usage_counts_what_is_live(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for (at, write) in [("a", write("1")), ("b", write_until("2", after(10))), ("c", write_until("3", after(20)))] {
        store.put(id, &key(at), &write, Precondition::None, NOW).await.expect("writes");
    }
    for (millis, documents) in [(0, 3), (9, 3), (10, 2), (19, 2), (20, 1)] {
        assert_eq!(store.usage(id, after(millis)).await.expect("sums up").documents, documents, "after {millis} ms");
    }
}
