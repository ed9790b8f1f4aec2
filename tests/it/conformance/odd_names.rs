//! Names that mean something elsewhere are just names here: of accounts, of client ids, of keys.

use keybin::domain::{NameRange, NewAccount};

use crate::harness::samples::{
    NOW, email, issue, json, keys, names, new_account, register as registered, set, username,
};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        odd_usernames_are_just_names,
        odd_client_ids_are_just_names,
        odd_keys_are_just_names,
        odd_emails_are_just_addresses,
    );
}

/// Operators, paths, quotes, patterns, brackets, spaces, emoji, directions, the highest character, the longest name.
fn odd_names() -> Vec<String> {
    let mut odd: Vec<String> = [
        "$",
        "$ne",
        "{\"$gt\":\"\"}",
        "a.b",
        "a.$.b",
        ".hidden",
        "...",
        "_id",
        "__proto__",
        "null",
        "0",
        "-1",
        "1e3",
        "true",
        "'; DROP TABLE users; --",
        "\"quoted\"",
        "back\\slash",
        "per%2Fcent%00",
        "a*b?c[d]^$|(e)+",
        " ",
        "  a  ",
        "a:b",
        "a|b",
        "a,b",
        "<b>&amp;",
        "\u{1f469}\u{200d}\u{1f4bb}",
        "\u{202e}abc",
        "\u{feff}a",
        "\u{fffd}",
        "\u{fffe}\u{ffff}",
        "\u{10ffff}",
        "\u{e000}",
        "\u{d7ff}",
        "67e55044-10b1-426f-9247-bb680e5fe0c8",
    ]
    .map(str::to_owned)
    .into();
    odd.push("x".repeat(255));
    odd.push("\u{1f600}".repeat(63) + "abc");
    odd.push("x".repeat(254) + "y");
    odd.sort();
    odd
}

async fn odd_usernames_are_just_names(store: &mut TestStore) {
    let odd = odd_names();
    for name in &odd {
        let account = registered(store, name).await;
        let found = store.credentials(&username(name)).await.expect("reads").expect("is there");
        assert_eq!(found.account, account);
        assert_eq!(account.username.as_str(), name);
    }
    assert_eq!(names(store).await, odd);
    for name in &odd {
        let page = store.list_accounts(&NameRange::after(Some(&username(name)), 1000)).await.expect("lists");
        let rest = odd.iter().filter(|other| *other > name).count();
        assert_eq!(page.items.len(), rest, "after {name:?}");
    }
}

async fn odd_client_ids_are_just_names(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    let mut odd = odd_names();
    odd.extend(["a/b".to_owned(), "/".to_owned(), "a/".to_owned(), "..".to_owned()]);
    odd.sort();
    let mut tokens = Vec::new();
    for name in &odd {
        tokens.push(issue(store, account.id, name).await);
    }
    for token in &tokens {
        assert_eq!(store.token(&token.hash, NOW).await.expect("reads").as_ref(), Some(token));
    }
    assert_eq!(store.list_tokens(account.id, NOW).await.expect("lists"), tokens);
    for token in &tokens {
        assert!(store.delete_token(account.id, &token.client_id).await.expect("ends"), "{:?}", token.client_id);
    }
    assert!(store.list_tokens(account.id, NOW).await.expect("lists").is_empty());
}

async fn odd_keys_are_just_names(store: &mut TestStore) {
    let account = registered(store, "ada").await;
    let odd: Vec<String> = odd_names().into_iter().filter(|name| !name.contains('/')).collect();
    for (i, name) in odd.iter().enumerate() {
        set(store, account.id, name, &i.to_string()).await.expect("writes");
    }
    for (i, name) in odd.iter().enumerate() {
        assert_eq!(json(store, account.id, name).await, Some(i.to_string()), "{name:?}");
    }
    assert_eq!(keys(store, account.id).await, odd);
}

async fn odd_emails_are_just_addresses(store: &mut TestStore) {
    let addresses = ["$ne@host", "a.b@host", "\"a@b\"@host", "\u{1f600}@\u{fc}ber.example", "%@*", "a@host", "a@hos"];
    for (i, address) in addresses.iter().enumerate() {
        let new = NewAccount { email: Some(email(address)), ..new_account(&format!("user {i}")) };
        let account = store.create_account(&new).await.expect("registers");
        assert_eq!(account.email, new.email);
        assert_eq!(store.account(new.id).await.expect("reads"), Some(account));
    }
}
