//! `list_keys`: order, ranges, and whether there is more.

use keybin::domain::{AccountId, KeyRange, Order};

use crate::harness::samples::{Handle, NOW, key, keys, register as registered, set};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        keys_come_in_bytewise_order,
        an_account_without_documents_has_no_keys,
        a_prefix_finds_what_begins_with_it,
        a_prefix_may_end_in_the_highest_character,
        a_prefix_may_end_before_the_surrogates,
        a_prefix_that_no_key_can_have_finds_nothing,
        a_listing_goes_on_after_a_key_that_need_not_exist,
        after_and_prefix_hold_together,
        more_says_exactly_whether_there_are_more_keys,
    );
}

/// The keys of a page, and whether there are more.
async fn page(
    store: &impl Handle,
    id: AccountId,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> (Vec<String>, bool) {
    let range = KeyRange { prefix: prefix.to_owned(), after: after.map(key), limit, order: Order::Ascending };
    let page = store.list_keys(id, &range, NOW).await.expect("lists");
    (page.items.iter().map(|key| key.as_str().to_owned()).collect(), page.more)
}

/// An account with a document under each of these keys.
async fn account_with(store: &impl Handle, present: &[&str]) -> AccountId {
    let id = registered(store, "ada").await.id;
    for at in present.iter().rev() {
        set(store, id, at, "1").await.expect("writes");
    }
    id
}

async fn keys_come_in_bytewise_order(store: &mut TestStore) {
    // The last two would change places if they were ordered as UTF-16, and Z and a by most collations.
    let in_order = [
        " ",
        "!",
        "$a",
        "-",
        "...",
        "0",
        "10",
        "9",
        "A",
        "Z",
        "_id",
        "a",
        "a ",
        "a!",
        "a.b",
        "aa",
        "b",
        "z",
        "\u{a0}",
        "\u{e9}",
        "\u{e9}a",
        "\u{7ff}",
        "\u{800}",
        "\u{d7ff}",
        "\u{e000}",
        "\u{ff61}",
        "\u{ffff}",
        "\u{10000}",
        "\u{1f600}",
        "\u{10ffff}",
    ];
    let id = account_with(store, &in_order).await;
    assert_eq!(keys(store, id).await, in_order);
    // Page by page as well.
    let mut seen: Vec<String> = Vec::new();
    while let (next, true) = page(store, id, "", seen.last().map(String::as_str), 1).await {
        seen.extend(next);
    }
    assert_eq!(seen, in_order[..in_order.len() - 1]);
}

async fn an_account_without_documents_has_no_keys(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for id in [id, AccountId::random()] {
        assert_eq!(page(store, id, "", None, 10).await, (vec![], false));
        assert_eq!(page(store, id, "a", Some("b"), 1).await, (vec![], false));
    }
}

async fn a_prefix_finds_what_begins_with_it(store: &mut TestStore) {
    let id = account_with(store, &["A", "a", "a.", "a.b", "a\u{e9}", "b", "ba", "\u{e9}", "\u{e9}x"]).await;
    for (prefix, found) in [
        ("a", &["a", "a.", "a.b", "a\u{e9}"][..]),
        ("a.", &["a.", "a.b"]),
        ("a.b", &["a.b"]),
        ("a.b.", &[]),
        ("b", &["b", "ba"]),
        ("\u{e9}", &["\u{e9}", "\u{e9}x"]),
        ("c", &[]),
        (".", &[]),
        ("^a", &[]),
    ] {
        let (listed, more) = page(store, id, prefix, None, 100).await;
        assert_eq!(listed, found, "{prefix:?}");
        assert!(!more);
    }
}

async fn a_prefix_may_end_in_the_highest_character(store: &mut TestStore) {
    let present = ["a", "a\u{10fffe}", "a\u{10ffff}", "a\u{10ffff}\u{10ffff}", "b", "\u{10ffff}", "\u{10ffff}z"];
    let id = account_with(store, &present).await;
    for (prefix, found) in [
        ("a\u{10ffff}", &present[2..4]),
        ("a\u{10ffff}\u{10ffff}", &present[3..4]),
        ("\u{10ffff}", &present[5..]),
        ("\u{10ffff}\u{10ffff}", &[]),
    ] {
        assert_eq!(page(store, id, prefix, None, 100).await.0, found, "{prefix:?}");
    }
}

async fn a_prefix_may_end_before_the_surrogates(store: &mut TestStore) {
    let present = ["\u{d7fe}", "\u{d7ff}", "\u{d7ff}x", "\u{e000}", "\u{e000}y"];
    let id = account_with(store, &present).await;
    assert_eq!(page(store, id, "\u{d7ff}", None, 100).await.0, present[1..3]);
    assert_eq!(page(store, id, "\u{e000}", None, 100).await.0, present[3..]);
}

async fn a_prefix_that_no_key_can_have_finds_nothing(store: &mut TestStore) {
    let longest = "x".repeat(255);
    let id = account_with(store, &["a", &longest]).await;
    for prefix in ["a/", "/", "\0", "a\0", "\u{7f}", &"x".repeat(256), &"x".repeat(100_000)] {
        assert_eq!(page(store, id, prefix, None, 100).await, (vec![], false));
    }
    assert_eq!(page(store, id, &longest, None, 100).await.0, [longest.as_str()]);
}

async fn a_listing_goes_on_after_a_key_that_need_not_exist(store: &mut TestStore) {
    let present = ["b", "d", "d.", "f", "\u{e9}"];
    let id = account_with(store, &present).await;
    for (after, rest) in [
        ("a", 0),
        ("b", 1),
        ("c", 1),
        ("d", 2),
        ("d!", 2),
        ("d.", 3),
        ("e", 3),
        ("f", 4),
        ("z", 4),
        ("\u{e9}", 5),
        ("\u{10ffff}", 5),
    ] {
        assert_eq!(page(store, id, "", Some(after), 100).await, (spelled(&present[rest..]), false), "after {after:?}");
    }
}

async fn after_and_prefix_hold_together(store: &mut TestStore) {
    let id = account_with(store, &["a", "b", "b1", "b2", "b3", "c"]).await;
    for (after, found) in [
        ("a", &["b", "b1", "b2", "b3"][..]),
        ("az", &["b", "b1", "b2", "b3"]),
        ("b", &["b1", "b2", "b3"]),
        ("b15", &["b2", "b3"]),
        ("b3", &[]),
        ("b\u{10ffff}", &[]),
        ("c", &[]),
        ("z", &[]),
    ] {
        assert_eq!(page(store, id, "b", Some(after), 100).await, (spelled(found), false), "after {after:?}");
    }
    assert_eq!(page(store, id, "b", Some("b"), 2).await, (spelled(&["b1", "b2"]), true));
    assert_eq!(page(store, id, "b", Some("b1"), 2).await, (spelled(&["b2", "b3"]), false));
}

async fn more_says_exactly_whether_there_are_more_keys(store: &mut TestStore) {
    let id = account_with(store, &["a", "b1", "b2", "b3", "c"]).await;
    for (prefix, count) in [("", 5), ("b", 3), ("c", 1), ("d", 0)] {
        for limit in (0..7).chain([usize::MAX]) {
            let (listed, more) = page(store, id, prefix, None, limit).await;
            assert_eq!(listed.len(), limit.min(count), "{prefix:?} of limit {limit}");
            assert_eq!(more, limit < count, "{prefix:?} of limit {limit}");
        }
    }
}

fn spelled(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}
