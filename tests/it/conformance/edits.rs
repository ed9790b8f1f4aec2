//! Changes: what becomes of a document where that depends on what it is.

use keybin::domain::patch::{Increment, Patch};
use keybin::domain::{AccountId, Change, Document, Edit, Precondition, Revision};
use keybin::store::StoreError;

use crate::harness::samples::{NOW, after, json, key, refusal, register as registered, set, value, write, write_until};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        a_change_answers_what_is_there_then,
        a_change_keeps_the_expiry_unless_another_is_given,
        a_change_that_keeps_the_value_keeps_its_time,
        a_change_needs_a_document_unless_it_counts,
        a_change_is_made_exactly_when_its_condition_holds,
        a_change_that_cannot_be_made_changes_nothing,
        what_has_expired_is_not_changed,
        large_documents_are_changed_like_small_ones,
        an_account_that_is_gone_changes_nothing,
    );
}

pub(super) const MAX: usize = 1 << 20;

pub(super) fn merge(json: &str) -> Change {
    Change::of(Edit::Patch(Patch::parse_merge(json.as_bytes(), MAX).expect("a merge patch")), MAX)
}

pub(super) fn patch(json: &str) -> Change {
    Change::of(Edit::Patch(Patch::parse_json(json.as_bytes(), MAX).expect("a JSON patch")), MAX)
}

pub(super) fn add(by: &str) -> Change {
    Change::of(Edit::Increment(Increment::new(Some(&value(by)), None).expect("numbers")), MAX)
}

pub(super) fn keep() -> Change {
    Change::of(Edit::Keep, MAX)
}

async fn change(store: &TestStore, id: AccountId, change: &Change) -> Result<Document, StoreError> {
    store.change(id, &key("k"), change, Precondition::None, after(7)).await
}

