//! Each method once, where the embedded file has a way of its own to get it wrong.

use super::*;

#[tokio::test]
async fn accounts_are_found_by_id_and_by_name() {
    let home = Home::new();
    let store = home.open();
    let new = NewAccount {
        email: Some(email("ada@example.org")),
        profile: Profile { full_name: Some("Ada".to_owned()), age: Some(36), gender: None },
        admin: true,
        ..new_account("ada")
    };
    let made = store.create_account(&new).await.expect("registers");
    assert_eq!((made.number, &made.username, &made.profile), (1, &new.username, &new.profile));
    assert_eq!(store.account(new.id).await.expect("reads").as_ref(), Some(&made));
    let known = store.credentials(&new.username).await.expect("reads").expect("known");
    assert_eq!((known.account, known.password), (made.clone(), new.password.clone()));
    assert!(store.credentials(&name("Ada")).await.expect("reads").is_none());

    let same_name = new_account("ada");
    assert!(matches!(store.create_account(&same_name).await, Err(StoreError::NameTaken)));
    let same_email = NewAccount { email: new.email.clone(), ..new_account("bob") };
    assert!(matches!(store.create_account(&same_email).await, Err(StoreError::EmailTaken)));
    assert_eq!(store.account(same_email.id).await.expect("reads"), None);
    // The same attempt again is recognised, and the refused ones took no number.
    assert_eq!(store.create_account(&new).await.expect("registers"), made);
    assert_eq!(store.create_account(&new_account("bob")).await.expect("registers").number, 2);
}

#[tokio::test]
async fn numbers_go_on_after_opening_again() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    store.erase_account(ada).await.expect("erases");
    drop(store);
    assert_eq!(home.open().create_account(&new_account("bob")).await.expect("registers").number, 2);
}

#[tokio::test]
async fn accounts_are_listed_by_name_bytewise() {
    let home = Home::new();
    let store = home.open();
    for username in ["b", "B", "é", "a", "ab"] {
        register(&store, username).await;
    }
    let names = async |after: Option<&str>, limit| {
        let page = store.list_accounts(&NameRange::after(after.map(name).as_ref(), limit)).await.expect("lists");
        (page.items.iter().map(|account| account.username.to_string()).collect::<Vec<_>>().join(" "), page.more)
    };
    assert_eq!(names(None, usize::MAX).await, ("B a ab b é".to_owned(), false));
    assert_eq!(names(None, 2).await, ("B a".to_owned(), true));
    assert_eq!(names(Some("a"), 2).await, ("ab b".to_owned(), true));
    assert_eq!(names(Some("aa"), 3).await, ("ab b é".to_owned(), false));
    assert_eq!(names(Some("é"), 3).await, (String::new(), false));
    assert_eq!(names(None, 0).await, (String::new(), true));
}

#[tokio::test]
async fn an_address_is_free_again_when_it_is_given_up() {
    let home = Home::new();
    let store = home.open();
    let (ada, bob) = (register(&store, "ada").await, register(&store, "bob").await);
    let set = async |id, address: Option<&str>| {
        let change = AccountChange { email: Some(address.map(email)), ..AccountChange::default() };
        store.update_account(id, &change).await.map(|account| account.email.map(|email| email.to_string()))
    };
    let (first, second) = ("a@example.org", "b@example.org");
    assert_eq!(set(ada, Some(first)).await.expect("sets").as_deref(), Some(first));
    assert_eq!(set(ada, Some(first)).await.expect("sets").as_deref(), Some(first));
    assert!(matches!(set(bob, Some(first)).await, Err(StoreError::EmailTaken)));
    assert_eq!(set(ada, Some(second)).await.expect("sets").as_deref(), Some(second));
    assert_eq!(set(bob, Some(first)).await.expect("sets").as_deref(), Some(first));
    assert_eq!(set(ada, None).await.expect("sets"), None);
    assert_eq!(set(bob, Some(second)).await.expect("sets").as_deref(), Some(second));
    assert!(matches!(set(AccountId::random(), None).await, Err(StoreError::AccountGone)));
}

