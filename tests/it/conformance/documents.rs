//! Documents: written, read, overwritten, removed.

use bytes::Bytes;
use keybin::domain::{AccountId, Document, Precondition, Value, value::MAX_BSON_BYTES};
use keybin::store::{StoreError, Write, Written};

use crate::harness::race::race;
use crate::harness::samples::{NOW, after, json, key, keys, refusal, register as registered, set, write, write_until};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        a_document_is_what_was_written,
        what_was_never_written_is_not_there,
        overwriting_keeps_the_creation_and_nothing_else,
        a_document_written_again_after_a_removal_is_new,
        a_removed_document_is_gone_and_no_other,
        only_one_of_32_removes_a_document,
        each_of_32_writers_leaves_a_whole_document,
        of_32_first_writes_one_creates,
        nobody_writes_who_is_not_there,
        the_longest_key_works,
        the_largest_value_is_kept,
        what_is_too_large_changes_nothing,
    );
}

async fn a_document_is_what_was_written(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let write = write_until(r#"{"a":[1,2.5,null,"x"]}"#, after(86_400_001));
    let now = after(7);
    let answer = store.put(id, &key("k"), &write, Precondition::None, now).await;
    assert_eq!(answer.expect("writes"), Written::Created);
    let expected = Document {
        value: write.value,
        revision: write.revision,
        created_at: now,
        modified_at: now,
        expires_at: write.expires_at,
    };
    assert_eq!(store.get(id, &key("k"), now).await.expect("reads"), Some(expected));
}

async fn what_was_never_written_is_not_there(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "k", "1").await.expect("writes");
    for other in ["K", "k ", "kk", "\u{212a}"] {
        assert_eq!(store.get(id, &key(other), NOW).await.expect("reads"), None, "{other:?}");
    }
    assert_eq!(store.get(AccountId::random(), &key("k"), NOW).await.expect("reads"), None);
}

async fn overwriting_keeps_the_creation_and_nothing_else(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let first = write_until(r#"{"a":1}"#, after(1_000_000));
    store.put(id, &key("k"), &first, Precondition::None, NOW).await.expect("writes");
    let second = write(r#"{"b":2}"#);
    let answer = store.put(id, &key("k"), &second, Precondition::None, after(5)).await;
    assert_eq!(answer.expect("writes"), Written::Replaced);
    let expected = Document {
        value: second.value,
        revision: second.revision,
        created_at: NOW,
        modified_at: after(5),
        expires_at: None,
    };
    assert_eq!(store.get(id, &key("k"), after(6)).await.expect("reads"), Some(expected.clone()));
    // The end of the first write went with it.
    assert_eq!(store.get(id, &key("k"), after(2_000_000)).await.expect("reads"), Some(expected));
}

async fn a_document_written_again_after_a_removal_is_new(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "k", "1").await.expect("writes");
    assert!(store.delete(id, &key("k"), Precondition::None, NOW).await.expect("removes"));
    let answer = store.put(id, &key("k"), &write("2"), Precondition::None, after(9)).await;
    assert_eq!(answer.expect("writes"), Written::Created);
    let document = store.get(id, &key("k"), after(9)).await.expect("reads").expect("is there");
    assert_eq!((document.created_at, document.modified_at), (after(9), after(9)));
}

async fn a_removed_document_is_gone_and_no_other(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for at in ["a", "ab", "b"] {
        set(store, id, at, "1").await.expect("writes");
    }
    assert!(store.delete(id, &key("a"), Precondition::None, NOW).await.expect("removes"));
    assert!(!store.delete(id, &key("a"), Precondition::None, NOW).await.expect("finds nothing"));
    assert!(!store.delete(id, &key("c"), Precondition::None, NOW).await.expect("finds nothing"));
    assert!(!store.delete(AccountId::random(), &key("b"), Precondition::None, NOW).await.expect("finds nothing"));
    assert_eq!(json(store, id, "a").await, None);
    assert_eq!(keys(store, id).await, ["ab", "b"]);
}

async fn only_one_of_32_removes_a_document(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "k", "1").await.expect("writes");
    let shared = store.share();
    let removed = race(32, |_| {
        let store = shared.clone();
        async move { store.delete(id, &key("k"), Precondition::None, NOW).await.expect("answers") }
    })
    .await;
    assert_eq!(removed.into_iter().filter(|removed| *removed).count(), 1);
}

