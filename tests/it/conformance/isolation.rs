//! Isolation: nobody meets what is another account's.

use std::slice::from_ref;

use keybin::domain::{Account, AccountId, KeyRange, NewAccount, Order, Precondition};
use keybin::store::{StoreError, Warrant};
use uuid::Uuid;

use crate::harness::race::race;
use crate::harness::samples::{
    Handle, NOW, client, issue, json, key, keys, new_account, refusal, register as registered, set, token, write,
};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        two_accounts_with_equal_keys_never_meet,
        many_accounts_writing_one_key_at_once_never_meet,
        the_revision_of_another_account_holds_for_nobody_else,
        another_account_is_no_prefix,
        neighbours_in_order_do_not_see_each_other,
        tokens_for_equal_clients_never_meet,
        erasing_one_account_leaves_its_neighbours,
    );
}

async fn two(store: &impl Handle) -> (AccountId, AccountId) {
    (registered(store, "ada").await.id, registered(store, "grace").await.id)
}

async fn two_accounts_with_equal_keys_never_meet(store: &mut TestStore) {
    let (ada, grace) = two(store).await;
    set(store, ada, "k", "\"ada's\"").await.expect("writes");
    assert_eq!(json(store, grace, "k").await, None);
    assert!(keys(store, grace).await.is_empty());
    assert!(!store.delete(grace, &key("k"), Precondition::None, NOW).await.expect("finds nothing"));
    let answer = store.put(grace, &key("k"), &write("0"), Precondition::Present, NOW).await;
    assert!(matches!(refusal(answer), StoreError::Precondition(None)));

    store.put(grace, &key("k"), &write("\"grace's\""), Precondition::Absent, NOW).await.expect("writes");
    assert_eq!(json(store, ada, "k").await.as_deref(), Some("\"ada's\""));
    assert_eq!(json(store, grace, "k").await.as_deref(), Some("\"grace's\""));
    assert!(store.delete(ada, &key("k"), Precondition::Present, NOW).await.expect("removes"));
    assert_eq!(json(store, grace, "k").await.as_deref(), Some("\"grace's\""));
}

async fn many_accounts_writing_one_key_at_once_never_meet(store: &mut TestStore) {
    let mut ids = Vec::new();
    for i in 0..16 {
        ids.push(registered(store, &format!("user {i}")).await.id);
    }
    let shared = store.share();
    race(64, |i| {
        let (store, id, text) = (shared.clone(), ids[i % 16], format!("{}", i % 16));
        async move {
            for _ in 0..4 {
                set(&store, id, "k", &text).await.expect("writes");
                assert_eq!(json(&store, id, "k").await, Some(text.clone()));
            }
        }
    })
    .await;
}

async fn the_revision_of_another_account_holds_for_nobody_else(store: &mut TestStore) {
    let (ada, grace) = two(store).await;
    let hers = write("1");
    store.put(ada, &key("k"), &hers, Precondition::None, NOW).await.expect("writes");
    for present in [None, Some("2")] {
        if let Some(text) = present {
            set(store, grace, "k", text).await.expect("writes");
        }
        let when = Precondition::Revision(hers.revision);
        let put = refusal(store.put(grace, &key("k"), &write("3"), when.clone(), NOW).await);
        let delete = refusal(store.delete(grace, &key("k"), when, NOW).await);
        for refusal in [put, delete] {
            match refusal {
                StoreError::Precondition(shown) => assert_eq!(shown.is_some(), present.is_some()),
                other => panic!("{other}"),
            }
        }
        assert_eq!(json(store, grace, "k").await.as_deref(), present);
    }
    assert_eq!(json(store, ada, "k").await.as_deref(), Some("1"));
}