#[tokio::test]
async fn a_new_password_ends_the_tokens_of_its_account() {
    let home = Home::new();
    let store = home.open();
    let (ada, bob) = (register(&store, "ada").await, register(&store, "bob").await);
    let tokens = [new_token(ada, "a", after(9)), new_token(ada, "b", after(9)), new_token(bob, "a", after(9))];
    for token in &tokens {
        store.put_token(token, &Warrant::Password(PasswordHash::from_stored("hash"))).await.expect("puts");
    }
    let profile = Profile { gender: Some("f".to_owned()), ..Profile::default() };
    let harmless = AccountChange { profile: Some(profile.clone()), admin: Some(true), ..AccountChange::default() };
    let changed = store.update_account(ada, &harmless).await.expect("updates");
    assert_eq!((changed.profile, changed.admin), (profile, true));
    assert_eq!(store.list_tokens(ada, NOW).await.expect("lists").len(), 2);

    let new = PasswordHash::from_stored("new");
    let change = AccountChange { password: Some(new.clone()), ..AccountChange::default() };
    store.update_account(ada, &change).await.expect("updates");
    assert_eq!(store.credentials(&name("ada")).await.expect("reads").expect("known").password, new);
    assert_eq!(store.token(&tokens[0].hash, NOW).await.expect("reads"), None);
    assert_eq!(store.list_tokens(bob, NOW).await.expect("lists"), tokens[2..]);
    assert_eq!(traces(&store), [1, 1, 0, 0, 1]);
    let stale = store.put_token(&tokens[0], &Warrant::Password(PasswordHash::from_stored("hash"))).await;
    assert!(matches!(stale, Err(StoreError::Warrant)));
    store.put_token(&tokens[0], &Warrant::Operator).await.expect("puts");
}

#[tokio::test]
async fn a_new_token_replaces_the_old_one() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    let (old, new, other) = (new_token(ada, "c", after(9)), new_token(ada, "c", after(10)), new_token(ada, "d", NOW));
    for token in [&old, &other, &new, &new] {
        store.put_token(token, &Warrant::Operator).await.expect("puts");
    }
    let token = async |token: &IssuedToken, now| store.token(&token.hash, now).await.expect("reads");
    assert_eq!(token(&old, NOW).await, None);
    assert_eq!(token(&new, after(9)).await, Some(new.clone()));
    assert_eq!(token(&new, after(10)).await, None);
    assert_eq!(token(&other, NOW).await, None);
    assert_eq!(store.list_tokens(ada, NOW).await.expect("lists"), std::slice::from_ref(&new));
    assert_eq!(traces(&store), [2, 2, 0, 0, 2]);
    assert!(store.delete_token(ada, &new.client_id).await.expect("deletes"));
    assert!(!store.delete_token(ada, &new.client_id).await.expect("deletes"));
    assert_eq!(token(&new, NOW).await, None);
    let nobody = new_token(AccountId::random(), "c", after(9));
    assert!(matches!(store.put_token(&nobody, &Warrant::Operator).await, Err(StoreError::AccountGone)));
}

#[tokio::test]
async fn an_expired_document_is_absent() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    let at = key("k");
    let first = Write { expires_at: Some(after(5)), ..write("1") };
    assert_eq!(store.put(ada, &at, &first, Precondition::Absent, NOW).await.ok(), Some(Written::Created));
    let found = store.get(ada, &at, after(4)).await.expect("gets").expect("a document");
    assert_eq!((found.created_at, found.modified_at, found.expires_at), (NOW, NOW, Some(after(5))));
    assert_eq!(store.get(ada, &at, after(5)).await.expect("gets"), None);
    assert!(store.list_keys(ada, &everything(), after(5)).await.expect("lists").items.is_empty());
    for when in [Precondition::Present, Precondition::Revision(first.revision)] {
        let refused = store.put(ada, &at, &write("2"), when.clone(), after(5)).await;
        assert!(matches!(refused, Err(StoreError::Precondition(None))));
        let refused = store.delete(ada, &at, when, after(5)).await;
        assert!(matches!(refused, Err(StoreError::Precondition(None))));
    }
    assert!(!store.delete(ada, &at, Precondition::None, after(5)).await.expect("deletes"));
    let again = store.put(ada, &at, &write("3"), Precondition::Absent, after(6)).await;
    assert_eq!(again.ok(), Some(Written::Created));
    let found = store.get(ada, &at, after(6)).await.expect("gets").expect("a document");
    assert_eq!((found.created_at, found.modified_at, found.expires_at), (after(6), after(6), None));
    assert_eq!(traces(&store), [0, 0, 1, 0, 0]);
}

