//! A new password that keeps one token, and one that is made under another only.

use std::slice::from_ref;

use keybin::domain::{AccountChange, IssuedToken, PasswordHash, TokenHash};
use keybin::store::{StoreError, Warrant};

use crate::harness::race::race;
use crate::harness::samples::{Handle, NOW, hash, issue, refusal, register as registered, token};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        a_new_password_ends_every_token_but_the_one_to_be_kept,
        a_token_of_another_account_is_not_kept,
        a_kept_token_goes_on_under_the_new_password,
        a_kept_token_is_good_all_the_time,
        a_password_is_changed_under_the_given_one_only,
        of_16_changes_under_one_password_one_succeeds,
        nothing_but_the_kept_token_outlives_a_change,
    );
}

fn to_password(text: &str, kept: Option<TokenHash>) -> AccountChange {
    AccountChange { password: Some(hash(text)), kept, ..AccountChange::default() }
}

fn under(present: PasswordHash, change: AccountChange) -> AccountChange {
    AccountChange { under: Some(present), ..change }
}

async fn is_live(store: &impl Handle, token: &IssuedToken) -> bool {
    store.token(&token.hash, NOW).await.expect("reads").is_some()
}

async fn a_new_password_ends_every_token_but_the_one_to_be_kept(store: &mut TestStore) {
    let (ada, bob) = (registered(store, "ada").await, registered(store, "bob").await);
    let kept = issue(store, ada.id, "phone").await;
    let ended = [issue(store, ada.id, "default").await, issue(store, ada.id, "phone/2").await];
    let elsewhere = issue(store, bob.id, "phone").await;
    store.update_account(ada.id, &to_password("new", Some(kept.hash))).await.expect("changes");
    for token in &ended {
        assert!(!is_live(store, token).await, "{}", token.client_id);
    }
    assert_eq!(store.list_tokens(ada.id, NOW).await.expect("lists"), from_ref(&kept));
    assert_eq!(store.token(&kept.hash, NOW).await.expect("reads"), Some(kept.clone()));
    assert!(is_live(store, &elsewhere).await);
    store.reopen().await;
    assert_eq!(store.list_tokens(ada.id, NOW).await.expect("lists"), from_ref(&kept));

    // The next change keeps nothing that it does not name.
    store.update_account(ada.id, &to_password("newer", None)).await.expect("changes");
    assert!(store.list_tokens(ada.id, NOW).await.expect("lists").is_empty());
}

async fn a_token_of_another_account_is_not_kept(store: &mut TestStore) {
    let (ada, bob) = (registered(store, "ada").await, registered(store, "bob").await);
    issue(store, ada.id, "phone").await;
    let elsewhere = issue(store, bob.id, "phone").await;
    for kept in [elsewhere.hash, token(ada.id, "x").hash] {
        store.update_account(ada.id, &to_password("new", Some(kept))).await.expect("changes");
        assert!(store.list_tokens(ada.id, NOW).await.expect("lists").is_empty());
    }
    // Nothing has become of it: it ends with the password of its own account.
    store.update_account(bob.id, &to_password("new", None)).await.expect("changes");
    assert!(!is_live(store, &elsewhere).await);
}

async fn a_kept_token_goes_on_under_the_new_password(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let kept = issue(store, ada.id, "phone").await;
    store.update_account(ada.id, &to_password("new", Some(kept.hash))).await.expect("changes");
    let another = token(ada.id, "laptop");
    store.put_token(&another, &Warrant::Token(kept.hash)).await.expect("issues on its word");
    let follower = token(ada.id, "phone");
    store.put_token(&follower, &Warrant::Token(kept.hash)).await.expect("is followed");
    assert!(!is_live(store, &kept).await);
    store.update_account(ada.id, &to_password("newer", Some(follower.hash))).await.expect("changes");
    assert_eq!(store.list_tokens(ada.id, NOW).await.expect("lists"), [follower]);
}

async fn a_kept_token_is_good_all_the_time(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let kept = issue(store, ada.id, "phone").await;
    race(8, |i| {
        let (store, kept) = (store.share(), kept.clone());
        async move {
            for n in 0..10 {
                if i == 0 {
                    let change = to_password(&format!("{n}"), Some(kept.hash));
                    store.update_account(ada.id, &change).await.expect("changes");
                } else {
                    assert!(is_live(&store, &kept).await);
                    let another = token(ada.id, &format!("{i}"));
                    let _refused_on_the_way = store.put_token(&another, &Warrant::Token(kept.hash)).await;
                }
            }
        }
    })
    .await;
    assert!(is_live(store, &kept).await);
}

async fn a_password_is_changed_under_the_given_one_only(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let phone = issue(store, ada.id, "phone").await;
    let told = refusal(store.update_account(ada.id, &under(hash("other"), to_password("new", None))).await);
    assert!(matches!(told, StoreError::Warrant), "{told}");
    let known = store.credentials(&ada.username).await.expect("reads").expect("is there");
    assert_eq!((known.account, known.password), (ada.clone(), hash("ada")));
    assert!(is_live(store, &phone).await);

    store.update_account(ada.id, &under(hash("ada"), to_password("new", None))).await.expect("changes");
    assert!(store.erase_account(ada.id).await.expect("erases"));
    let told = refusal(store.update_account(ada.id, &under(hash("new"), to_password("newer", None))).await);
    assert!(matches!(told, StoreError::AccountGone), "{told}");
}

async fn of_16_changes_under_one_password_one_succeeds(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let mut tokens = Vec::new();
    for i in 0..16 {
        tokens.push(issue(store, ada.id, &format!("{i}")).await);
    }
    let answers = race(16, |i| {
        let (store, kept) = (store.share(), tokens[i].hash);
        let change = under(hash("ada"), to_password(&format!("new {i}"), Some(kept)));
        async move { store.update_account(ada.id, &change).await.map(drop) }
    })
    .await;
    let won: Vec<usize> = (0..16).filter(|i| answers[*i].is_ok()).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| matches!(answer, Ok(()) | Err(StoreError::Warrant))), "{answers:?}");
    let known = store.credentials(&ada.username).await.expect("reads").expect("is there");
    assert_eq!(known.password, hash(&format!("new {}", won[0])));
    assert_eq!(store.list_tokens(ada.id, NOW).await.expect("lists"), from_ref(&tokens[won[0]]));
}

async fn nothing_but_the_kept_token_outlives_a_change(store: &mut TestStore) {
    for round in 0..8 {
        let ada = registered(store, &format!("ada {round}")).await;
        let kept = issue(store, ada.id, "owner").await;
        let stolen = issue(store, ada.id, "phone").await;
        race(24, |i| {
            let store = store.share();
            async move {
                if i == 12 {
                    store.update_account(ada.id, &to_password("new", Some(kept.hash))).await.expect("changes");
                } else {
                    let more = token(ada.id, &format!("thief/{i}"));
                    let _refused_if_late = store.put_token(&more, &Warrant::Token(stolen.hash)).await;
                }
            }
        })
        .await;
        let left = store.list_tokens(ada.id, NOW).await.expect("lists");
        assert_eq!(left.len(), 1, "round {round}: {left:?}");
        assert_eq!(left[0].client_id.as_str(), "owner", "round {round}");
    }
}
