//! Erasure in a storm: while the account is written to, and while its name is wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use keybin::domain::{AccountChange, AccountId, IssuedToken, NewAccount, Precondition, Profile};
use keybin::store::{Result, Store, StoreError, Warrant};
use tokio::task::{JoinSet, yield_now};
use tokio::time::sleep;

use super::erasure::{assert_gone, fill, rich_account};
use crate::harness::race::race;
use crate::harness::samples::{NOW, json, key, keys, set, token, write};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        nothing_comes_back_after_10_000_documents_were_erased_in_a_storm,
        a_name_that_many_want_goes_to_one_and_stays_there,
    );
}

const DOCUMENTS: usize = 10_000;
const WRITERS: usize = 8;
const ISSUERS: usize = 2;

/// What those share who go on using the account.
#[derive(Clone)]
struct Storm {
    store: Arc<dyn Store>,
    id: AccountId,
    /// How many of their steps succeeded.
    done: Arc<AtomicUsize>,
    /// Set once the erasure returned.
    erased: Arc<AtomicBool>,
}

impl Storm {
    fn over_an(store: Arc<dyn Store>, id: AccountId) -> Self {
        Self { store, id, done: Arc::default(), erased: Arc::default() }
    }

    fn is_erased(&self) -> bool {
        self.erased.load(Ordering::SeqCst)
    }

    /// Whether one may stop after this answer to a step: refused, and begun after the erasure returned. Until then
    /// a step may succeed or be refused; any other answer, and any success later, fails the test.
    fn is_over<T>(&self, begun_after: bool, answer: Result<T>) -> bool {
        match answer {
            Ok(_) => {
                assert!(!begun_after, "what began after the erasure succeeded");
                self.done.fetch_add(1, Ordering::SeqCst);
                false
            }
            Err(StoreError::AccountGone) => begun_after,
            Err(other) => panic!("{other}"),
        }
    }

    /// Overwrites documents that are there and adds others.
    async fn write(self, which: usize) {
        for i in 0.. {
            let begun_after = self.is_erased();
            let at = if i % 2 == 0 { format!("{:05}", i % DOCUMENTS) } else { format!("{which} {i}") };
            let answer = self.store.put(self.id, &key(&at), &write("2"), Precondition::None, NOW).await;
            if self.is_over(begun_after, answer) {
                return;
            }
            yield_now().await;
        }
    }

    /// Fetches tokens; those that it got.
    async fn issue(self, which: usize) -> Vec<IssuedToken> {
        let mut issued = Vec::new();
        for i in 0.. {
            let begun_after = self.is_erased();
            let token = token(self.id, &format!("{which}/{}", i % 5));
            let answer = self.store.put_token(&token, &Warrant::Operator).await;
            if answer.is_ok() {
                issued.push(token);
            }
            if self.is_over(begun_after, answer) {
                break;
            }
            yield_now().await;
        }
        issued
    }

    /// Changes the account.
    async fn change(self) {
        for age in 0.. {
            let begun_after = self.is_erased();
            let profile = Profile { age: Some(age), ..Profile::default() };
            let change = AccountChange { profile: Some(profile), ..AccountChange::default() };
            let answer = self.store.update_account(self.id, &change).await;
            if self.is_over(begun_after, answer) {
                return;
            }
            yield_now().await;
        }
    }

    /// Tries to register until it succeeds, and then uses the account; or until it is refused after the erasure.
    async fn inherit(self, new: NewAccount) -> Option<(AccountId, IssuedToken)> {
        loop {
            let begun_after = self.is_erased();
            match self.store.create_account(&new).await {
                Ok(account) => {
                    set(&self.store, account.id, "k", "\"mine\"").await.expect("writes");
                    let token = token(account.id, "phone");
                    self.store.put_token(&token, &Warrant::Operator).await.expect("issues");
                    return Some((account.id, token));
                }
                Err(StoreError::NameTaken | StoreError::EmailTaken) if begun_after => return None,
                Err(StoreError::NameTaken | StoreError::EmailTaken) => yield_now().await,
                Err(other) => panic!("{other}"),
            }
        }
    }
}

async fn nothing_comes_back_after_10_000_documents_were_erased_in_a_storm(store: &mut TestStore) {
    let (grace, kept) = rich_account(store, "grace").await;
    let rows = store.rows().await;
    let (ada, tokens) = rich_account(store, "ada").await;
    let shared = store.share();
    race(64, |i| fill(shared.clone(), ada.id, (i..DOCUMENTS).step_by(64))).await;
    assert_eq!(keys(store, ada.id).await.len(), DOCUMENTS + 3);

    let storm = Storm::over_an(shared, ada.id);
    let mut others = JoinSet::new();
    for which in 0..WRITERS {
        others.spawn(storm.clone().write(which));
    }
    others.spawn(storm.clone().change());
    let mut issuers = JoinSet::new();
    for which in 0..ISSUERS {
        issuers.spawn(storm.clone().issue(which));
    }
    // The storm is under way.
    while storm.done.load(Ordering::SeqCst) < 4 * (WRITERS + ISSUERS + 1) {
        sleep(Duration::from_millis(1)).await;
    }
    assert!(storm.store.erase_account(ada.id).await.expect("erases"));
    storm.erased.store(true, Ordering::SeqCst);
    others.join_all().await;
    let issued: Vec<_> = issuers.join_all().await.into_iter().flatten().chain(tokens).collect();
    drop(storm);

    assert_gone(store, &ada, &issued).await;
    assert_eq!(store.rows().await, rows);
    assert!(!store.erase_account(ada.id).await.expect("finds nobody"));
    assert_eq!(keys(store, grace.id).await.len(), 3);
    assert_eq!(store.list_tokens(grace.id, NOW).await.expect("lists"), kept);

    let again = NewAccount { id: AccountId::random(), ..ada.clone() };
    store.create_account(&again).await.expect("the name and the address are free");
    assert!(keys(store, again.id).await.is_empty());
    assert!(store.list_tokens(again.id, NOW).await.expect("lists").is_empty());
    assert_gone(store, &ada, &issued).await;
}

async fn a_name_that_many_want_goes_to_one_and_stays_there(store: &mut TestStore) {
    let (ada, tokens) = rich_account(store, "ada").await;
    let shared = store.share();
    race(16, |i| fill(shared.clone(), ada.id, (i..500).step_by(16))).await;
    let storm = Storm::over_an(shared, ada.id);
    let mut heirs = JoinSet::new();
    for _ in 0..8 {
        let new = NewAccount { id: AccountId::random(), ..ada.clone() };
        heirs.spawn(storm.clone().inherit(new));
    }
    assert!(storm.store.erase_account(ada.id).await.expect("erases"));
    storm.erased.store(true, Ordering::SeqCst);
    let heirs: Vec<_> = heirs.join_all().await.into_iter().flatten().collect();
    drop(storm);

    assert_eq!(heirs.len(), 1, "{heirs:?}");
    let (heir, token) = &heirs[0];
    let credentials = store.credentials(&ada.username).await.expect("reads").expect("is there");
    assert_eq!(credentials.account.id, *heir);
    assert_gone(store, &ada, &tokens).await;
    // What the heir did while the erasure may still have gone on stays.
    assert_eq!(keys(store, *heir).await, ["k"]);
    assert_eq!(json(store, *heir, "k").await.as_deref(), Some("\"mine\""));
    assert_eq!(store.token(&token.hash, NOW).await.expect("reads").as_ref(), Some(token));
}
