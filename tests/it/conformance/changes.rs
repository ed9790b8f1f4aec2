//! `update_account`: what changes, what stays, and what is refused.

use keybin::domain::{AccountChange, AccountId, Email, NewAccount, Profile};
use keybin::store::StoreError;

use crate::harness::race::race;
use crate::harness::samples::{NOW, email, hash, issue, new_account, refusal, register as registered};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        each_part_changes_alone,
        an_empty_change_changes_nothing,
        an_email_can_be_set_changed_and_removed,
        an_account_may_keep_its_own_email,
        a_taken_email_changes_nothing_at_all,
        of_32_changes_to_one_email_one_wins,
        changes_of_different_parts_do_not_undo_each_other,
        who_is_gone_cannot_be_changed,
    );
}

fn to_email(email: Option<Email>) -> AccountChange {
    AccountChange { email: Some(email), ..AccountChange::default() }
}

async fn each_part_changes_alone(store: &mut TestStore) {
    let mut account = registered(store, "ada").await;
    let profile = Profile { full_name: Some("Ada".to_owned()), age: Some(36), gender: None };

    account.email = Some(email("ada@example.org"));
    let changed = store.update_account(account.id, &to_email(account.email.clone())).await.expect("changes");
    assert_eq!(changed, account);

    account.profile = profile.clone();
    let change = AccountChange { profile: Some(profile), ..AccountChange::default() };
    assert_eq!(store.update_account(account.id, &change).await.expect("changes"), account);

    account.admin = true;
    let change = AccountChange { admin: Some(true), ..AccountChange::default() };
    assert_eq!(store.update_account(account.id, &change).await.expect("changes"), account);

    let change = AccountChange { password: Some(hash("new")), ..AccountChange::default() };
    assert_eq!(store.update_account(account.id, &change).await.expect("changes"), account);

    // A profile is replaced whole.
    account.profile = Profile { gender: Some("x".to_owned()), ..Profile::default() };
    let change = AccountChange { profile: Some(account.profile.clone()), ..AccountChange::default() };
    assert_eq!(store.update_account(account.id, &change).await.expect("changes"), account);

    assert_eq!(store.account(account.id).await.expect("reads"), Some(account.clone()));
    let credentials = store.credentials(&account.username).await.expect("reads").expect("is there");
    assert_eq!((credentials.account, credentials.password), (account, hash("new")));
}

async fn an_empty_change_changes_nothing(store: &mut TestStore) {
    let new = NewAccount { email: Some(email("a@b")), admin: true, ..new_account("ada") };
    let account = store.create_account(&new).await.expect("registers");
    let token = issue(store, account.id, "phone").await;
    let changed = store.update_account(account.id, &AccountChange::default()).await.expect("changes");
    assert_eq!(changed, account);
    assert_eq!(store.account(account.id).await.expect("reads"), Some(account));
    assert_eq!(store.token(&token.hash, NOW).await.expect("reads"), Some(token));
}

async fn an_email_can_be_set_changed_and_removed(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let grace = registered(store, "grace").await;
    let (first, second) = (email("first@example.org"), email("second@example.org"));
    store.update_account(ada.id, &to_email(Some(first.clone()))).await.expect("sets");
    store.update_account(ada.id, &to_email(Some(second.clone()))).await.expect("changes");
    // What she gave up is free, what she has is not.
    store.update_account(grace.id, &to_email(Some(first))).await.expect("takes the first");
    let answer = store.update_account(grace.id, &to_email(Some(second.clone()))).await;
    assert!(matches!(refusal(answer), StoreError::EmailTaken));

    let removed = store.update_account(ada.id, &to_email(None)).await.expect("removes");
    assert_eq!(removed.email, None);
    store.update_account(grace.id, &to_email(Some(second))).await.expect("takes the second");
}

async fn an_account_may_keep_its_own_email(store: &mut TestStore) {
    let new = NewAccount { email: Some(email("ada@example.org")), ..new_account("ada") };
    let account = store.create_account(&new).await.expect("registers");
    let changed = store.update_account(account.id, &to_email(new.email)).await.expect("changes");
    assert_eq!(changed, account);
}

async fn a_taken_email_changes_nothing_at_all(store: &mut TestStore) {
    let taken = NewAccount { email: Some(email("ada@example.org")), ..new_account("ada") };
    store.create_account(&taken).await.expect("registers");
    let grace = registered(store, "grace").await;
    let token = issue(store, grace.id, "phone").await;
    let change = AccountChange {
        email: Some(taken.email),
        profile: Some(Profile { age: Some(1), ..Profile::default() }),
        admin: Some(true),
        password: Some(hash("new")),
        ..AccountChange::default()
    };
    assert!(matches!(refusal(store.update_account(grace.id, &change).await), StoreError::EmailTaken));

    let credentials = store.credentials(&grace.username).await.expect("reads").expect("is there");
    assert_eq!((credentials.account, credentials.password), (grace, hash("grace")));
    assert_eq!(store.token(&token.hash, NOW).await.expect("reads"), Some(token));
}

async fn of_32_changes_to_one_email_one_wins(store: &mut TestStore) {
    let mut ids = Vec::new();
    for i in 0..32 {
        ids.push(registered(store, &format!("user {i}")).await.id);
    }
    let shared = store.share();
    let answers = race(32, |i| {
        let (store, id) = (shared.clone(), ids[i]);
        async move { store.update_account(id, &to_email(Some(email("one@example.org")))).await }
    })
    .await;
    let mut winners = 0;
    for (id, answer) in ids.into_iter().zip(answers) {
        let present = store.account(id).await.expect("reads").expect("is there").email;
        match answer {
            Ok(account) => {
                winners += 1;
                assert_eq!(present, account.email);
            }
            Err(StoreError::EmailTaken) => assert_eq!(present, None),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(winners, 1);
}

async fn changes_of_different_parts_do_not_undo_each_other(store: &mut TestStore) {
    for round in 0..16 {
        let id = registered(store, &format!("user {round}")).await.id;
        let address = email(&format!("user{round}@example.org"));
        let profile = Profile { age: Some(round), ..Profile::default() };
        let changes = [
            to_email(Some(address.clone())),
            AccountChange { profile: Some(profile.clone()), ..AccountChange::default() },
            AccountChange { admin: Some(true), ..AccountChange::default() },
            AccountChange { password: Some(hash("new")), ..AccountChange::default() },
        ];
        let shared = store.share();
        let answers = race(changes.len(), |i| {
            let (store, change) = (shared.clone(), changes[i].clone());
            async move { store.update_account(id, &change).await }
        })
        .await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let account = store.account(id).await.expect("reads").expect("is there");
        assert_eq!((account.email, account.profile, account.admin), (Some(address), profile, true));
        let credentials = store.credentials(&account.username).await.expect("reads").expect("is there");
        assert_eq!(credentials.password, hash("new"));
    }
}

async fn who_is_gone_cannot_be_changed(store: &mut TestStore) {
    let erased = registered(store, "ada").await;
    assert!(store.erase_account(erased.id).await.expect("erases"));
    let change = AccountChange { password: Some(hash("new")), ..to_email(Some(email("ada@example.org"))) };
    for id in [erased.id, AccountId::random()] {
        for change in [&change, &AccountChange::default()] {
            assert!(matches!(refusal(store.update_account(id, change).await), StoreError::AccountGone));
        }
    }
    // Nothing is left of the attempt: neither the name nor the address is taken.
    let new = NewAccount { email: Some(email("ada@example.org")), ..new_account("ada") };
    store.create_account(&new).await.expect("registers");
}
