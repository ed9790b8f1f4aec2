//! Damaged records, and what is kept where.

use super::*;

/// Flips one bit of each byte of a record in turn.
fn flips(record: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..record.len()).map(|at| {
        let mut flipped = record.to_vec();
        flipped[at] ^= 1;
        flipped
    })
}

#[test]
fn every_flipped_bit_of_a_record_is_found() {
    let id = AccountId::random();
    let mut new = new_account("ada");
    new.profile = Profile { full_name: Some("Ada L".to_owned()), age: Some(36), gender: Some("f".to_owned()) };
    let account = Account {
        id,
        number: u64::MAX,
        username: new.username,
        email: Some(email("ada@example.org")),
        profile: new.profile,
        admin: true,
        created_at: NOW,
    };
    let record = codec::write_account(&account, &new.password);
    let read = codec::read_account(id, &record).expect("reads");
    assert_eq!((read.account, read.password), (account, new.password));
    assert!(flips(&record).all(|flipped| codec::read_account(id, &flipped).is_err()));
    assert!(codec::read_account(AccountId::random(), &record).is_err());

    let token = codec::TokenRecord {
        hash: Token::random().hash(),
        created_at: NOW,
        expires_at: after(1),
        origin: Origin::Web,
        grant: Grant { scope: Scope::Read, prefix: "é.".to_owned() },
    };
    let record = token.write(b"place");
    assert!(codec::TokenRecord::read(b"place", &record).is_ok_and(|read| read.grant == token.grant));
    assert!(flips(&record).all(|flipped| codec::TokenRecord::read(b"place", &flipped).is_err()));
    assert!(codec::TokenRecord::read(b"space", &record).is_err());

    let value = value("[1,2]");
    let head = codec::Head::new(&value, Revision::random(), NOW, NOW, None);
    let record = head.write(b"place", value.as_stored());
    let read = |place: &[u8], record: &[u8]| {
        let (head, inline) = codec::Head::read(place, record)?;
        head.check(inline)
    };
    assert!(read(b"place", &record).is_ok());
    assert!(flips(&record).all(|flipped| read(b"place", &flipped).is_err()));
    assert!((0..record.len()).all(|end| read(b"place", &record[..end]).is_err()));
}

#[tokio::test]
async fn damaged_records_are_told() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    let token = new_token(ada, "c", after(10));
    store.put_token(&token, &Warrant::Operator).await.expect("puts");
    put(&store, ada, "good", "1").await;
    put(&store, ada, "small", "2").await;
    let write_large = Write::of(large(5000));
    for at in ["large", "lost"] {
        store.put(ada, &key(at), &write_large, Precondition::None, NOW).await.expect("puts");
    }
    let bob = register(&store, "bob").await;
    drop(store);
    home.tamper(|tables| {
        let place = |text: &str| tables::place(ada, text);
        tables.tokens.insert(&*place("c"), &b"junk"[..]).expect("inserts");
        tables.documents.insert(&*place("small"), &[7; 60][..]).expect("inserts");
        tables.values.insert(&*place("large"), &[7; 5000][..]).expect("inserts");
        tables.values.remove(&*place("lost")).expect("removes");
        tables.accounts.insert(bob.as_bytes(), &b"junk"[..]).expect("inserts");
    });
    let store = home.open();
    let damaged = |error: Option<StoreError>| assert!(matches!(error, Some(StoreError::Damaged(_))), "{error:?}");
    for at in ["small", "large", "lost"] {
        damaged(store.get(ada, &key(at), NOW).await.err());
        // Nobody knows whether a filter wants it.
        let filter = Some(Filter::parse(r#"{"a":1}"#).expect("a filter"));
        let query = Query { filter, ..KeyRange { prefix: at.to_owned(), ..everything() }.into() };
        damaged(store.list_documents(ada, &query, NOW).await.err());
        damaged(store.count_documents(ada, &query, NOW).await.err());
    }
    damaged(store.put(ada, &key("small"), &write("1"), Precondition::None, NOW).await.err());
    damaged(store.put(ada, &key("large"), &write("1"), Precondition::Absent, NOW).await.err());
    damaged(store.list_keys(ada, &everything(), NOW).await.err());
    damaged(store.token(&token.hash, NOW).await.err());
    damaged(store.list_tokens(ada, NOW).await.err());
    damaged(store.account(bob).await.err());
    damaged(store.credentials(&name("bob")).await.err());
    damaged(store.list_accounts(&NameRange::after(None, 10)).await.err());
    damaged(store.erase_account(bob).await.err());
    // What is next to it is served, and the account can be erased whole.
    assert_eq!(get_json(&store, ada, "good").await.as_deref(), Some("1"));
    let change = AccountChange { password: Some(PasswordHash::from_stored("new")), ..AccountChange::default() };
    store.update_account(ada, &change).await.expect("updates");
    assert_eq!(store.token(&token.hash, NOW).await.expect("reads"), None);
    assert!(store.erase_account(ada).await.expect("erases"));
    // The hash of the damaged token and its entry for the sweep lead nowhere.
    assert_eq!(traces(&store), [0, 1, 0, 0, 1]);
}

#[tokio::test]
async fn a_document_whose_key_is_damaged_is_not_said_to_be_absent() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    for at in ["a", "b", "m", "y", "z"] {
        put(&store, ada, at, "1").await;
    }
    drop(store);
    home.tamper(|tables| {
        let [right, wrong] = ["m", "o"].map(|text| tables::place(ada, text));
        let record = tables.documents.remove(&*right).expect("removes").expect("a record").value().to_vec();
        tables.documents.insert(&*wrong, &*record).expect("inserts");
    });
    let store = home.open();
    for at in ["m", "n", "o", "p"] {
        let answer = store.get(ada, &key(at), NOW).await;
        assert!(matches!(answer, Err(StoreError::Damaged(_))), "{answer:?}");
    }
    for (at, there) in [("a", Some("1")), ("aa", None), ("z", Some("1")), ("zz", None)] {
        assert_eq!(get_json(&store, ada, at).await.as_deref(), there, "{at}");
    }
}

#[tokio::test]
async fn only_large_values_stand_apart() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    let at = key("k");
    for (value, apart) in [(large(10), 0), (large(5000), 1), (large(6000), 1), (large(1000), 0)] {
        let write = Write::of(value.clone());
        store.put(ada, &at, &write, Precondition::None, NOW).await.expect("puts");
        assert_eq!(traces(&store)[2..4], [1, apart]);
        assert_eq!(store.get(ada, &at, NOW).await.expect("gets").expect("a document").value, value);
    }
    let largest = Value::from_stored(vec![0; documents::MAX_VALUE_BYTES].into());
    let write = Write::of(largest);
    store.put(ada, &at, &write, Precondition::None, NOW).await.expect("puts");
    assert_eq!(store.get(ada, &at, NOW).await.expect("gets").expect("a document").value, write.value);
    let too_large = Value::from_stored(vec![0; documents::MAX_VALUE_BYTES + 1].into());
    let refused = store.put(ada, &at, &Write { value: too_large, ..write }, Precondition::None, NOW).await;
    assert!(matches!(refused, Err(StoreError::TooLarge)));
    assert!(store.delete(ada, &at, Precondition::Present, NOW).await.expect("deletes"));
    assert_eq!(traces(&store), [0; 5]);
}
