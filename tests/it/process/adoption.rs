//! Adoption: a database of the original Keybin becomes one of this, whichever way it is begun and however often it is
//! broken off.

use std::time::{Duration, Instant};

use bson::oid::ObjectId;
use bson::{Bson, DateTime, Document, doc};
use mongodb::Database;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::client::Client;
use super::original::{Original, dump, indexes};
use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_mongo:
        a_look_at_it_tells_all_and_changes_nothing,
        people_log_in_as_before_and_read_what_they_wrote,
        serving_adopts_as_migrating_does,
        of_duplicates_the_last_one_wins,
        whoever_loses_the_name_keeps_the_documents,
        what_belongs_to_nobody_goes_and_what_cannot_be_used_stays,
        values_of_every_type_are_read,
        old_indexes_give_way_to_new_ones,
        a_second_time_there_is_nothing_to_do,
        killed_among_the_accounts_it_goes_on_where_it_was,
        killed_among_the_documents_it_goes_on_where_it_was,
        two_that_start_together_adopt_everything_once,
    );
}

/// Within which an adoption goes on after one that was killed.
const SOME_SECONDS: Duration = Duration::from_secs(20);

fn database(installation: &Installation) -> &Database {
    installation.database().expect("a MongoDB")
}

async fn migrate(installation: &Installation) -> String {
    installation.command(["migrate"]).output().await.good()
}

/// A server on what was adopted, for as long as the test lasts.
async fn serve(installation: &Installation) -> (crate::harness::program::Program, Client) {
    let program = installation.serve().await;
    let client = Client::new(program.address());
    (program, client)
}

async fn a_look_at_it_tells_all_and_changes_nothing(installation: &mut Installation) {
    let told = "3 accounts (1 renamed, 1 unusable), 3 documents (2 duplicates, 3 without an account, 4 unusable), \
                2 tokens dropped; \"cy\" is now \"cy (duplicate ";
    original_of_all_kinds().write(database(installation)).await;
    let before = dump(database(installation)).await;
    for _ in 0..2 {
        let check = installation.command(["migrate", "--check"]).output().await.good();
        assert!(check.starts_with(&format!("would be adopted: {told}")), "{check}");
        assert_eq!(dump(database(installation)).await, before);
    }
    let done = migrate(installation).await;
    assert!(done.starts_with(&format!("adopted: {told}")), "{done}");
}

/// Some of everything that is counted.
fn original_of_all_kinds() -> Original {
    let mut original = Original::new();
    let (ann, nobody) = (original.user("ann"), Uuid::new_v4().to_string());
    original.user("cy");
    let cy = original.user("cy");
    original.user_with("without a password", Bson::Null);
    for user_id in [&ann, &nobody] {
        for value in 1..=3 {
            original.document(user_id, "k", value);
        }
    }
    original.document(&ann, "l", 1);
    original.document(&cy, "k", 1);
    for (key, fields) in [("..", doc! { "value": 1 }), (&"x".repeat(256), doc! { "value": 1 }), ("no value", doc! {})] {
        let mut document = doc! { "user_id": &ann, "key": key };
        document.extend(fields);
        original.odd_document(document);
    }
    original.odd_document(doc! { "key": "no account", "value": 1 });
    original.token(&ann);
    original.token(&cy);
    original
}