#[tokio::test]
async fn a_condition_is_judged_on_what_is_there() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    let at = key("k");
    let (first, second) = (Write { value: large(5000), ..write("1") }, write("2"));
    store.put(ada, &at, &first, Precondition::Absent, NOW).await.expect("puts");
    let replaced = store.put(ada, &at, &second, Precondition::Revision(first.revision), after(1)).await;
    assert_eq!(replaced.ok(), Some(Written::Replaced));
    // The same attempts again are recognised.
    let repeated = store.put(ada, &at, &second, Precondition::Revision(first.revision), after(2)).await;
    assert_eq!(repeated.ok(), Some(Written::Replaced));
    let repeated = store.put(ada, &at, &second, Precondition::Absent, after(2)).await;
    assert_eq!(repeated.ok(), Some(Written::Created));
    let present = store.get(ada, &at, NOW).await.expect("gets").expect("a document");
    assert_eq!((present.created_at, present.modified_at, present.revision), (NOW, after(1), second.revision));

    match store.put(ada, &at, &write("3"), Precondition::Revision(first.revision), NOW).await {
        Err(StoreError::Precondition(Some(document))) => assert_eq!(*document, present),
        other => panic!("{other:?}"),
    }
    match store.delete(ada, &at, Precondition::Absent, NOW).await {
        Err(StoreError::Precondition(Some(document))) => assert_eq!(*document, present),
        other => panic!("{other:?}"),
    }
    assert!(store.delete(ada, &at, Precondition::Revision(second.revision), NOW).await.expect("deletes"));
    assert!(!store.delete(ada, &at, Precondition::Absent, NOW).await.expect("deletes"));
}

#[tokio::test]
async fn keys_are_listed_by_prefix_and_cursor() {
    let home = Home::new();
    let store = home.open();
    let (ada, bob) = (register(&store, "ada").await, register(&store, "bob").await);
    for at in ["b", "a.1", "a", "a.2", "B", "é", "a!", "a.10"] {
        put(&store, ada, at, "1").await;
    }
    put(&store, bob, "a.3", "1").await;
    let list = async |prefix: &str, after: Option<&str>, limit| {
        let range = KeyRange { prefix: prefix.to_owned(), after: after.map(key), limit, order: Order::Ascending };
        let page = store.list_keys(ada, &range, NOW).await.expect("lists");
        (page.items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), page.more)
    };
    assert_eq!(list("", None, 99).await, ("B a a! a.1 a.10 a.2 b é".to_owned(), false));
    assert_eq!(list("a.", None, 99).await, ("a.1 a.10 a.2".to_owned(), false));
    assert_eq!(list("a.", None, 2).await, ("a.1 a.10".to_owned(), true));
    assert_eq!(list("a.", Some("a.10"), 2).await, ("a.2".to_owned(), false));
    assert_eq!(list("a.", Some("B"), 1).await, ("a.1".to_owned(), true));
    assert_eq!(list("a.", Some("b"), 1).await, (String::new(), false));
    assert_eq!(list("", Some("a.15"), 2).await, ("a.2 b".to_owned(), true));
    assert_eq!(list("", Some("é"), 2).await, (String::new(), false));
    assert_eq!(list("x", None, 2).await, (String::new(), false));
    assert_eq!(list("", None, 0).await, (String::new(), true));
}
