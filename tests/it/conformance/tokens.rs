//! Tokens: at most one for each (account, client id), and who ends which.

use std::slice::from_ref;

use keybin::domain::{AccountId, Grant, IssuedToken, Origin, Scope, Timestamp, Token};
use keybin::store::{StoreError, Warrant};

use crate::harness::race::race;
use crate::harness::samples::{Handle, NOW, client, hash, issue, refusal, register as registered, token};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        a_token_is_what_it_was_issued_as,
        an_unknown_token_stands_for_nobody,
        a_new_token_ends_the_old_one_at_once,
        other_clients_keep_their_tokens,
        of_64_tokens_for_one_client_one_lives,
        tokens_for_many_clients_at_once_all_live,
        tokens_are_listed_by_client_id,
        a_deleted_token_is_gone_and_no_other,
        only_one_of_16_ends_a_token,
        nobody_gets_a_token_who_is_not_there,
        ending_the_others_keeps_one,
    );
}

async fn is_live(store: &impl Handle, token: &IssuedToken) -> bool {
    match store.token(&token.hash, NOW).await.expect("reads") {
        Some(found) => {
            assert_eq!(&found, token);
            true
        }
        None => false,
    }
}

async fn a_token_is_what_it_was_issued_as(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    let grants = [(Scope::Write, ""), (Scope::Read, ""), (Scope::Write, "a."), (Scope::Read, "\u{e9} $..\"'")];
    for (origin, (scope, prefix)) in Origin::ALL.into_iter().zip(grants.into_iter().cycle()) {
        let issued = IssuedToken {
            created_at: Timestamp::from_millis(NOW.as_millis() + 1),
            expires_at: Timestamp::from_millis(NOW.as_millis() + 86_400_001),
            origin,
            grant: Grant::parse(scope, prefix).expect("a grant"),
            ..token(account.id, "web/3f9a")
        };
        store.put_token(&issued, &Warrant::Operator).await.expect("issues");
        assert_eq!(store.token(&issued.hash, NOW).await.expect("reads"), Some(issued.clone()));
        assert_eq!(store.list_tokens(account.id, NOW).await.expect("lists"), [issued]);
    }
}

async fn an_unknown_token_stands_for_nobody(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    issue(store, account.id, "phone").await;
    assert_eq!(store.token(&Token::random().hash(), NOW).await.expect("reads"), None);
    assert!(store.list_tokens(AccountId::random(), NOW).await.expect("lists").is_empty());
}

async fn a_new_token_ends_the_old_one_at_once(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    let mut last = issue(store, account.id, "phone").await;
    for _ in 0..20 {
        let next = issue(store, account.id, "phone").await;
        assert!(!is_live(store, &last).await);
        assert!(is_live(store, &next).await);
        assert_eq!(store.list_tokens(account.id, NOW).await.expect("lists"), from_ref(&next));
        last = next;
    }
}

async fn other_clients_keep_their_tokens(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    let mut others = Vec::new();
    for client in ["Phone", "phone ", "phone/2", "phon", "default"] {
        others.push(issue(store, account.id, client).await);
    }
    issue(store, account.id, "phone").await;
    issue(store, account.id, "phone").await;
    for other in &others {
        assert!(is_live(store, other).await, "{}", other.client_id);
    }
}

async fn of_64_tokens_for_one_client_one_lives(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    for round in 0..4 {
        let tokens: Vec<_> = (0..64).map(|_| token(account.id, "phone")).collect();
        let shared = store.share();
        let answers = race(64, |i| {
            let (store, token) = (shared.clone(), tokens[i].clone());
            async move { store.put_token(&token, &Warrant::Operator).await }
        })
        .await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");

        let mut live = Vec::new();
        for token in &tokens {
            if is_live(store, token).await {
                live.push(token.clone());
            }
        }
        assert_eq!(live.len(), 1, "in round {round}");
        assert_eq!(store.list_tokens(account.id, NOW).await.expect("lists"), live);
    }
}

