//! Erasure: everything of an account goes, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use keybin::domain::{AccountChange, AccountId, IssuedToken, NameRange, NewAccount, Profile};
use keybin::store::Store;
use tokio::time::sleep;

use crate::harness::race::race;
use crate::harness::samples::{Handle, NOW, email, issue, json, keys, names, new_account, register as registered, set};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        nothing_of_an_erased_account_is_left,
        the_name_and_the_email_are_free_again,
        who_is_not_there_cannot_be_erased,
        of_8_erasures_one_finds_the_account,
        an_account_of_the_same_name_begins_with_nothing,
        an_erasure_that_was_broken_off_is_finished_after_the_next_start,
    );
}

/// An account with an address, a profile, tokens and documents, so that there is much to leave behind.
pub(super) async fn rich_account(store: &impl Handle, name: &str) -> (NewAccount, Vec<IssuedToken>) {
    let new = NewAccount {
        email: Some(email(&format!("{name}@example.org"))),
        profile: Profile { full_name: Some(name.to_owned()), age: Some(1), gender: None },
        ..new_account(name)
    };
    store.create_account(&new).await.expect("registers");
    let mut tokens = Vec::new();
    for client in ["default", "phone", "web/1"] {
        tokens.push(issue(store, new.id, client).await);
    }
    for at in [" ", "k", "\u{10ffff}"] {
        set(store, new.id, at, "1").await.expect("writes");
    }
    (new, tokens)
}

/// Looks for an account through every method that could show something of it.
pub(super) async fn assert_gone(store: &impl Handle, new: &NewAccount, tokens: &[IssuedToken]) {
    assert_eq!(store.account(new.id).await.expect("reads"), None);
    let credentials = store.credentials(&new.username).await.expect("reads");
    assert!(credentials.is_none_or(|credentials| credentials.account.id != new.id));
    let page = store.list_accounts(&NameRange::after(None, 100_000)).await.expect("lists");
    assert!(page.items.iter().all(|account| account.id != new.id));
    for token in tokens {
        assert_eq!(store.token(&token.hash, NOW).await.expect("reads"), None);
    }
    assert!(store.list_tokens(new.id, NOW).await.expect("lists").is_empty());
    assert!(keys(store, new.id).await.is_empty());
    for at in [" ", "k", "\u{10ffff}"] {
        assert_eq!(json(store, new.id, at).await, None);
    }
}

async fn nothing_of_an_erased_account_is_left(store: &mut TestStore) {
    let (_, kept) = rich_account(store, "grace").await;
    let rows = store.rows().await;
    let (new, tokens) = rich_account(store, "ada").await;
    assert!(store.rows().await > rows);
    assert!(store.erase_account(new.id).await.expect("erases"));
    assert_gone(store, &new, &tokens).await;
    assert_eq!(store.rows().await, rows);
    assert_gone(store, &new, &tokens).await;

    assert_eq!(names(store).await, ["grace"]);
    for token in kept {
        assert_eq!(store.token(&token.hash, NOW).await.expect("reads"), Some(token));
    }
}

async fn the_name_and_the_email_are_free_again(store: &mut TestStore) {
    for _ in 0..3 {
        let new = NewAccount { email: Some(email("ada@example.org")), ..new_account("ada") };
        let account = store.create_account(&new).await.expect("registers");
        // An address that was taken later is given back as well.
        let change = AccountChange { email: Some(Some(email("new@example.org"))), ..AccountChange::default() };
        store.update_account(account.id, &change).await.expect("changes");
        assert!(store.erase_account(account.id).await.expect("erases"));
    }
}

async fn who_is_not_there_cannot_be_erased(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    assert!(!store.erase_account(AccountId::random()).await.expect("finds nobody"));
    assert!(store.erase_account(account.id).await.expect("erases"));
    assert!(!store.erase_account(account.id).await.expect("finds nobody"));

    // The second erasure does not take for the first one's account what bears its name today.
    let again = registered(store, "ada").await;
    assert!(!store.erase_account(account.id).await.expect("finds nobody"));
    assert_eq!(store.account(again.id).await.expect("reads"), Some(again));
}

async fn of_8_erasures_one_finds_the_account(store: &mut TestStore) {
    registered(store, "bystander").await;
    let rows = store.rows().await;
    for round in 0..4 {
        let (new, tokens) = rich_account(store, &format!("user{round}")).await;
        let (shared, id) = (store.share(), new.id);
        let found = race(8, |_| {
            let store = shared.clone();
            async move { store.erase_account(id).await.expect("answers") }
        })
        .await;
        drop(shared);
        assert_eq!(found.into_iter().filter(|found| *found).count(), 1);
        assert_gone(store, &new, &tokens).await;
    }
    assert_eq!(store.rows().await, rows);
}

async fn an_account_of_the_same_name_begins_with_nothing(store: &mut TestStore) {
    let (first, tokens) = rich_account(store, "ada").await;
    assert!(store.erase_account(first.id).await.expect("erases"));
    let second = NewAccount { id: AccountId::random(), ..first.clone() };
    let account = store.create_account(&second).await.expect("registers");
    assert_eq!(account.id, second.id);
    assert!(keys(store, second.id).await.is_empty());
    assert!(store.list_tokens(second.id, NOW).await.expect("lists").is_empty());
    set(store, second.id, "k", "2").await.expect("writes");
    assert_gone(store, &first, &tokens).await;
    assert_eq!(json(store, second.id, "k").await.as_deref(), Some("2"));
}

/// After the restart the account is either whole, because the erasure had not begun, or on its way to be gone.
async fn an_erasure_that_was_broken_off_is_finished_after_the_next_start(store: &mut TestStore) {
    const DOCUMENTS: usize = 300;
    rich_account(store, "grace").await;
    let rows = store.rows().await;
    for (round, millis) in [0, 1, 2, 4, 8, 16, 32].into_iter().enumerate() {
        let (new, tokens) = rich_account(store, &format!("user{round}")).await;
        let shared = store.share();
        race(16, |i| fill(shared.clone(), new.id, (i..DOCUMENTS).step_by(16))).await;
        let id = new.id;
        let erasure = tokio::spawn(async move { shared.erase_account(id).await });
        sleep(Duration::from_millis(millis)).await;
        erasure.abort();
        let _ = erasure.await;

        store.reopen().await;
        if store.account(new.id).await.expect("reads").is_some() {
            assert_eq!(keys(store, new.id).await.len(), DOCUMENTS + 3);
            assert!(store.erase_account(new.id).await.expect("erases"));
        }
        let mut patience = 300;
        while store.rows().await != rows {
            assert!(patience > 0, "{} rows are left where {rows} were", store.rows().await);
            patience -= 1;
            sleep(Duration::from_millis(100)).await;
        }
        assert_gone(store, &new, &tokens).await;
        let again = NewAccount { id: AccountId::random(), ..new };
        store.create_account(&again).await.expect("the name is free");
        assert!(store.erase_account(again.id).await.expect("erases"));
    }
}

/// Writes a document under each of these numbers.
pub(super) async fn fill(store: Arc<dyn Store>, id: AccountId, numbers: impl Iterator<Item = usize>) {
    for i in numbers {
        set(&store, id, &format!("{i:05}"), "1").await.expect("writes");
    }
}