async fn people_log_in_as_before_and_read_what_they_wrote(installation: &mut Installation) {
    let mut original = Original::new();
    let (two_a, two_b) = (original.binary_hash("2a"), original.binary_hash("2b"));
    let names = ["ann", "bob", "cy", "D'Arcy Ünal"];
    let ids = [
        original.user("ann"),
        original.user_with("bob", two_a),
        original.user_with("cy", two_b),
        original.user(names[3]),
    ];
    for user_id in &ids {
        original.document(user_id, "greeting", doc! { "to": user_id.as_str() });
    }
    let old_token = original.token(&ids[0]);
    original.write(database(installation)).await;
    migrate(installation).await;

    let (_program, client) = serve(installation).await;
    assert_eq!(client.get(&old_token, "greeting").await.status, 403);
    for (name, user_id) in names.iter().zip(&ids) {
        let token = client.token(name, "default").await;
        assert_eq!(client.keys(&token).await, ["greeting"]);
        assert_eq!(client.value(&token, "greeting").await, json!({ "to": user_id }));
        client.put(&token, "greeting", &json!("new")).await.good();
        client.put(&token, "more", &json!(1)).await.good();
        assert_eq!(client.value(&token, "greeting").await, "new");
    }
    client.newcomer("eve").await;
    let list = installation.command(["user", "list"]).output().await.good();
    let numbers: Vec<_> = list.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    // By name, where capitals come first; numbered in the order in which they registered.
    assert_eq!(numbers, ["4", "1", "2", "3", "5"], "{list}");
    let shown = installation.command(["user", "show", "ann"]).output().await.good();
    assert!(shown.contains(&ids[0]) && shown.contains("2018-03-10"), "{shown}");
}

async fn serving_adopts_as_migrating_does(installation: &mut Installation) {
    let mut original = Original::new();
    let ann = original.user("ann");
    original.document(&ann, "k", 1);
    original.document(&ann, "k", 2);
    original.write(database(installation)).await;
    let (program, client) = serve(installation).await;
    let token = client.token("ann", "default").await;
    assert_eq!(client.value(&token, "k").await, 2);
    let log = program.stderr();
    assert!(log.contains("adopted an existing database: 1 accounts") && log.contains("1 duplicates"), "{log}");
}

async fn of_duplicates_the_last_one_wins(installation: &mut Installation) {
    let mut original = Original::new();
    let ids = [original.user("ann"), original.user("bob")];
    // More than are moved at once, so that the duplicates of one key are moved at different times.
    for value in 0..700 {
        for user_id in &ids {
            original.document(user_id, "often", value);
            original.document(user_id, &format!("k{}", value % 100), value);
        }
    }
    original.write(database(installation)).await;
    let done = migrate(installation).await;
    assert!(done.contains("202 documents (2598 duplicates,"), "{done}");
    let (_program, client) = serve(installation).await;
    for name in ["ann", "bob"] {
        let token = client.token(name, "default").await;
        assert_eq!(client.keys(&token).await.len(), 101);
        assert_eq!(client.value(&token, "often").await, 699);
        for i in [0, 1, 50, 99] {
            assert_eq!(client.value(&token, &format!("k{i}")).await, 600 + i);
        }
    }
}

async fn whoever_loses_the_name_keeps_the_documents(installation: &mut Installation) {
    let mut original = Original::new();
    let ids: Vec<_> = (0..3).map(|_| original.user("cy")).collect();
    for (i, user_id) in ids.iter().enumerate() {
        original.document(user_id, "mine", i as i32);
    }
    original.write(database(installation)).await;
    let done = migrate(installation).await;
    assert!(done.contains("3 accounts (2 renamed"), "{done}");

    let (_program, client) = serve(installation).await;
    let token = client.token("cy", "default").await;
    assert_eq!((client.keys(&token).await.len(), client.value(&token, "mine").await), (1, json!(2)));
    let mut found = Vec::new();
    for renamed in done.split("is now \"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let token = client.token(renamed, "default").await;
        assert_eq!(client.keys(&token).await.len(), 1);
        found.push(client.value(&token, "mine").await);
    }
    assert_eq!(found, [json!(0), json!(1)], "{done}");
}

async fn what_belongs_to_nobody_goes_and_what_cannot_be_used_stays(installation: &mut Installation) {
    original_of_all_kinds().write(database(installation)).await;
    migrate(installation).await;
    let left = |name: &str| database(installation).collection::<Document>(name);
    let old = doc! { "_id": { "$type": "objectId" } };
    assert_eq!(left("users").count_documents(old.clone()).await.expect("counts"), 1);
    assert_eq!(left("store").count_documents(old.clone()).await.expect("counts"), 4);
    assert_eq!(left("tokens").count_documents(doc! {}).await.expect("counts"), 0);
    assert_eq!(left("store").count_documents(doc! {}).await.expect("counts"), 4 + 3);
    // What stays is in nobody's way.
    let (_program, client) = serve(installation).await;
    let token = client.token("ann", "default").await;
    assert_eq!(client.keys(&token).await, ["k", "l"]);
    client.unregister("ann").await.good();
    assert_eq!(left("store").count_documents(old).await.expect("counts"), 4);
}

