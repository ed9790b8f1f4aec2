//! Lookups by credential, and the document with them: the same answers as one by one, also when many are under way.

use std::sync::Arc;

use keybin::domain::{AccountChange, AccountId, IssuedToken};
use keybin::store::mongo::{MongoStore, Options};
use keybin::store::{Store, Warrant};

use crate::harness::race::race;
use crate::harness::samples::{
    Handle, NOW, after, hash, issue, json, key, new_account, register as registered, set, username, write_until,
};
use crate::harness::{Backend, Harness, TestStore, Trials, cases, trial_name};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        a_token_leads_to_the_document_of_its_account,
        a_name_leads_to_the_document_of_its_account,
        whoever_has_the_name_now_is_meant,
        a_token_that_ended_leads_nowhere,
        each_of_many_lookups_finds_its_own,
        a_large_document_is_found_among_small_ones,
        of_many_writes_at_once_each_is_told_what_it_did,
    );
    cases!(trials.on_harness: what_ends_a_token_is_felt_through_another_store);
}

/// The JSON that a token finds under a key; `None` where the token is not good.
async fn by_token(store: &impl Handle, token: &IssuedToken, at: &str) -> Option<Option<String>> {
    let (found, document) = store.read_by_token(&token.hash, &key(at), NOW).await.expect("reads")?;
    assert_eq!(found, *token);
    Some(document.map(|document| String::from_utf8(document.value.to_json().expect("renders")).expect("UTF-8")))
}

async fn two(store: &impl Handle) -> [(AccountId, IssuedToken); 2] {
    let mut both = Vec::new();
    for name in ["ada", "bob"] {
        let id = registered(store, name).await.id;
        set(store, id, "k", &format!("{name:?}")).await.expect("writes");
        both.push((id, issue(store, id, "phone").await));
    }
    both.try_into().expect("two")
}

async fn a_token_leads_to_the_document_of_its_account(store: &mut TestStore) {
    let [(ada, adas), (_, bobs)] = two(store).await;
    // The second time it may be known whose the token is.
    for _ in 0..2 {
        assert_eq!(by_token(store, &adas, "k").await, Some(Some("\"ada\"".to_owned())));
        assert_eq!(by_token(store, &bobs, "k").await, Some(Some("\"bob\"".to_owned())));
        assert_eq!(by_token(store, &adas, "none").await, Some(None));
    }
    set(store, ada, "k", "2").await.expect("writes");
    assert_eq!(by_token(store, &adas, "k").await, Some(Some("2".to_owned())));
    let dead = write_until("3", after(0));
    store.put(ada, &key("k"), &dead, keybin::domain::Precondition::None, after(-9)).await.expect("writes");
    assert_eq!(by_token(store, &adas, "k").await, Some(None));
}

async fn a_name_leads_to_the_document_of_its_account(store: &mut TestStore) {
    two(store).await;
    for _ in 0..2 {
        for (name, at, expected) in
            [("ada", "k", Some("\"ada\"")), ("bob", "k", Some("\"bob\"")), ("ada", "none", None)]
        {
            let found = store.read_by_name(&username(name), &key(at), NOW).await.expect("reads");
            let (known, document) = found.expect("is there");
            assert_eq!((known.account.username.as_str(), known.password), (name, hash(name)));
            let json = document.map(|document| document.value.to_json().expect("renders"));
            assert_eq!(json.as_deref(), expected.map(str::as_bytes), "{name} {at}");
        }
        assert!(store.read_by_name(&username("eve"), &key("k"), NOW).await.expect("reads").is_none());
    }
}

async fn whoever_has_the_name_now_is_meant(store: &mut TestStore) {
    let [(ada, token), _] = two(store).await;
    assert!(store.read_by_name(&username("ada"), &key("k"), NOW).await.expect("reads").is_some());
    assert!(by_token(store, &token, "k").await.is_some());
    assert!(store.erase_account(ada).await.expect("erases"));
    assert!(store.read_by_name(&username("ada"), &key("k"), NOW).await.expect("reads").is_none());
    assert_eq!(by_token(store, &token, "k").await, None);
    let next = registered(store, "ada").await.id;
    let (known, document) =
        store.read_by_name(&username("ada"), &key("k"), NOW).await.expect("reads").expect("is there");
    assert_eq!(known.account.id, next);
    assert!(document.is_none(), "{document:?}");
    set(store, next, "k", "2").await.expect("writes");
    let (_, document) = store.read_by_name(&username("ada"), &key("k"), NOW).await.expect("reads").expect("is there");
    assert_eq!(document.expect("is there").value.to_json().expect("renders"), b"2");
}

