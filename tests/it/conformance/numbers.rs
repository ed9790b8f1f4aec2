//! Accounts that bring the number along which they had in another store.

use keybin::domain::{AccountId, NewAccount};
use keybin::store::StoreError;

use crate::harness::race::race;
use crate::harness::samples::{names, new_account, refusal, register as registered};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        a_number_that_is_brought_along_stays,
        a_number_that_was_brought_along_is_given_to_no_other,
        a_number_that_another_has_is_refused,
        of_16_with_one_number_one_is_registered,
        numbers_stay_unique_while_some_are_brought_along,
        an_id_that_is_there_is_not_registered_under_another_name,
        the_number_of_an_erased_account_can_be_brought_along,
    );
}

fn numbered(name: &str, number: u64) -> NewAccount {
    NewAccount { number: Some(number), ..new_account(name) }
}

async fn a_number_that_is_brought_along_stays(store: &mut TestStore) {
    for (name, number) in [("ada", 7), ("bob", 3), ("eve", 1 << 40)] {
        let account = store.create_account(&numbered(name, number)).await.expect("registers");
        assert_eq!(account.number, number);
        assert_eq!(store.account(account.id).await.expect("reads"), Some(account));
    }
}

async fn a_number_that_was_brought_along_is_given_to_no_other(store: &mut TestStore) {
    store.create_account(&numbered("ada", 7)).await.expect("registers");
    assert!(registered(store, "bob").await.number > 7);
    // One that is lower than the last does not set the counter back.
    store.create_account(&numbered("eve", 2)).await.expect("registers");
    let next = registered(store, "carl").await.number;
    assert!(next > 8, "{next}");
    let last = store.create_account(&numbered("gone", 100)).await.expect("registers");
    assert!(store.erase_account(last.id).await.expect("erases"));
    store.reopen().await;
    assert!(registered(store, "dora").await.number > 100);
}

async fn a_number_that_another_has_is_refused(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let told = refusal(store.create_account(&numbered("bob", ada.number)).await);
    assert!(matches!(told, StoreError::NumberTaken), "{told}");
    assert_eq!(names(store).await, ["ada"]);
    let told = refusal(store.create_account(&numbered("ada", ada.number + 1)).await);
    assert!(matches!(told, StoreError::NameTaken), "{told}");
    // The name is free for another number.
    store.create_account(&numbered("bob", ada.number + 1)).await.expect("registers");
}

async fn of_16_with_one_number_one_is_registered(store: &mut TestStore) {
    let shared = store.share();
    let answers = race(16, |i| {
        let store = shared.clone();
        async move { store.create_account(&numbered(&format!("user {i}"), 5)).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    for answer in answers.into_iter().filter(Result::is_err) {
        let told = refusal(answer);
        assert!(matches!(told, StoreError::NumberTaken), "{told}");
    }
    assert_eq!(names(store).await.len(), 1);
}

async fn numbers_stay_unique_while_some_are_brought_along(store: &mut TestStore) {
    let shared = store.share();
    let made = race(32, |i| {
        let store = shared.clone();
        async move {
            let number = (i % 2 == 0).then_some(i as u64 + 1);
            let new = NewAccount { number, ..new_account(&format!("user {i}")) };
            store.create_account(&new).await.ok().map(|account| account.number)
        }
    })
    .await;
    // Who brings none always gets one.
    assert!((0..32).all(|i| i % 2 == 0 || made[i].is_some()), "{made:?}");
    let mut numbers: Vec<u64> = made.into_iter().flatten().collect();
    let all = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), all);
}

async fn an_id_that_is_there_is_not_registered_under_another_name(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    let again = NewAccount { id: ada.id, ..numbered("bob", 50) };
    let told = refusal(store.create_account(&again).await);
    assert!(matches!(told, StoreError::NameTaken), "{told}");
    assert_eq!(store.account(ada.id).await.expect("reads"), Some(ada));
    assert_eq!(names(store).await, ["ada"]);
}

async fn the_number_of_an_erased_account_can_be_brought_along(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    assert!(store.erase_account(ada.id).await.expect("erases"));
    let back = NewAccount { id: AccountId::random(), ..numbered("ada", ada.number) };
    assert_eq!(store.create_account(&back).await.expect("registers").number, ada.number);
}