async fn values_of_every_type_are_read(installation: &mut Installation) {
    let oid = ObjectId::from_bytes([1; 12]);
    let time = DateTime::from_millis(1_520_677_535_576);
    let nested = doc! { "list": [1, "two", { "three": Bson::Null }], "$odd.name": { "$date": "not one" }, "": true };
    let values: Vec<(Bson, Value)> = vec![
        (Bson::Int32(-7), json!(-7)),
        (Bson::Int64(i64::MAX), json!(i64::MAX)),
        (Bson::Double(0.1), json!(0.1)),
        (Bson::Double(1e300), json!(1e300)),
        (Bson::Double(f64::NAN), json!({ "$numberDouble": "NaN" })),
        (Bson::String("\u{1f600}\0\"".to_owned()), json!("\u{1f600}\0\"")),
        (Bson::String(String::new()), json!("")),
        (Bson::Boolean(false), json!(false)),
        (Bson::Null, json!(null)),
        (Bson::Array(Vec::new()), json!([])),
        (Bson::Document(Document::new()), json!({})),
        (
            Bson::Document(nested),
            json!({ "list": [1, "two", { "three": null }], "$odd.name": { "$date": "not one" }, "": true }),
        ),
        (Bson::DateTime(time), json!({ "$date": "2018-03-10T10:25:35.576Z" })),
        (Bson::ObjectId(oid), json!({ "$oid": "010101010101010101010101" })),
    ];
    let mut original = Original::new();
    let ann = original.user("ann");
    for (i, (value, _)) in values.iter().enumerate() {
        original.document(&ann, &format!("k{i}"), value.clone());
    }
    original.write(database(installation)).await;
    let (_program, client) = serve(installation).await;
    let token = client.token("ann", "default").await;
    for (i, (value, shown)) in values.iter().enumerate() {
        assert_eq!(client.value(&token, &format!("k{i}")).await, *shown, "{value:?}");
    }
    // In the database they are what they were.
    let kept = database(installation).collection::<Document>("store");
    for kind in ["int", "long", "double", "date", "objectId"] {
        let count = kept.count_documents(doc! { "value": { "$type": kind } }).await.expect("counts");
        assert!(count > 0, "no {kind} is left");
    }
}

async fn old_indexes_give_way_to_new_ones(installation: &mut Installation) {
    original_of_all_kinds().write(database(installation)).await;
    migrate(installation).await;
    let mut found = Vec::new();
    for collection in ["users", "tokens", "store"] {
        found.extend(indexes(database(installation), collection).await);
    }
    assert_eq!(
        found,
        [
            r#"users: { "_id": 1 }"#,
            r#"users: { "email": 1 } unique sparse"#,
            r#"users: { "ending_tokens": 1 } sparse"#,
            r#"users: { "erasing": 1 } sparse"#,
            r#"users: { "number": 1 } unique sparse"#,
            r#"users: { "username": 1 } unique sparse"#,
            r#"tokens: { "_id": 1 }"#,
            r#"tokens: { "expires_at": 1 } expires after 3600 s"#,
            r#"tokens: { "hash": 1 }"#,
            r#"store: { "_id": 1 }"#,
            r#"store: { "expires_at": 1 } sparse expires after 3600 s"#,
        ]
    );
}

async fn a_second_time_there_is_nothing_to_do(installation: &mut Installation) {
    original_of_all_kinds().write(database(installation)).await;
    migrate(installation).await;
    let after = dump(database(installation)).await;
    for arguments in [&["migrate", "--check"][..], &["migrate"], &["migrate"]] {
        let told = installation.command(arguments).output().await.good();
        assert_eq!(told, "there is nothing to migrate\n");
        assert_eq!(dump(database(installation)).await, after, "{arguments:?}");
    }
}