async fn a_token_that_ended_leads_nowhere(store: &mut TestStore) {
    let [(ada, mut token), _] = two(store).await;
    for _ in 0..20 {
        assert!(by_token(store, &token, "k").await.is_some());
        let next = issue(store, ada, "phone").await;
        assert_eq!(by_token(store, &token, "k").await, None, "it was replaced");
        token = next;
    }
    let end = token.expires_at;
    assert!(store.read_by_token(&token.hash, &key("k"), end).await.expect("reads").is_none(), "it has expired");
    let change = AccountChange { password: Some(hash("new")), ..AccountChange::default() };
    store.update_account(ada, &change).await.expect("changes the password");
    assert_eq!(by_token(store, &token, "k").await, None, "the password was changed");
    let token = issue(store, ada, "phone").await;
    assert!(by_token(store, &token, "k").await.is_some());
    assert!(store.delete_token(ada, &token.client_id).await.expect("ends it"));
    assert_eq!(by_token(store, &token, "k").await, None, "it was ended");
}

async fn each_of_many_lookups_finds_its_own(store: &mut TestStore) {
    let mut accounts = Vec::new();
    for n in 0..8 {
        let id = registered(store, &format!("user{n}")).await.id;
        for at in 0..8 {
            set(store, id, &format!("k{at}"), &format!("[{n},{at}]")).await.expect("writes");
        }
        accounts.push(issue(store, id, "phone").await);
    }
    race(400, |i| {
        let (store, token) = (store.share(), accounts[i % 8].clone());
        async move {
            for round in 0..5 {
                let at = (i / 8 + round) % 10;
                let expected = (at < 8).then(|| format!("[{},{at}]", i % 8));
                assert_eq!(by_token(&store, &token, &format!("k{at}")).await, Some(expected));
            }
        }
    })
    .await;
}

async fn a_large_document_is_found_among_small_ones(store: &mut TestStore) {
    let [(ada, token), _] = two(store).await;
    let large = format!("{:?}", "x".repeat(300_000));
    set(store, ada, "large", &large).await.expect("writes");
    race(64, |i| {
        let (store, token, large) = (store.share(), token.clone(), large.clone());
        async move {
            for round in 0..4 {
                let (at, expected) = if (i + round) % 8 == 0 { ("large", &*large) } else { ("k", "\"ada\"") };
                assert!(by_token(&store, &token, at).await == Some(Some(expected.to_owned())), "{at}");
            }
        }
    })
    .await;
    // What was large need not stay so.
    set(store, ada, "large", "1").await.expect("writes");
    for _ in 0..3 {
        assert_eq!(by_token(store, &token, "large").await, Some(Some("1".to_owned())));
    }
}

async fn of_many_writes_at_once_each_is_told_what_it_did(store: &mut TestStore) {
    use keybin::domain::Precondition;
    use keybin::store::{StoreError, Written};

    use crate::harness::samples::write;

    let id = registered(store, "ada").await.id;
    let gone = store.create_account(&new_account("gone")).await.expect("registers").id;
    assert!(store.erase_account(gone).await.expect("erases"));
    set(store, id, "old", "0").await.expect("writes");
    race(200, |i| {
        let store = store.share();
        async move {
            let put =
                async |account, at: &str, when| store.put(account, &key(at), &write(&i.to_string()), when, NOW).await;
            match i % 4 {
                0 => {
                    assert_eq!(
                        put(id, &format!("new{i}"), Precondition::None).await.expect("writes"),
                        Written::Created
                    );
                    assert_eq!(json(&store, id, &format!("new{i}")).await, Some(i.to_string()));
                }
                1 => assert_eq!(put(id, "old", Precondition::None).await.expect("writes"), Written::Replaced),
                2 => {
                    let refused = put(id, "old", Precondition::Absent).await;
                    assert!(matches!(refused, Err(StoreError::Precondition(Some(_)))), "{refused:?}");
                }
                _ => {
                    let refused = put(gone, "k", Precondition::None).await;
                    assert!(matches!(refused, Err(StoreError::AccountGone)), "{refused:?}");
                }
            }
        }
    })
    .await;
}

async fn what_ends_a_token_is_felt_through_another_store(harness: &Harness) {
    let name = trial_name(module_path!(), "felt_through_another_store");
    let store = TestStore::open(Backend::Mongo, harness.mongod(), &name).await;
    let options = Options::new(harness.mongod().uri(), store.database().expect("a database").name());
    let second: Arc<dyn Store> =
        Arc::new(MongoStore::open(&options, store.share_clock()).await.expect("the database opens"));
    while second.ping().await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let [(ada, mut token), _] = two(&store).await;
    for _ in 0..20 {
        assert!(by_token(&second, &token, "k").await.is_some());
        let next = issue(&store, ada, "phone").await;
        assert_eq!(by_token(&second, &token, "k").await, None);
        token = next;
    }
    let successor = crate::harness::samples::token(ada, "phone");
    assert!(by_token(&second, &token, "k").await.is_some());
    store.put_token(&successor, &Warrant::Operator).await.expect("issues");
    assert_eq!(by_token(&second, &token, "k").await, None);
    assert!(store.erase_account(ada).await.expect("erases"));
    assert_eq!(by_token(&second, &successor, "k").await, None);
    second.close().await;
    store.remove().await;
}
