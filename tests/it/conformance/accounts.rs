//! Finding accounts: by identity, by name, and as a list.

use keybin::domain::{Account, AccountId, NameRange};

use crate::harness::samples::{Handle, names, register as registered, username};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        who_is_not_registered_is_not_there,
        an_erased_account_is_not_there,
        a_name_is_compared_bytewise,
        accounts_are_listed_by_name_bytewise,
        a_list_of_accounts_goes_on_after_a_name,
        more_says_exactly_whether_there_are_more_accounts,
        accounts_without_an_email_do_not_collide,
    );
}

async fn who_is_not_registered_is_not_there(store: &mut TestStore) {
    assert_eq!(store.account(AccountId::random()).await.expect("reads"), None);
    assert!(store.credentials(&username("nobody")).await.expect("reads").is_none());
    assert!(names(store).await.is_empty());
}

async fn an_erased_account_is_not_there(store: &mut TestStore) {
    let ada = registered(store, "ada").await;
    registered(store, "grace").await;
    assert!(store.erase_account(ada.id).await.expect("erases"));
    assert_eq!(store.account(ada.id).await.expect("reads"), None);
    assert!(store.credentials(&ada.username).await.expect("reads").is_none());
    assert_eq!(names(store).await, ["grace"]);
}

async fn a_name_is_compared_bytewise(store: &mut TestStore) {
    // Case, a blank at the end, and é as one character or as two.
    let spellings = ["ada", "Ada", "ADA", "ada ", " ada", "\u{e9}", "e\u{301}", "stra\u{df}e", "strasse"];
    let mut accounts = Vec::new();
    for name in spellings {
        accounts.push(registered(store, name).await);
    }
    for (name, account) in spellings.iter().zip(&accounts) {
        let found = store.credentials(&username(name)).await.expect("reads").expect("is there");
        assert_eq!(&found.account, account);
    }
}

async fn accounts_are_listed_by_name_bytewise(store: &mut TestStore) {
    // The last two would change places if they were ordered as UTF-16.
    let in_order = ["!", "A", "Z", "a", "a b", "aa", "b", "z", "\u{e9}", "\u{ff61}", "\u{1f600}"];
    for name in in_order.iter().rev() {
        registered(store, name).await;
    }
    assert_eq!(names(store).await, in_order);
}

async fn a_list_of_accounts_goes_on_after_a_name(store: &mut TestStore) {
    for name in ["b", "d", "f"] {
        registered(store, name).await;
    }
    for (after, rest) in
        [("a", &["b", "d", "f"][..]), ("b", &["d", "f"]), ("c", &["d", "f"]), ("e", &["f"]), ("f", &[]), ("g", &[])]
    {
        let page = store.list_accounts(&NameRange::after(Some(&username(after)), 10)).await.expect("lists");
        assert_eq!(spelled(&page.items), rest, "after {after}");
        assert!(!page.more);
    }
}

async fn more_says_exactly_whether_there_are_more_accounts(store: &mut TestStore) {
    for name in ["a", "b", "c"] {
        registered(store, name).await;
    }
    for (limit, count, more) in [(0, 0, true), (1, 1, true), (2, 2, true), (3, 3, false), (4, 3, false)] {
        assert_page(store, limit, count, more).await;
    }
    assert_page(store, usize::MAX, 3, false).await;
}

async fn accounts_without_an_email_do_not_collide(store: &mut TestStore) {
    for name in ["a", "b", "c"] {
        assert_eq!(registered(store, name).await.email, None);
    }
}

async fn assert_page(store: &impl Handle, limit: usize, count: usize, more: bool) {
    let page = store.list_accounts(&NameRange::after(None, limit)).await.expect("lists");
    assert_eq!(page.items.len(), count, "of limit {limit}");
    assert_eq!(page.more, more, "of limit {limit}");
}

fn spelled(accounts: &[Account]) -> Vec<&str> {
    accounts.iter().map(|account| account.username.as_str()).collect()
}
