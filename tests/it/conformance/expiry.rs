//! Expiry: on its second a token or document is not there, whether or not anything was removed.

use std::slice::from_ref;

use keybin::domain::{Precondition, Timestamp};
use keybin::store::{StoreError, Warrant, Written};

use crate::harness::samples::{
    NOW, after, all_keys, issue, key, refusal, register as registered, set, token, write, write_until,
};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        a_token_dies_on_its_second,
        a_dead_token_gives_way_to_a_new_one,
        a_document_dies_on_its_second,
        a_dead_document_holds_no_condition,
        a_dead_document_is_not_removed_but_absent,
        a_dead_document_is_written_anew,
        a_later_end_keeps_a_document,
        what_has_no_end_stays,
        dead_documents_are_not_listed,
    );
}

/// The last moment before `end`, and the moment itself.
fn around(end: Timestamp) -> (Timestamp, Timestamp) {
    (Timestamp::from_millis(end.as_millis() - 1), end)
}

async fn a_token_dies_on_its_second(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let token = issue(store, id, "phone").await;
    let (last, end) = around(token.expires_at);

    let now = store.at(last);
    assert_eq!(store.token(&token.hash, now).await.expect("reads"), Some(token.clone()));
    assert_eq!(store.list_tokens(id, now).await.expect("lists"), from_ref(&token));
    let now = store.at(end);
    assert_eq!(store.token(&token.hash, now).await.expect("reads"), None);
    assert!(store.list_tokens(id, now).await.expect("lists").is_empty());
    let now = store.clock().advance(86_400_000);
    assert_eq!(store.token(&token.hash, now).await.expect("reads"), None);
}

async fn a_dead_token_gives_way_to_a_new_one(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let old = issue(store, id, "phone").await;
    let now = store.at(old.expires_at);
    let mut new = token(id, "phone");
    new.created_at = now;
    new.expires_at = now.plus_seconds(300);
    store.put_token(&new, &Warrant::Operator).await.expect("issues");
    assert_eq!(store.token(&old.hash, now).await.expect("reads"), None);
    assert_eq!(store.token(&new.hash, now).await.expect("reads"), Some(new.clone()));
    assert_eq!(store.list_tokens(id, now).await.expect("lists"), [new]);
}

async fn a_document_dies_on_its_second(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let (last, end) = around(after(1500));
    store.put(id, &key("k"), &write_until("1", end), Precondition::None, NOW).await.expect("writes");
    let now = store.at(last);
    assert!(store.get(id, &key("k"), now).await.expect("reads").is_some());
    assert_eq!(store.list_keys(id, &all_keys(), now).await.expect("lists").items, [key("k")]);
    let now = store.at(end);
    assert_eq!(store.get(id, &key("k"), now).await.expect("reads"), None);
    assert!(store.list_keys(id, &all_keys(), now).await.expect("lists").items.is_empty());
}

async fn a_dead_document_holds_no_condition(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let (last, end) = around(after(1500));
    let first = write_until("1", end);
    store.put(id, &key("k"), &first, Precondition::None, NOW).await.expect("writes");

    let now = store.at(last);
    let answer = store.put(id, &key("k"), &write("2"), Precondition::Absent, now).await;
    assert!(matches!(refusal(answer), StoreError::Precondition(Some(_))));
    let now = store.at(end);
    for when in [Precondition::Present, Precondition::Revision(first.revision)] {
        let answer = store.put(id, &key("k"), &write("2"), when.clone(), now).await;
        assert!(matches!(refusal(answer), StoreError::Precondition(None)), "put, {when:?}");
        let answer = store.delete(id, &key("k"), when.clone(), now).await;
        assert!(matches!(refusal(answer), StoreError::Precondition(None)), "delete, {when:?}");
    }
    let answer = store.put(id, &key("k"), &write("2"), Precondition::Absent, now).await;
    assert_eq!(answer.expect("writes"), Written::Created);
}

async fn a_dead_document_is_not_removed_but_absent(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let (last, end) = around(after(1500));
    for at in ["a", "b"] {
        store.put(id, &key(at), &write_until("1", end), Precondition::None, NOW).await.expect("writes");
    }
    let now = store.at(last);
    assert!(store.delete(id, &key("a"), Precondition::None, now).await.expect("removes"));
    let now = store.at(end);
    for when in [Precondition::None, Precondition::Absent] {
        assert!(!store.delete(id, &key("b"), when.clone(), now).await.expect("finds nothing"), "{when:?}");
    }
}

async fn a_dead_document_is_written_anew(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    store.put(id, &key("k"), &write_until("1", after(10)), Precondition::None, NOW).await.expect("writes");
    let now = store.at(after(10));
    let answer = store.put(id, &key("k"), &write("2"), Precondition::None, now).await;
    assert_eq!(answer.expect("writes"), Written::Created);
    let document = store.get(id, &key("k"), now).await.expect("reads").expect("is there");
    assert_eq!((document.created_at, document.modified_at, document.expires_at), (now, now, None));
}

async fn a_later_end_keeps_a_document(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let first = write_until("1", after(10));
    store.put(id, &key("k"), &first, Precondition::None, NOW).await.expect("writes");
    let second = write_until("2", after(20));
    let answer = store.put(id, &key("k"), &second, Precondition::Revision(first.revision), after(9)).await;
    assert_eq!(answer.expect("writes"), Written::Replaced);
    let now = store.at(after(19));
    let document = store.get(id, &key("k"), now).await.expect("reads").expect("is there");
    assert_eq!((document.created_at, document.expires_at), (NOW, Some(after(20))));
    let now = store.at(after(20));
    assert_eq!(store.get(id, &key("k"), now).await.expect("reads"), None);
}

async fn what_has_no_end_stays(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "k", "1").await.expect("writes");
    let now = store.clock().advance(100 * 365 * 86_400_000);
    assert!(store.get(id, &key("k"), now).await.expect("reads").is_some());
    assert!(store.account(id).await.expect("reads").is_some());
}

async fn dead_documents_are_not_listed(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for i in 0..40 {
        // Few stay among many that do not, and behind the last that stays come more that do not.
        let at = key(&format!("{i:02}"));
        let write = if i % 10 == 3 || i == 9 { write("1") } else { write_until("1", after(10)) };
        store.put(id, &at, &write, Precondition::None, NOW).await.expect("writes");
    }
    let live = ["03", "09", "13", "23", "33"].map(key);
    let now = store.at(after(10));
    for limit in 0..7 {
        let mut range = all_keys();
        range.limit = limit;
        let page = store.list_keys(id, &range, now).await.expect("lists");
        assert_eq!(page.items, live[..limit.min(5)], "of limit {limit}");
        assert_eq!(page.more, limit < 5, "of limit {limit}");
    }
}
