//! A change of a password that broke off on MongoDB, after the password and before the tokens: what it leaves is put
//! there by hand.

use std::time::{Duration, Instant};

use bson::{Binary, doc, spec::BinarySubtype};
use keybin::domain::{
    AccountChange, AccountId, ClientId, Clock, Grant, IssuedToken, NewAccount, Origin, PasswordHash, Profile,
    SystemClock, Token, Username,
};
use keybin::store::{Store, Warrant};
use tokio::time::sleep;

use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_mongo:
        the_kept_token_outlives_a_change_that_broke_off,
        the_kept_token_can_be_followed_meanwhile,
    );
}

const PATIENCE: Duration = Duration::from_secs(20);

fn token(account: AccountId, client_id: &str) -> IssuedToken {
    let now = SystemClock.now();
    IssuedToken {
        account,
        client_id: ClientId::parse(client_id).expect("a client id"),
        hash: Token::random().hash(),
        grant: Grant::default(),
        origin: Origin::Keybin,
        created_at: now,
        expires_at: now.plus_seconds(3600),
    }
}

/// An account with two tokens whose password was changed so far.
async fn broken_off(installation: &Installation, store: &dyn Store) -> (AccountId, IssuedToken, IssuedToken) {
    let new = NewAccount {
        id: AccountId::random(),
        number: None,
        username: Username::parse("ann").expect("a name"),
        email: None,
        profile: Profile::default(),
        admin: false,
        password: PasswordHash::from_stored("old"),
        created_at: SystemClock.now(),
    };
    store.create_account(&new).await.expect("registers");
    let (kept, other) = (token(new.id, "kept"), token(new.id, "other"));
    for token in [&kept, &other] {
        store.put_token(token, &Warrant::Operator).await.expect("issues");
    }
    let hash = Binary { subtype: BinarySubtype::Generic, bytes: kept.hash.as_bytes().to_vec() };
    let change = doc! { "$set": { "password": "new", "ending_tokens": true, "kept_token": hash } };
    let users = installation.database().expect("a MongoDB").collection::<bson::Document>("users");
    users.update_one(doc! { "_id": new.id.to_string() }, change).await.expect("changes");
    (new.id, kept, other)
}

/// The client ids of the live tokens once the change is over.
async fn ended(installation: &Installation, account: AccountId) -> Vec<String> {
    let store = installation.store().await;
    let users = installation.database().expect("a MongoDB").collection::<bson::Document>("users");
    let start = Instant::now();
    while users.find_one(doc! { "ending_tokens": true }).await.expect("reads").is_some() {
        assert!(start.elapsed() < PATIENCE, "the change is not finished after {PATIENCE:?}");
        sleep(Duration::from_millis(20)).await;
    }
    let user = users.find_one(doc! {}).await.expect("reads").expect("is there");
    assert!(!user.contains_key("kept_token"));
    let left = store.list_tokens(account, SystemClock.now()).await.expect("lists");
    store.close().await;
    left.into_iter().map(|token| token.client_id.to_string()).collect()
}

async fn the_kept_token_outlives_a_change_that_broke_off(installation: &mut Installation) {
    let store = installation.store().await;
    let (account, kept, _) = broken_off(installation, store.as_ref()).await;
    store.close().await;
    assert_eq!(ended(installation, account).await, ["kept"]);

    // It goes on under the new password, and ends with it.
    let store = installation.store().await;
    store.put_token(&token(account, "more"), &Warrant::Token(kept.hash)).await.expect("issues on its word");
    let change = AccountChange { password: Some(PasswordHash::from_stored("newer")), ..AccountChange::default() };
    store.update_account(account, &change).await.expect("changes");
    assert!(store.list_tokens(account, SystemClock.now()).await.expect("lists").is_empty());
    store.close().await;
}

async fn the_kept_token_can_be_followed_meanwhile(installation: &mut Installation) {
    let store = installation.store().await;
    let (account, kept, other) = broken_off(installation, store.as_ref()).await;
    let follower = token(account, "kept");
    store.put_token(&follower, &Warrant::Token(kept.hash)).await.expect("follows");
    store.put_token(&token(account, "thief"), &Warrant::Token(other.hash)).await.expect_err("is ended by the change");
    store.close().await;
    assert_eq!(ended(installation, account).await, ["kept"]);
    let store = installation.store().await;
    let now = SystemClock.now();
    assert!(store.token(&follower.hash, now).await.expect("reads").is_some());
    assert!(store.token(&kept.hash, now).await.expect("reads").is_none());
    store.close().await;
}
