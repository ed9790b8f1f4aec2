//! Warrants: on whose word a token is kept.

use keybin::domain::{AccountChange, IssuedToken};
use keybin::store::{StoreError, Warrant};

use crate::harness::race::race;
use crate::harness::samples::{NOW, after, client, hash, issue, refusal, register as registered, token};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        a_live_token_is_a_warrant_for_another,
        a_token_is_a_warrant_for_its_own_successor,
        of_16_that_follow_one_token_one_does,
        a_token_that_is_over_is_no_warrant_and_nothing_is_left,
        a_token_of_another_account_is_no_warrant,
        a_token_ended_by_a_new_password_is_no_warrant,
        nothing_that_a_stolen_token_got_outlives_a_new_password,
    );
}

async fn is_live(store: &TestStore, token: &IssuedToken) -> bool {
    store.token(&token.hash, NOW).await.expect("reads").is_some()
}

async fn a_live_token_is_a_warrant_for_another(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let first = issue(store, ada.id, "phone").await;
    let second = token(ada.id, "laptop");
    store.put_token(&second, &Warrant::Token(first.hash)).await.expect("issues");
    assert!(is_live(store, &first).await && is_live(store, &second).await);
}

async fn a_token_is_a_warrant_for_its_own_successor(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let first = issue(store, ada.id, "phone").await;
    let second = token(ada.id, "phone");
    store.put_token(&second, &Warrant::Token(first.hash)).await.expect("issues");
    assert!(!is_live(store, &first).await && is_live(store, &second).await);
}

async fn of_16_that_follow_one_token_one_does(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let mut first = issue(store, ada.id, "phone").await;
    for round in 0..8 {
        let followers: Vec<_> = (0..16).map(|_| token(ada.id, "phone")).collect();
        let answers = race(16, |i| {
            let (store, follower) = (store.share(), followers[i].clone());
            async move { store.put_token(&follower, &Warrant::Token(first.hash)).await }
        })
        .await;
        let mut followed = Vec::new();
        for (follower, answer) in followers.into_iter().zip(answers) {
            match answer {
                Ok(()) => followed.push(follower),
                Err(told) => assert!(matches!(told, StoreError::Warrant), "{told}"),
            }
        }
        assert_eq!(followed.len(), 1, "round {round}");
        assert_eq!(store.list_tokens(ada.id, NOW).await.expect("lists"), followed, "round {round}");
        assert!(!is_live(store, &first).await);
        first = followed.swap_remove(0);
    }
}

async fn a_token_that_is_over_is_no_warrant_and_nothing_is_left(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let kept = issue(store, ada.id, "laptop").await;
    let expired = IssuedToken { expires_at: NOW, created_at: after(-9), ..token(ada.id, "phone") };
    store.put_token(&expired, &Warrant::Operator).await.expect("issues");
    let ended = issue(store, ada.id, "tablet").await;
    assert!(store.delete_token(ada.id, &client("tablet")).await.expect("ends"));
    for warrant in [expired.hash, ended.hash, token(ada.id, "x").hash] {
        let new = token(ada.id, "laptop");
        let told = refusal(store.put_token(&new, &Warrant::Token(warrant)).await);
        assert!(matches!(told, StoreError::Warrant), "{told}");
        assert!(!is_live(store, &new).await && is_live(store, &kept).await);
    }
}

async fn a_token_of_another_account_is_no_warrant(store: &mut TestStore) {
    let (ada, grace) = (registered(store, "ada").await, registered(store, "grace").await);
    let hers = issue(store, grace.id, "phone").await;
    let told = refusal(store.put_token(&token(ada.id, "laptop"), &Warrant::Token(hers.hash)).await);
    assert!(matches!(told, StoreError::Warrant), "{told}");
    assert!(store.list_tokens(ada.id, NOW).await.expect("lists").is_empty());
}

async fn a_token_ended_by_a_new_password_is_no_warrant(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let old = issue(store, ada.id, "phone").await;
    let change = AccountChange { password: Some(hash("new")), ..AccountChange::default() };
    store.update_account(ada.id, &change).await.expect("changes");
    let told = refusal(store.put_token(&token(ada.id, "laptop"), &Warrant::Token(old.hash)).await);
    assert!(matches!(told, StoreError::Warrant), "{told}");
}

async fn nothing_that_a_stolen_token_got_outlives_a_new_password(store: &mut TestStore) {
    for round in 0..8 {
        let ada = registered(store, &format!("ada {round}")).await;
        let stolen = issue(store, ada.id, "phone").await;
        race(24, |i| {
            let store = store.share();
            async move {
                if i == 12 {
                    let change = AccountChange { password: Some(hash("new")), ..AccountChange::default() };
                    store.update_account(ada.id, &change).await.expect("changes");
                } else {
                    let more = token(ada.id, &format!("thief/{i}"));
                    let _refused_if_late = store.put_token(&more, &Warrant::Token(stolen.hash)).await;
                }
            }
        })
        .await;
        let left = store.list_tokens(ada.id, NOW).await.expect("lists");
        assert!(left.is_empty(), "round {round}: {left:?}");
    }
}
