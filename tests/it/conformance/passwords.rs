//! The proof of a token, and what a new password does to tokens.

use std::slice::from_ref;

use keybin::domain::{AccountChange, IssuedToken};
use keybin::store::{StoreError, Warrant};

use crate::harness::race::race;
use crate::harness::samples::{Handle, NOW, hash, issue, refusal, register as registered, token};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        a_token_is_issued_on_a_fresh_proof,
        a_stale_proof_is_refused_and_nothing_is_left,
        a_new_password_ends_all_tokens,
        other_changes_leave_the_tokens,
        no_token_of_the_old_password_outlives_a_change,
        no_token_for_one_client_outlives_a_change,
    );
}

fn to_password(text: &str) -> AccountChange {
    AccountChange { password: Some(hash(text)), ..AccountChange::default() }
}

async fn is_live(store: &impl Handle, token: &IssuedToken) -> bool {
    store.token(&token.hash, NOW).await.expect("reads").is_some()
}

async fn a_token_is_issued_on_a_fresh_proof(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    let first = token(account.id, "phone");
    store.put_token(&first, &Warrant::Password(hash("ada"))).await.expect("issues");
    assert!(is_live(store, &first).await);

    store.update_account(account.id, &to_password("new")).await.expect("changes");
    let second = token(account.id, "phone");
    store.put_token(&second, &Warrant::Password(hash("new"))).await.expect("issues");
    assert!(is_live(store, &second).await);
}

async fn a_stale_proof_is_refused_and_nothing_is_left(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    store.update_account(account.id, &to_password("new")).await.expect("changes");
    let present = issue(store, account.id, "phone").await;
    let rows = store.rows().await;
    for client in ["phone", "web"] {
        let late = token(account.id, client);
        let answer = store.put_token(&late, &Warrant::Password(hash("ada"))).await;
        assert!(matches!(refusal(answer), StoreError::Warrant));
        assert!(!is_live(store, &late).await);
    }
    assert_eq!(store.list_tokens(account.id, NOW).await.expect("lists"), from_ref(&present));
    assert!(is_live(store, &present).await, "the refused token ended the one that was there");
    assert_eq!(store.rows().await, rows);
}

async fn a_new_password_ends_all_tokens(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let grace = registered(store, "grace").await;
    let mut ended = Vec::new();
    for client in ["default", "phone", "web/1", "web/2"] {
        ended.push(issue(store, ada.id, client).await);
    }
    let other = issue(store, grace.id, "phone").await;
    store.update_account(ada.id, &to_password("new")).await.expect("changes");
    for token in &ended {
        assert!(!is_live(store, token).await, "{}", token.client_id);
    }
    assert!(store.list_tokens(ada.id, NOW).await.expect("lists").is_empty());
    assert!(is_live(store, &other).await, "another account's token was ended");

    // Ended is ended: nothing that happens later brings one back.
    issue(store, ada.id, "tablet").await;
    store.reopen().await;
    for token in &ended {
        assert!(!is_live(store, token).await, "{}", token.client_id);
    }
}

async fn other_changes_leave_the_tokens(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    let token = issue(store, account.id, "phone").await;
    let change = AccountChange { admin: Some(true), profile: Some(account.profile), ..AccountChange::default() };
    store.update_account(account.id, &change).await.expect("changes");
    assert!(is_live(store, &token).await);
}

async fn no_token_of_the_old_password_outlives_a_change(store: &mut TestStore) {
    for round in 0..8 {
        let clients: Vec<_> = (0..32).map(|i| format!("client {i}")).collect();
        outlived_by_none(store, &format!("user {round}"), &clients).await;
    }
}

async fn no_token_for_one_client_outlives_a_change(store: &mut TestStore) {
    for round in 0..8 {
        outlived_by_none(store, &format!("user {round}"), &vec!["phone".to_owned(); 32]).await;
    }
}

/// Lets many ask for a token with the old password while it is changed.
async fn outlived_by_none(store: &TestStore, name: &str, clients: &[String]) {
    let account = registered(store, name).await;
    let tokens: Vec<_> = clients.iter().map(|client| token(account.id, client)).collect();
    let old = hash(name);
    let shared = store.share();
    // The change stands in the middle, so that some tokens come before and some after it.
    let middle = tokens.len() / 2;
    let answers = race(tokens.len() + 1, |i| {
        let (store, old) = (shared.clone(), old.clone());
        let token = if i == middle { None } else { Some(tokens[i - usize::from(i > middle)].clone()) };
        async move {
            match token {
                Some(token) => store.put_token(&token, &Warrant::Password(old.clone())).await,
                None => store.update_account(account.id, &to_password("new")).await.map(|_| ()),
            }
        }
    })
    .await;
    for (i, answer) in answers.into_iter().enumerate() {
        match answer {
            Ok(()) => {}
            Err(StoreError::Warrant) if i != middle => {}
            Err(other) => panic!("{i}: {other}"),
        }
    }
    for token in &tokens {
        assert!(!is_live(store, token).await, "{} of {name}", token.client_id);
    }
    assert!(store.list_tokens(account.id, NOW).await.expect("lists").is_empty());
}