async fn tokens_for_many_clients_at_once_all_live(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    let shared = store.share();
    let issued = race(64, |i| {
        let store = shared.clone();
        async move { issue(&store, account.id, &format!("client {i:02}")).await }
    })
    .await;
    for token in &issued {
        assert!(is_live(store, token).await);
    }
    assert_eq!(store.list_tokens(account.id, NOW).await.expect("lists"), issued);
}

async fn tokens_are_listed_by_client_id(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    let in_order = ["A", "a", "a/1", "aa", "b", "\u{e9}", "\u{ff61}", "\u{1f600}"];
    for client in in_order.iter().rev() {
        issue(store, account.id, client).await;
    }
    let listed = store.list_tokens(account.id, NOW).await.expect("lists");
    assert_eq!(listed.iter().map(|token| token.client_id.as_str()).collect::<Vec<_>>(), in_order);
}

async fn a_deleted_token_is_gone_and_no_other(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    let phone = issue(store, account.id, "phone").await;
    let web = issue(store, account.id, "web").await;
    assert!(!store.delete_token(account.id, &client("phon")).await.expect("ends nothing"));
    assert!(store.delete_token(account.id, &client("phone")).await.expect("ends"));
    assert!(!is_live(store, &phone).await);
    assert!(is_live(store, &web).await);
    assert_eq!(store.list_tokens(account.id, NOW).await.expect("lists"), [web]);
    assert!(!store.delete_token(account.id, &client("phone")).await.expect("ends nothing"));
    assert!(!store.delete_token(AccountId::random(), &client("phone")).await.expect("ends nothing"));

    // The place is free again.
    let again = issue(store, account.id, "phone").await;
    assert!(is_live(store, &again).await);
}

async fn only_one_of_16_ends_a_token(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    issue(store, account.id, "phone").await;
    let shared = store.share();
    let ended = race(16, |_| {
        let store = shared.clone();
        async move { store.delete_token(account.id, &client("phone")).await.expect("answers") }
    })
    .await;
    assert_eq!(ended.into_iter().filter(|ended| *ended).count(), 1);
}

async fn nobody_gets_a_token_who_is_not_there(store: &mut TestStore) {
    let erased = registered(store, "ada").await;
    assert!(store.erase_account(erased.id).await.expect("erases"));
    let rows = store.rows().await;
    for id in [erased.id, AccountId::random()] {
        for warrant in [Warrant::Operator, Warrant::Password(hash("ada")), Warrant::Token(token(id, "x").hash)] {
            let token = token(id, "phone");
            let told = refusal(store.put_token(&token, &warrant).await);
            assert!(matches!(told, StoreError::AccountGone | StoreError::Warrant), "{told}");
            assert!(!is_live(store, &token).await);
        }
        assert!(store.list_tokens(id, NOW).await.expect("lists").is_empty());
    }
    assert_eq!(store.rows().await, rows);
}

async fn ending_the_others_keeps_one(store: &mut TestStore) {
    let (ada, bob) = (registered(store, "ada").await, registered(store, "bob").await);
    let kept = issue(store, ada.id, "web/1").await;
    let expired = IssuedToken { expires_at: NOW, ..token(ada.id, "old") };
    store.put_token(&expired, &Warrant::Operator).await.expect("issues");
    for client_id in ["default", "phone", "web/10", "web/"] {
        issue(store, ada.id, client_id).await;
    }
    let elsewhere = issue(store, bob.id, "phone").await;
    let end_others = async |kept: &str| store.delete_other_tokens(ada.id, &client(kept), NOW).await.expect("ends");
    assert_eq!(end_others("web/1").await, 4);
    assert_eq!(store.list_tokens(ada.id, NOW).await.expect("lists"), [kept]);
    assert_eq!(store.list_tokens(bob.id, NOW).await.expect("lists"), [elsewhere]);
    assert_eq!(end_others("web/1").await, 0);
    assert_eq!(end_others("nothing of the kind").await, 1);
    assert_eq!(store.list_tokens(ada.id, NOW).await.expect("lists"), []);
}