async fn each_of_32_writers_leaves_a_whole_document(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let writes: Vec<Write> = (0..32).map(|i| write_until(&format!("[{i},{i}]"), after(1000 + i))).collect();
    let shared = store.share();
    let answers = race(32, |i| {
        let (store, write) = (shared.clone(), writes[i].clone());
        let now = after(i64::try_from(i).expect("small"));
        async move { store.put(id, &key("k"), &write, Precondition::None, now).await.expect("writes") }
    })
    .await;
    assert_eq!(answers.iter().filter(|written| **written == Written::Created).count(), 1);

    let document = store.get(id, &key("k"), NOW).await.expect("reads").expect("is there");
    let last = writes.iter().position(|write| write.revision == document.revision).expect("one of the writes");
    assert_eq!(document.value, writes[last].value);
    assert_eq!(document.expires_at, writes[last].expires_at);
    assert_eq!(document.modified_at, after(i64::try_from(last).expect("small")));
    let first = answers.iter().position(|written| *written == Written::Created).expect("one created");
    assert_eq!(document.created_at, after(i64::try_from(first).expect("small")));
}

async fn of_32_first_writes_one_creates(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for round in 0..4 {
        let at = format!("key {round}");
        let shared = store.share();
        let answers = race(32, |i| {
            let (store, at) = (shared.clone(), at.clone());
            async move { set(&store, id, &at, &i.to_string()).await.expect("writes") }
        })
        .await;
        assert_eq!(answers.iter().filter(|written| **written == Written::Created).count(), 1);
    }
}

async fn nobody_writes_who_is_not_there(store: &mut TestStore) {
    let erased = registered(store, "ada").await.id;
    set(store, erased, "k", "1").await.expect("writes");
    assert!(store.erase_account(erased).await.expect("erases"));
    let rows = store.rows().await;
    for id in [erased, AccountId::random()] {
        for when in [Precondition::None, Precondition::Absent] {
            let answer = store.put(id, &key("k"), &write("1"), when, NOW).await;
            assert!(matches!(refusal(answer), StoreError::AccountGone));
        }
        assert_eq!(json(store, id, "k").await, None);
        assert!(keys(store, id).await.is_empty());
    }
    assert_eq!(store.rows().await, rows);
}

async fn the_longest_key_works(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let longest = ["x".repeat(255), "\u{e9}".repeat(127) + "x", "\u{10ffff}".repeat(63) + "abc"];
    for at in &longest {
        set(store, id, at, "1").await.expect("writes");
        set(store, id, at, "2").await.expect("overwrites");
        assert_eq!(json(store, id, at).await.as_deref(), Some("2"));
    }
    assert_eq!(keys(store, id).await, longest);
    for at in &longest {
        assert!(store.delete(id, &key(at), Precondition::None, NOW).await.expect("removes"));
    }
}

/// A string value whose encoding has exactly this many bytes, whatever the limit says.
fn string_of(bytes: usize) -> Value {
    // Around the text stand two lengths, the type, the name `v`, and three times a NUL.
    let text = i32::try_from(bytes - (4 + 1 + 2 + 4 + 1)).expect("fits");
    let mut encoded = i32::try_from(bytes).expect("fits").to_le_bytes().to_vec();
    encoded.extend_from_slice(b"\x02v\0");
    encoded.extend_from_slice(&text.to_le_bytes());
    encoded.resize(bytes - 2, b'x');
    encoded.extend_from_slice(b"\0\0");
    Value::from_stored(Bytes::from(encoded))
}

async fn the_largest_value_is_kept(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let value = string_of(MAX_BSON_BYTES);
    // With the longest key beside it.
    let at = key(&"k".repeat(255));
    for written in [Written::Created, Written::Replaced] {
        let write = Write { expires_at: Some(after(9)), ..Write::of(value.clone()) };
        assert_eq!(store.put(id, &at, &write, Precondition::None, NOW).await.expect("writes"), written);
        let document = store.get(id, &at, NOW).await.expect("reads").expect("is there");
        assert!(document.value == value, "it came back changed");
    }
}

/// A store may keep more than the domain lets through; where it does not, it says so and leaves what was there.
async fn what_is_too_large_changes_nothing(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "k", "1").await.expect("writes");
    let value = string_of(17 << 20);
    for (at, before) in [("k", Some("1")), ("new", None)] {
        let write = Write::of(value.clone());
        match store.put(id, &key(at), &write, Precondition::None, NOW).await {
            Ok(_) => {
                let document = store.get(id, &key(at), NOW).await.expect("reads").expect("is there");
                assert!(document.value == value, "it came back changed");
            }
            Err(StoreError::TooLarge) => assert_eq!(json(store, id, at).await.as_deref(), before),
            Err(other) => panic!("{other}"),
        }
    }
}