async fn another_account_is_no_prefix(store: &mut TestStore) {
    let (ada, grace) = two(store).await;
    set(store, ada, "secret", "1").await.expect("writes");
    set(store, grace, "own", "1").await.expect("writes");
    let bytes: String = ada.as_bytes().iter().map(|byte| char::from(*byte)).collect();
    for prefix in [ada.to_string(), format!("{ada}/"), format!("{ada}\0"), "ada".to_owned(), bytes, "s".to_owned()] {
        let range = KeyRange { prefix: prefix.clone(), after: None, limit: 10, order: Order::Ascending };
        let page = store.list_keys(grace, &range, NOW).await.expect("lists");
        assert!(page.items.is_empty() && !page.more, "{prefix:?} shows {page:?}");
    }
    // Her key as the place to go on from leads to her account's end only.
    for after in [ada.to_string(), "secret".to_owned(), "\u{10ffff}".repeat(60)] {
        let range = KeyRange { prefix: String::new(), after: Some(key(&after)), limit: 10, order: Order::Ascending };
        let page = store.list_keys(grace, &range, NOW).await.expect("lists");
        assert!(page.items.iter().all(|key| key.as_str() == "own") && !page.more, "after {after:?}: {page:?}");
    }
}

/// Accounts whose identities are next to each other in every order: as bytes, as text, as numbers.
async fn neighbours(store: &impl Handle) -> Vec<Account> {
    let middle = 0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8_u128;
    let ids = [0, 1, 0xff, 0x100, middle - 1, middle, middle + 1, middle | 0xff, u128::MAX - 1, u128::MAX];
    let mut accounts = Vec::new();
    for id in ids {
        let id = AccountId::from(Uuid::from_u128(id));
        let new = NewAccount { id, ..new_account(&format!("user {id}")) };
        accounts.push(store.create_account(&new).await.expect("registers"));
    }
    accounts
}

async fn neighbours_in_order_do_not_see_each_other(store: &mut TestStore) {
    let accounts = neighbours(store).await;
    for account in &accounts {
        for at in [" ", "k", "\u{10ffff}"] {
            set(store, account.id, at, &format!("\"{}\"", account.id)).await.expect("writes");
        }
    }
    for account in &accounts {
        assert_eq!(keys(store, account.id).await, [" ", "k", "\u{10ffff}"]);
        assert_eq!(json(store, account.id, "k").await, Some(format!("\"{}\"", account.id)));
        let last =
            KeyRange { prefix: String::new(), after: Some(key("\u{10ffff}")), limit: 10, order: Order::Ascending };
        let page = store.list_keys(account.id, &last, NOW).await.expect("lists");
        assert!(page.items.is_empty() && !page.more);
    }
}

async fn tokens_for_equal_clients_never_meet(store: &mut TestStore) {
    let (ada, grace) = two(store).await;
    let hers = issue(store, ada, "phone").await;
    let other = issue(store, grace, "phone").await;
    assert_eq!(store.token(&hers.hash, NOW).await.expect("reads"), Some(hers.clone()));
    assert_eq!(store.list_tokens(ada, NOW).await.expect("lists"), from_ref(&hers));
    assert_eq!(store.list_tokens(grace, NOW).await.expect("lists"), [other]);
    assert!(store.delete_token(grace, &client("phone")).await.expect("ends"));
    assert!(!store.delete_token(grace, &client("phone")).await.expect("finds nothing"));
    assert_eq!(store.token(&hers.hash, NOW).await.expect("reads"), Some(hers.clone()));

    // The proof is that of the account itself.
    let answer = store.put_token(&token(grace, "phone"), &Warrant::Password(new_account("ada").password)).await;
    assert!(matches!(refusal(answer), StoreError::Warrant));
    assert_eq!(store.token(&hers.hash, NOW).await.expect("reads"), Some(hers));
}

async fn erasing_one_account_leaves_its_neighbours(store: &mut TestStore) {
    let accounts = neighbours(store).await;
    let mut tokens = Vec::new();
    for account in &accounts {
        set(store, account.id, "k", "1").await.expect("writes");
        tokens.push(issue(store, account.id, "phone").await);
    }
    let mut left: Vec<_> = accounts.iter().zip(&tokens).collect();
    while let Some((erased, _)) = left.pop() {
        assert!(store.erase_account(erased.id).await.expect("erases"));
        assert!(keys(store, erased.id).await.is_empty());
        for (account, token) in &left {
            assert_eq!(keys(store, account.id).await, ["k"]);
            assert_eq!(store.token(&token.hash, NOW).await.expect("reads").as_ref(), Some(*token));
        }
        if !left.is_empty() {
            left.rotate_left(1);
        }
    }
}
