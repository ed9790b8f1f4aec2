//! `create_account`: who gets a name, an e-mail address, a number.

use std::slice::from_ref;

use keybin::domain::{AccountId, NameRange, NewAccount, Profile};
use keybin::store::StoreError;

use crate::harness::race::race;
use crate::harness::samples::{email, hash, names, new_account, refusal, register as registered, username};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        an_account_is_what_it_was_registered_as,
        a_taken_name_is_refused_and_nothing_is_left,
        a_taken_email_is_refused_and_nothing_is_left,
        of_64_registrations_of_one_name_one_wins,
        of_64_registrations_of_one_email_one_wins,
        a_repeated_registration_makes_no_second_account,
        numbers_increase,
        numbers_are_unique_among_64_at_once,
        a_number_is_not_given_again,
    );
}

async fn an_account_is_what_it_was_registered_as(store: &mut TestStore) {
    let new = NewAccount {
        email: Some(email("Ada@Example.org")),
        profile: Profile {
            full_name: Some("Ada \"Countess\" 'of' $Lovelace.\u{1F600}".to_owned()),
            age: Some(u32::MAX),
            gender: Some(String::new()),
        },
        admin: true,
        ..new_account("ada")
    };
    let account = store.create_account(&new).await.expect("registers");
    assert_eq!(account.id, new.id);
    assert_eq!(account.username, new.username);
    assert_eq!(account.email, new.email);
    assert_eq!(account.profile, new.profile);
    assert!(account.admin);
    assert_eq!(account.created_at, new.created_at);
    assert!(account.number >= 1);

    assert_eq!(store.account(new.id).await.expect("reads"), Some(account.clone()));
    let credentials = store.credentials(&new.username).await.expect("reads").expect("is there");
    assert_eq!(credentials.account, account);
    assert_eq!(credentials.password, new.password);
}

async fn a_taken_name_is_refused_and_nothing_is_left(store: &mut TestStore) {
    let first = registered(store, "ada").await;
    let rows = store.rows().await;
    let second = NewAccount { email: Some(email("ada@example.org")), password: hash("other"), ..new_account("ada") };
    assert!(matches!(refusal(store.create_account(&second).await), StoreError::NameTaken));

    assert_eq!(store.rows().await, rows);
    assert_eq!(store.account(second.id).await.expect("reads"), None);
    let credentials = store.credentials(&first.username).await.expect("reads").expect("is there");
    assert_eq!((credentials.account, credentials.password), (first, hash("ada")));
    // The address of the refused one is still to be had.
    let third = NewAccount { email: second.email, ..new_account("grace") };
    store.create_account(&third).await.expect("registers");
}

async fn a_taken_email_is_refused_and_nothing_is_left(store: &mut TestStore) {
    let first = NewAccount { email: Some(email("ada@example.org")), ..new_account("ada") };
    store.create_account(&first).await.expect("registers");
    let rows = store.rows().await;
    let second = NewAccount { email: Some(email("ADA@example.ORG")), ..new_account("grace") };
    assert!(matches!(refusal(store.create_account(&second).await), StoreError::EmailTaken));

    assert_eq!(store.rows().await, rows);
    assert_eq!(store.account(second.id).await.expect("reads"), None);
    assert!(store.credentials(&second.username).await.expect("reads").is_none());
    assert_eq!(names(store).await, ["ada"]);
    // The name of the refused one is still to be had, and without an address there is nothing to share.
    registered(store, "grace").await;
    registered(store, "edsger").await;
}

async fn of_64_registrations_of_one_name_one_wins(store: &mut TestStore) {
    let shared = store.share();
    let answers = race(64, |i| {
        let store = shared.clone();
        let new = NewAccount { email: Some(email(&format!("ada{i}@example.org"))), ..new_account("ada") };
        async move { (store.create_account(&new).await, new) }
    })
    .await;
    drop(shared);
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(answer, _)| answer.is_ok());
    assert_eq!(won.len(), 1);
    let winner = won[0].0.as_ref().expect("won");
    let page = store.list_accounts(&NameRange::after(None, 100)).await.expect("lists");
    assert_eq!(page.items, from_ref(winner));
    assert!(!page.more);
    assert_eq!(store.account(winner.id).await.expect("reads").as_ref(), Some(winner));

    for (answer, new) in lost {
        assert!(matches!(refusal(answer), StoreError::NameTaken));
        assert_eq!(store.account(new.id).await.expect("reads"), None);
        let again = NewAccount { id: AccountId::random(), username: username(&new.id.to_string()), ..new };
        store.create_account(&again).await.expect("the address of a loser is free");
    }
}

async fn of_64_registrations_of_one_email_one_wins(store: &mut TestStore) {
    let shared = store.share();
    let answers = race(64, |i| {
        let store = shared.clone();
        let new = NewAccount { email: Some(email("ada@example.org")), ..new_account(&format!("ada{i}")) };
        async move { (store.create_account(&new).await, new) }
    })
    .await;
    drop(shared);
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(answer, _)| answer.is_ok());
    assert_eq!(won.len(), 1);
    let winner = won[0].0.as_ref().expect("won");
    assert_eq!(names(store).await, [winner.username.as_str()]);

    for (answer, new) in lost {
        assert!(matches!(refusal(answer), StoreError::EmailTaken));
        let again = NewAccount { id: AccountId::random(), email: None, ..new };
        store.create_account(&again).await.expect("the name of a loser is free");
    }
}

/// Whether the second attempt is told that it succeeded or that the name is taken, it is recognised.
async fn a_repeated_registration_makes_no_second_account(store: &mut TestStore) {
    let new = NewAccount { email: Some(email("ada@example.org")), ..new_account("ada") };
    let first = store.create_account(&new).await.expect("registers");
    match store.create_account(&new).await {
        Ok(second) => assert_eq!(second, first),
        Err(StoreError::NameTaken) => {}
        Err(other) => panic!("{other}"),
    }
    assert_eq!(store.account(new.id).await.expect("reads"), Some(first));
    assert_eq!(names(store).await, ["ada"]);
}

async fn numbers_increase(store: &mut TestStore) {
    let mut last = 0;
    for name in ["c", "a", "b"] {
        let number = registered(store, name).await.number;
        assert!(number > last, "{number} came after {last}");
        last = number;
    }
    store.reopen().await;
    assert!(registered(store, "d").await.number > last);
}

async fn numbers_are_unique_among_64_at_once(store: &mut TestStore) {
    let shared = store.share();
    let mut numbers = race(64, |i| {
        let store = shared.clone();
        async move { registered(&store, &format!("user {i}")).await.number }
    })
    .await;
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 64);
}

async fn a_number_is_not_given_again(store: &mut TestStore) {
    registered(store, "ada").await;
    let last = registered(store, "grace").await;
    assert!(store.erase_account(last.id).await.expect("erases"));
    assert!(registered(store, "grace").await.number > last.number);
}