async fn a_change_answers_what_is_there_then(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for (before, change_to, expected) in [
        (r#"{"a":1,"b":{"c":2}}"#, merge(r#"{"b":{"c":null,"d":3},"e":4}"#), r#"{"a":1,"b":{"d":3},"e":4}"#),
        ("[1]", merge(r#"{"a":null,"b":2}"#), r#"{"b":2}"#),
        ("[1,2]", patch(r#"[{"op":"test","path":"/0","value":1},{"op":"add","path":"/-","value":3}]"#), "[1,2,3]"),
        ("41", add("1"), "42"),
        ("0.1", add("0.2"), "0.3"),
        ("\"as it was\"", keep(), "\"as it was\""),
    ] {
        set(store, id, "k", before).await.expect("writes");
        let changed = change(store, id, &change_to).await.expect("changes");
        let modified_at = if change_to.edit == Edit::Keep { NOW } else { after(7) };
        let Document { revision, created_at, expires_at, .. } = changed;
        assert_eq!((revision, created_at, expires_at), (change_to.revision, NOW, None), "{expected}");
        assert_eq!(changed.modified_at, modified_at, "{expected}");
        assert_eq!(changed.value, value(expected));
        assert_eq!(store.get(id, &key("k"), after(7)).await.expect("reads"), Some(changed));
        store.delete(id, &key("k"), Precondition::None, NOW).await.expect("removes");
    }
}

async fn a_change_keeps_the_expiry_unless_another_is_given(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for edit in [merge("{\"a\":1}"), add("1"), keep()] {
        let before = if edit.edit == add("1").edit { "1" } else { "{}" };
        store.put(id, &key("k"), &write_until(before, after(100)), Precondition::None, NOW).await.expect("writes");
        assert_eq!(change(store, id, &edit).await.expect("changes").expires_at, Some(after(100)));
        let again = Change { revision: Revision::random(), expires_at: Some(after(200)), ..edit };
        assert_eq!(change(store, id, &again).await.expect("changes").expires_at, Some(after(200)));
        assert!(store.get(id, &key("k"), after(199)).await.expect("reads").is_some());
        assert!(store.get(id, &key("k"), after(200)).await.expect("reads").is_none());
    }
}

async fn a_change_that_keeps_the_value_keeps_its_time(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "k", "1").await.expect("writes");
    let touch = Change { expires_at: Some(after(50)), ..keep() };
    let touched = change(store, id, &touch).await.expect("changes");
    assert_eq!((touched.modified_at, touched.revision), (NOW, touch.revision));
    assert!(store.get(id, &key("k"), after(50)).await.expect("reads").is_none());
}

async fn a_change_needs_a_document_unless_it_counts(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for edit in [merge("{}"), patch("[]"), keep()] {
        assert!(matches!(refusal(change(store, id, &edit).await), StoreError::NoDocument));
        for when in [Precondition::Present, Precondition::Absent, Precondition::Revision(Revision::random())] {
            let answer = store.change(id, &key("k"), &edit, when, NOW).await;
            assert!(matches!(refusal(answer), StoreError::NoDocument));
        }
    }
    let made = change(store, id, &add("2")).await.expect("counts");
    assert_eq!((made.value, made.created_at, made.modified_at), (value("2"), after(7), after(7)));
}

async fn a_change_is_made_exactly_when_its_condition_holds(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let first = write("1");
    store.put(id, &key("k"), &first, Precondition::None, NOW).await.expect("writes");
    let other = Revision::random();
    for when in [
        Precondition::Absent,
        Precondition::Revision(other),
        Precondition::OneOf(vec![other]),
        Precondition::NoneOf(vec![first.revision]),
        Precondition::Revision(first.revision).and(Precondition::NoneOf(vec![first.revision])),
    ] {
        let present = store.get(id, &key("k"), NOW).await.expect("reads");
        match store.change(id, &key("k"), &add("1"), when, NOW).await {
            Err(StoreError::Precondition(shown)) => assert_eq!(shown.map(|shown| *shown), present),
            answer => panic!("{answer:?}"),
        }
    }
    assert_eq!(json(store, id, "k").await.as_deref(), Some("1"));
    for (at, when) in [("k", Precondition::Revision(first.revision)), ("new", Precondition::Absent)] {
        store.change(id, &key(at), &add("1"), when, NOW).await.expect("changes");
    }
    assert_eq!(json(store, id, "k").await.as_deref(), Some("2"));
    let answer = store.change(id, &key("nothing"), &add("1"), Precondition::Present, NOW).await;
    assert!(matches!(refusal(answer), StoreError::Precondition(None)));
}

async fn a_change_that_cannot_be_made_changes_nothing(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "k", r#"{"a":[1]}"#).await.expect("writes");
    let before = store.get(id, &key("k"), NOW).await.expect("reads");
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(100));
    for edit in [
        patch(r#"[{"op":"add","path":"/a/0","value":0},{"op":"test","path":"/a/0","value":9}]"#),
        patch(r#"[{"op":"remove","path":"/a/0"},{"op":"remove","path":"/b"}]"#),
        add("1"),
        Change { max_value_bytes: 50, ..merge(&large) },
    ] {
        let answer = refusal(change(store, id, &edit).await);
        assert!(matches!(answer, StoreError::Change(_)), "{answer:?}");
        assert_eq!(store.get(id, &key("k"), NOW).await.expect("reads"), before);
    }
}

async fn what_has_expired_is_not_changed(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let old = write_until("5", after(7));
    store.put(id, &key("k"), &old, Precondition::None, NOW).await.expect("writes");
    assert!(matches!(refusal(change(store, id, &keep()).await), StoreError::NoDocument));
    let answer = store.change(id, &key("k"), &add("1"), Precondition::Revision(old.revision), after(7)).await;
    assert!(matches!(refusal(answer), StoreError::Precondition(None)));
    let made = change(store, id, &add("1")).await.expect("counts anew");
    assert_eq!((made.value, made.created_at, made.expires_at), (value("1"), after(7), None));
    assert!(store.get(id, &key("k"), after(1_000_000)).await.expect("reads").is_some());
}

/// So large that it is not worked out on the way.
async fn large_documents_are_changed_like_small_ones(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let text = "x".repeat(600_000);
    set(store, id, "k", &format!(r#"{{"large":"{text}","n":[]}}"#)).await.expect("writes");
    for n in 0..3 {
        let at_end = format!(r#"[{{"op":"add","path":"/n/-","value":{n}}},{{"op":"copy","from":"/n","path":"/m"}}]"#);
        change(store, id, &patch(&at_end)).await.expect("changes");
    }
    let expected = format!(r#"{{"large":"{text}","n":[0,1,2],"m":[0,1,2]}}"#);
    assert!(json(store, id, "k").await.is_some_and(|json| json == expected));
    let failing = patch(r#"[{"op":"copy","from":"/large","path":"/l"},{"op":"test","path":"/n","value":0}]"#);
    assert!(matches!(refusal(change(store, id, &failing).await), StoreError::Change(_)));
    assert!(json(store, id, "k").await.is_some_and(|json| json == expected));
}

async fn an_account_that_is_gone_changes_nothing(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "k", "1").await.expect("writes");
    let rows = store.rows().await;
    assert!(store.erase_account(id).await.expect("erases"));
    assert!(matches!(refusal(change(store, id, &add("1")).await), StoreError::AccountGone));
    assert!(matches!(refusal(change(store, id, &keep()).await), StoreError::NoDocument));
    assert!(store.rows().await < rows);
    assert_eq!(json(store, id, "k").await, None);
}
