//! The life of a store: what was done outlives it, and what comes after its end is refused.

use keybin::domain::{AccountChange, AccountId, NameRange, Precondition, Token};
use keybin::store::{Result, StoreError, Warrant};

use super::erasure::{assert_gone, rich_account};
use crate::harness::race::race;
use crate::harness::samples::{
    Handle, NOW, all_keys, client, hash, json, key, keys, names, new_account, register as registered, set, token,
    username, write,
};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        a_store_that_works_answers_a_ping,
        what_was_done_is_still_so_after_a_restart,
        a_closed_store_refuses_everything,
        a_store_can_be_closed_twice,
        what_was_under_way_at_the_close_is_done_or_not,
    );
}

async fn a_store_that_works_answers_a_ping(store: &mut TestStore) {
    store.ping().await.expect("works");
    store.reopen().await;
    store.ping().await.expect("works again");
}

async fn what_was_done_is_still_so_after_a_restart(store: &mut TestStore) {
    let (ada, tokens) = rich_account(store, "ada").await;
    let (gone, gone_tokens) = rich_account(store, "gone").await;
    let change = AccountChange { admin: Some(true), ..AccountChange::default() };
    let account = store.update_account(ada.id, &change).await.expect("changes");
    set(store, ada.id, "k", "\"last\"").await.expect("overwrites");
    assert!(store.delete(ada.id, &key(" "), Precondition::None, NOW).await.expect("removes"));
    assert!(store.delete_token(ada.id, &client("phone")).await.expect("ends"));
    let document = store.get(ada.id, &key("k"), NOW).await.expect("reads");
    assert!(store.erase_account(gone.id).await.expect("erases"));

    for _ in 0..2 {
        store.reopen().await;
        assert_eq!(store.account(ada.id).await.expect("reads"), Some(account.clone()));
        let credentials = store.credentials(&ada.username).await.expect("reads").expect("is there");
        assert_eq!(credentials.password, ada.password);
        assert_eq!(store.get(ada.id, &key("k"), NOW).await.expect("reads"), document);
        assert_eq!(keys(store, ada.id).await, ["k", "\u{10ffff}"]);
        let listed = store.list_tokens(ada.id, NOW).await.expect("lists");
        assert_eq!(listed, [tokens[0].clone(), tokens[2].clone()]);
        for (token, live) in tokens.iter().zip([true, false, true]) {
            assert_eq!(store.token(&token.hash, NOW).await.expect("reads").is_some(), live);
        }
        assert_gone(store, &gone, &gone_tokens).await;
        assert_eq!(names(store).await, ["ada"]);
    }
}

/// Every method of the store, each with an answer that would be a success or a plain refusal on an open one.
async fn everything(store: &impl Handle, id: AccountId) -> Vec<(&'static str, Result<()>)> {
    let (at, phone) = (key("k"), client("phone"));
    vec![
        ("create_account", store.create_account(&new_account("grace")).await.map(|_| ())),
        ("account", store.account(id).await.map(|_| ())),
        ("credentials", store.credentials(&username("ada")).await.map(|_| ())),
        ("list_accounts", store.list_accounts(&NameRange::after(None, 1)).await.map(|_| ())),
        ("update_account", store.update_account(id, &AccountChange::default()).await.map(|_| ())),
        ("put_token", store.put_token(&token(id, "phone"), &Warrant::Operator).await),
        ("put_token with a proof", store.put_token(&token(id, "phone"), &Warrant::Password(hash("ada"))).await),
        ("token", store.token(&Token::random().hash(), NOW).await.map(|_| ())),
        ("list_tokens", store.list_tokens(id, NOW).await.map(|_| ())),
        ("delete_token", store.delete_token(id, &phone).await.map(|_| ())),
        ("get", store.get(id, &at, NOW).await.map(|_| ())),
        ("put", store.put(id, &at, &write("1"), Precondition::None, NOW).await.map(|_| ())),
        ("put on a condition", store.put(id, &at, &write("1"), Precondition::Present, NOW).await.map(|_| ())),
        ("list_keys", store.list_keys(id, &all_keys(), NOW).await.map(|_| ())),
        ("list_documents", store.list_documents(id, &all_keys().into(), NOW).await.map(|_| ())),
        ("count_documents", store.count_documents(id, &all_keys().into(), NOW).await.map(|_| ())),
        ("delete", store.delete(id, &at, Precondition::None, NOW).await.map(|_| ())),
        ("erase_account", store.erase_account(id).await.map(|_| ())),
        ("ping", store.ping().await),
    ]
}

async fn a_closed_store_refuses_everything(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    set(store, id, "k", "\"before\"").await.expect("writes");
    store.close().await;
    for (method, answer) in everything(store, id).await {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{method}: {answer:?}");
    }
    // Refused means that nothing was done.
    store.reopen().await;
    assert_eq!(names(store).await, ["ada"]);
    assert_eq!(json(store, id, "k").await.as_deref(), Some("\"before\""));
    assert!(store.list_tokens(id, NOW).await.expect("lists").is_empty());

    // And open, the same calls are answered.
    for (method, answer) in everything(store, id).await {
        assert!(answer.is_ok(), "{method}: {answer:?}");
    }
}

async fn a_store_can_be_closed_twice(store: &mut TestStore) {
    store.close().await;
    store.close().await;
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
}

async fn what_was_under_way_at_the_close_is_done_or_not(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let shared = store.share();
    let answers = race(65, |i| {
        let store = shared.clone();
        async move {
            if i == 32 {
                store.close().await;
                return Ok(());
            }
            set(&store, id, &format!("{i:02}"), "1").await.map(|_| ())
        }
    })
    .await;
    drop(shared);
    store.reopen().await;
    for (i, answer) in answers.into_iter().enumerate().filter(|(i, _)| *i != 32) {
        let present = json(store, id, &format!("{i:02}")).await.is_some();
        match answer {
            Ok(()) => assert!(present, "{i} was done and is not there"),
            Err(StoreError::Unavailable(_)) => assert!(!present, "{i} was refused and is there"),
            Err(StoreError::Unknown(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
}
