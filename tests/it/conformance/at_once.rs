//! Several operations at once: all of them or none; and removing many.

use keybin::domain::{AccountId, Document, Precondition, Revision};
use keybin::store::{Action, Operation, Outcome, StoreError, Write, Written};

use super::edits::{add, keep, merge, patch};
use crate::harness::race::race;
use crate::harness::samples::{
    NOW, after, json, key, keys, refusal, register as registered, set, value, write, write_until,
};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        all_of_them_are_done_in_order,
        if_one_fails_nothing_is_changed,
        nobody_sees_a_part,
        sums_stay_the_same_under_transfers,
        large_ones_are_done_like_small_ones,
        an_account_that_is_gone_is_left_with_nothing,
        reading_together_is_bounded,
        those_under_the_keys_are_removed_and_counted,
        a_thousand_can_be_done_at_once,
    );
}

fn operation(at: &str, action: Action) -> Operation {
    Operation { key: key(at), when: Precondition::None, action }
}

fn put(at: &str, json: &str) -> Operation {
    operation(at, Action::Put(write(json)))
}

async fn apply(store: &TestStore, id: AccountId, operations: &[Operation]) -> Result<Vec<Outcome>, StoreError> {
    store.apply_all(id, operations, after(7)).await
}

async fn all_of_them_are_done_in_order(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "old", "{}").await.expect("writes");
    set(store, id, "gone", "1").await.expect("writes");
    store.put(id, &key("over"), &write_until("9", after(7)), Precondition::None, NOW).await.expect("writes");
    let absent = |operation: Operation| Operation { when: Precondition::Absent, ..operation };
    let until = Write { expires_at: Some(after(100)), ..write("0") };
    let operations = [
        absent(put("new", "1")),
        operation("new", Action::Change(add("2"))),
        operation("new", Action::Get),
        operation("old", Action::Change(merge(r#"{"a":1}"#))),
        operation("old", Action::Change(patch(r#"[{"op":"test","path":"/a","value":1}]"#))),
        operation("gone", Action::Delete),
        absent(put("gone", "2")),
        operation("gone", Action::Delete),
        absent(operation("over", Action::Change(add("1")))),
        operation("until", Action::Put(until)),
        operation("until", Action::Change(keep())),
        put("until2", "0"),
        put("until2", "1"),
    ];
    let outcomes = apply(store, id, &operations).await.expect("applies");
    let shown: Vec<String> = outcomes.iter().map(shown).collect();
    let expected = [
        "Created",
        "3",
        "3",
        r#"{"a":1}"#,
        r#"{"a":1}"#,
        "Deleted",
        "Created",
        "Deleted",
        "1",
        "Created",
        "0",
        "Created",
        "Replaced",
    ];
    assert_eq!(shown, expected);
    assert_eq!(keys(store, id).await, ["new", "old", "over", "until", "until2"]);
    let old = store.get(id, &key("old"), after(7)).await.expect("reads").expect("is there");
    assert_eq!((old.created_at, old.modified_at), (NOW, after(7)));
    assert!(matches!(&outcomes[4], Outcome::Document(document) if *document == old));
    assert_eq!(store.get(id, &key("until"), after(100)).await.expect("reads"), None);
    let new = store.get(id, &key("new"), after(7)).await.expect("reads").expect("is there");
    assert_eq!((new.value, new.created_at, new.expires_at), (value("3"), after(7), None));
}

fn shown(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Document(Document { value, .. }) => {
            String::from_utf8(value.to_json().expect("renders")).expect("UTF-8")
        }
        Outcome::Written(Written::Created) => "Created".to_owned(),
        Outcome::Written(Written::Replaced) => "Replaced".to_owned(),
        Outcome::Deleted => "Deleted".to_owned(),
    }
}

async fn if_one_fails_nothing_is_changed(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "a", "1").await.expect("writes");
    let before = store.get(id, &key("a"), NOW).await.expect("reads");
    let when = |operation: Operation, when| Operation { when, ..operation };
    for (failing, as_expected) in [
        (operation("none", Action::Get), (|e| matches!(e, StoreError::NoDocument)) as fn(&StoreError) -> bool),
        (operation("none", Action::Delete), |e| matches!(e, StoreError::NoDocument)),
        (operation("none", Action::Change(keep())), |e| matches!(e, StoreError::NoDocument)),
        (operation("a", Action::Change(patch(r#"[{"op":"remove","path":"/x"}]"#))), |e| {
            matches!(e, StoreError::Change(_))
        }),
        (
            when(put("a", "3"), Precondition::Absent),
            |e| matches!(e, StoreError::Precondition(Some(shown)) if shown.value == value("2")),
        ),
        (when(put("none", "3"), Precondition::Revision(Revision::random())), |e| {
            matches!(e, StoreError::Precondition(None))
        }),
    ] {
        let operations = [put("a", "2"), put("b", "1"), failing, put("c", "1")];
        match refusal(apply(store, id, &operations).await) {
            StoreError::Operation { index: 2, reason } => assert!(as_expected(&reason), "{reason:?}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(store.get(id, &key("a"), NOW).await.expect("reads"), before);
        assert_eq!(keys(store, id).await, ["a"]);
    }
}

/// Two numbers are written together again and again; whoever reads both together always finds them equal.
async fn nobody_sees_a_part(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let both = |n: usize| [put("a", &n.to_string()), put("b", &n.to_string())];
    apply(store, id, &both(0)).await.expect("writes");
    let shared = store.share();
    race(4, |who| {
        let store = shared.clone();
        async move {
            for n in 0..20 {
                if who < 2 {
                    store.apply_all(id, &both(n * 2 + who), NOW).await.expect("writes");
                } else {
                    let reading = [operation("a", Action::Get), operation("b", Action::Get)];
                    let read = store.apply_all(id, &reading, NOW).await.expect("reads");
                    assert_eq!(shown(&read[0]), shown(&read[1]));
                }
            }
        }
    })
    .await;
}

async fn sums_stay_the_same_under_transfers(store: &mut TestStore) {
    const ACCOUNTS: usize = 4;
    let id = registered(store, "ada").await.id;
    let shared = store.share();
    race(8, |who| {
        let store = shared.clone();
        async move {
            for n in 0..10 {
                let (from, to) =
                    (format!("n{}", (who + n) % ACCOUNTS), format!("n{}", (who * 3 + n * 5 + 1) % ACCOUNTS));
                let transfer = [operation(&from, Action::Change(add("-7"))), operation(&to, Action::Change(add("7")))];
                loop {
                    match store.apply_all(id, &transfer, NOW).await {
                        Ok(_) => break,
                        Err(StoreError::Unavailable(_)) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            }
        }
    })
    .await;
    let mut sum = 0;
    for at in keys(store, id).await {
        sum += json(store, id, &at).await.expect("is there").parse::<i32>().expect("a number");
    }
    assert_eq!(sum, 0);
}

async fn large_ones_are_done_like_small_ones(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat(400_000));
    let operations = [
        put("a", &large),
        put("b", &large),
        operation("a", Action::Change(merge(r#"{"x":1}"#))),
        operation("b", Action::Change(patch(r#"[{"op":"copy","from":"/x","path":"/y"}]"#))),
        operation("b", Action::Change(merge(r#"{"x":null,"y":2}"#))),
    ];
    apply(store, id, &operations).await.expect("applies");
    assert_eq!(json(store, id, "a").await.as_deref(), Some(r#"{"x":1}"#));
    assert_eq!(json(store, id, "b").await.as_deref(), Some(r#"{"y":2}"#));
}

async fn an_account_that_is_gone_is_left_with_nothing(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "a", "1").await.expect("writes");
    assert!(store.erase_account(id).await.expect("erases"));
    let rows = store.rows().await;
    assert!(matches!(refusal(apply(store, id, &[put("a", "1"), put("b", "1")]).await), StoreError::AccountGone));
    let answer = refusal(apply(store, id, &[operation("a", Action::Get)]).await);
    assert!(matches!(answer, StoreError::Operation { index: 0, .. }), "{answer:?}");
    assert_eq!(store.delete_all(id, &[key("a"), key("b")], NOW).await.expect("finds nothing"), 0);
    assert_eq!(store.rows().await, rows);
}

async fn reading_together_is_bounded(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "a", &format!("\"{}\"", "x".repeat(1_000_000))).await.expect("writes");
    let reading: Vec<Operation> = (0..100).map(|_| operation("a", Action::Get)).collect();
    assert_eq!(apply(store, id, &reading[..50]).await.expect("reads").len(), 50);
    match refusal(apply(store, id, &reading).await) {
        StoreError::Operation { reason, .. } => assert!(matches!(*reason, StoreError::TooLarge), "{reason:?}"),
        other => panic!("{other:?}"),
    }
}

async fn those_under_the_keys_are_removed_and_counted(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let other = registered(store, "grace").await.id;
    for at in ["a", "b", "c"] {
        set(store, id, at, "1").await.expect("writes");
        set(store, other, at, "1").await.expect("writes");
    }
    store.put(id, &key("over"), &write_until("1", after(7)), Precondition::None, NOW).await.expect("writes");
    let these = ["a", "c", "none", "over"].map(key);
    assert_eq!(store.delete_all(id, &these, after(7)).await.expect("removes"), 2);
    assert_eq!(store.delete_all(id, &[], after(7)).await.expect("removes nothing"), 0);
    assert_eq!(keys(store, other).await, ["a", "b", "c"]);
    let left = store.get(id, &key("b"), after(7)).await.expect("reads");
    assert!(left.is_some());
    assert_eq!(store.delete_all(id, &[key("b")], after(7)).await.expect("removes"), 1);
    assert_eq!(store.get(id, &key("b"), after(7)).await.expect("reads"), None);
}

async fn a_thousand_can_be_done_at_once(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let operations: Vec<Operation> = (0..1000).map(|n| put(&format!("k{n:04}"), &n.to_string())).collect();
    assert_eq!(apply(store, id, &operations).await.expect("applies").len(), 1000);
    let names = keys(store, id).await;
    assert_eq!(names.len(), 1000);
    let all: Vec<_> = names.iter().map(|name| key(name)).collect();
    assert_eq!(store.delete_all(id, &all, NOW).await.expect("removes"), 1000);
}
