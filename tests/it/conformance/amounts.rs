//! `amounts`: roughly how much there is, and `counts`: what was counted.

use keybin::domain::{Amounts, Token};
use keybin::store::StoreError;

use crate::harness::samples::{NOW, issue, new_account, refusal, register as registered, set};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        amounts_tell_how_much_there_is,
        what_was_erased_is_in_no_amount,
        what_the_store_does_not_do_is_counted,
    );
}

async fn counted(store: &TestStore) -> [u64; 3] {
    let Amounts { accounts, tokens, documents, bytes } = store.amounts().await.expect("looks");
    assert!(bytes > 0);
    [accounts, tokens, documents]
}

async fn amounts_tell_how_much_there_is(store: &mut TestStore) {
    assert_eq!(counted(store).await, [0, 0, 0]);
    let (ada, bob) = (registered(store, "ada").await.id, registered(store, "bob").await.id);
    issue(store, ada, "phone").await;
    for n in 0..5 {
        set(store, ada, &format!("k{n}"), "1").await.expect("writes");
        set(store, bob, "k", &n.to_string()).await.expect("writes");
    }
    assert_eq!(counted(store).await, [2, 1, 6]);
}

async fn what_was_erased_is_in_no_amount(store: &mut TestStore) {
    let (ada, bob) = (registered(store, "ada").await.id, registered(store, "bob").await.id);
    for id in [ada, bob] {
        issue(store, id, "phone").await;
        set(store, id, "k", "1").await.expect("writes");
    }
    store.erase_account(ada).await.expect("erases");
    assert_eq!(counted(store).await, [1, 1, 1]);
}

async fn what_the_store_does_not_do_is_counted(store: &mut TestStore) {
    let ada = registered(store, "ada").await.id;
    let failures = store.counts().failures.clone();
    let before = failures.unavailable.get();
    // A refusal is an answer.
    store.create_account(&new_account("ada")).await.expect_err("the name is taken");
    assert_eq!(failures.unavailable.get(), before);
    store.close().await;
    let unknown = Token::random().hash();
    assert!(matches!(refusal(store.token(&unknown, NOW).await), StoreError::Unavailable(_)));
    assert!(matches!(refusal(set(store, ada, "k", "1").await), StoreError::Unavailable(_)));
    assert_eq!(failures.unavailable.get(), before + 2);
    assert_eq!((failures.unknown.get(), failures.damaged.get()), (0, 0));
}