/// Accounts, and the documents of each of them. Under each key there is an older document as well.
const ACCOUNTS: i32 = 50;
const DOCUMENTS: i32 = 50;

fn large_original() -> Original {
    let mut original = Original::new();
    let ids: Vec<_> = (0..ACCOUNTS).map(|i| original.user(&format!("user{i}"))).collect();
    for age in ["old", "new"] {
        for (i, user_id) in ids.iter().enumerate() {
            for n in 0..DOCUMENTS {
                original.document(user_id, &format!("k{n:02}"), doc! { "of": i as i32, "n": n, "age": age });
            }
        }
    }
    original
}

/// Everything is there, once, and belongs to whom it belonged to.
async fn assert_complete(installation: &Installation, client: &Client) {
    for i in 0..ACCOUNTS {
        let token = client.token(&format!("user{i}"), "default").await;
        let keys: Vec<_> = (0..DOCUMENTS).map(|n| format!("k{n:02}")).collect();
        assert_eq!(client.keys(&token).await, keys);
        for n in [0, i % DOCUMENTS, DOCUMENTS - 1] {
            let value = client.value(&token, &format!("k{n:02}")).await;
            assert_eq!(value, json!({ "of": i, "n": n, "age": "new" }));
        }
    }
    for (name, expected) in [("users", ACCOUNTS), ("store", ACCOUNTS * DOCUMENTS)] {
        let all = database(installation).collection::<Document>(name).count_documents(doc! {}).await;
        assert_eq!(all.expect("counts"), expected as u64, "{name}");
    }
}

/// How many there are in today's shape.
async fn adopted(installation: &Installation, collection: &str) -> u64 {
    let today = doc! { "_id": { "$type": "string" } };
    database(installation).collection::<Document>(collection).count_documents(today).await.expect("counts")
}

async fn killed_among_the_accounts_it_goes_on_where_it_was(installation: &mut Installation) {
    killed_in(installation, "users", 7).await;
}

async fn killed_among_the_documents_it_goes_on_where_it_was(installation: &mut Installation) {
    killed_in(installation, "store", 700).await;
}

/// Kills a server as soon as it has adopted so many, and starts it again.
async fn killed_in(installation: &Installation, collection: &str, many: u64) {
    large_original().write(database(installation)).await;
    let program = installation.launch();
    let start = Instant::now();
    while adopted(installation, collection).await < many {
        assert!(start.elapsed() < SOME_SECONDS, "nothing is adopted:\n{}", program.stderr());
    }
    program.kill().await;
    let old = doc! { "_id": { "$type": "objectId" } };
    let left = database(installation).collection::<Document>(collection).count_documents(old).await.expect("counts");
    assert!(left > 0, "it was killed too late");
    assert_complete_soon(installation).await;
}

async fn assert_complete_soon(installation: &Installation) {
    let program = installation.listen().await;
    let client = Client::new(program.address());
    let start = Instant::now();
    while client.log_in("user0", "default").await.status != 200 {
        assert!(start.elapsed() < SOME_SECONDS, "it does not go on:\n{}", program.stderr());
        sleep(Duration::from_millis(200)).await;
    }
    assert_complete(installation, &client).await;
    drop(program);
    let told = installation.command(["migrate", "--check"]).output().await.good();
    assert_eq!(told, "there is nothing to migrate\n");
}

async fn two_that_start_together_adopt_everything_once(installation: &mut Installation) {
    large_original().write(database(installation)).await;
    let mut programs = [installation.launch(), installation.launch()];
    let mut logs = String::new();
    for program in &mut programs {
        let client = Client::new(program.listen().await);
        let start = Instant::now();
        while client.log_in("user0", "default").await.status != 200 {
            assert!(start.elapsed() < SOME_SECONDS, "it is not ready:\n{}", program.stderr());
            sleep(Duration::from_millis(200)).await;
        }
        assert_complete(installation, &client).await;
        logs.push_str(&program.stderr());
    }
    let all = format!("adopted an existing database: {ACCOUNTS} accounts (0 renamed, 0 unusable), 2500 documents");
    assert!(logs.contains(&all), "{logs}");
}
