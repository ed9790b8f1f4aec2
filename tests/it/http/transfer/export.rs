//! Export: every document, a line each, in the order of the keys.

use keybin::domain::{Key, Precondition, Timestamp, Value};
use keybin::store::Write;
use serde_json::json;

use super::{export, import};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        every_document_is_a_line_in_the_order_of_the_keys,
        nothing_is_an_empty_export,
        many_documents_and_large_ones_come_whole,
        an_export_that_broke_off_says_so_and_is_not_taken_in_as_a_whole,
        what_was_exported_comes_back_as_it_was,
    );
}

async fn every_document_is_a_line_in_the_order_of_the_keys(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    server.put(&token, "b", r#"{"z":[1,2.5,null],"a":"é\n"}"#).await;
    server.put(&token, "B", "12345678901234567890").await;
    server.clock().advance(1);
    server.put(&token, "a", "false").await;
    let (first, second) = ("2040-01-02T03:04:05.678Z", "2040-01-02T03:04:05.679Z");
    let expected = [
        format!(r#"{{"key":"B","value":12345678901234567890,"created_at":"{first}","modified_at":"{first}"}}"#),
        format!(r#"{{"key":"a","value":false,"created_at":"{second}","modified_at":"{second}"}}"#),
        format!(
            r#"{{"key":"b","value":{{"z":[1,2.5,null],"a":"é\n"}},"created_at":"{first}","modified_at":"{first}"}}"#
        ),
    ];
    assert_eq!(export(server, &token).await.lines().collect::<Vec<_>>(), expected);
}

async fn nothing_is_an_empty_export(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    assert_eq!(export(server, &token).await, "");
}

async fn many_documents_and_large_ones_come_whole(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let large = format!("\"{}\"", "x".repeat(900_000));
    let mut lines = String::new();
    for i in 0..450 {
        lines.push_str(&format!("{{\"key\":\"k{i:04}\",\"value\":{i}}}\n"));
    }
    for key in ["a", "k0300.large", "z"] {
        lines.push_str(&format!("{{\"key\":\"{key}\",\"value\":{large}}}\n"));
    }
    let answer = import(server, &token, "", lines).await;
    assert_eq!(answer.text(), r#"{"failed":[],"skipped":0,"written":453}"#);
    let exported = export(server, &token).await;
    assert_eq!(exported.lines().count(), 453);
    assert_eq!(exported.lines().filter(|line| line.contains(&large)).count(), 3);
    let keys: Vec<&str> = exported.lines().map(|line| &line[..line.find(',').expect("a member")]).collect();
    assert!(keys.is_sorted());
}

async fn what_was_exported_comes_back_as_it_was(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    server.register("bob", "pw").await;
    let ann = server.token("ann", "pw").await;
    let account = server.services().accounts.find("ann").await.expect("is there").id;
    let now = Timestamp::parse("2040-01-02T03:04:05.678Z").expect("a time");
    for (key, json) in [
        ("é \"k\"", r#"{"$oid":"x","":[[],{}],"n":-0.0}"#),
        ("int", "-1234567890123456789012345678901234"),
        ("text", r#""\u0000\ud83d\ude00""#),
        ("null", "null"),
    ] {
        let value = Value::from_json(json.as_bytes(), 1000).expect("a value");
        let write = Write {
            created_at: Timestamp::parse("1969-12-31T23:59:59.999Z"),
            modified_at: Timestamp::parse("2018-03-10T10:25:35.576296Z"),
            expires_at: (key == "int").then(|| now.plus_seconds(10)),
            ..Write::of(value)
        };
        let key = Key::parse(key).expect("a key");
        server.store().put(account, &key, &write, Precondition::None, now).await.expect("writes");
    }
    let exported = export(server, &ann).await;
    assert!(exported.contains(r#""modified_at":"2018-03-10T10:25:35.576296Z""#), "{exported}");
    assert!(exported.contains(r#""expires_at":"2040-01-02T03:04:15.678Z""#), "{exported}");
    let bob = server.token("bob", "pw").await;
    assert_eq!(import(server, &bob, "", exported.clone()).await.json()["written"], json!(4));
    assert_eq!(export(server, &bob).await, exported);
    // What has expired by now is in neither.
    server.clock().advance(10_000);
    assert_eq!(export(server, &bob).await.lines().count(), 3);
    let again = import(server, &ann, "?mode=overwrite", exported).await;
    assert_eq!(again.text(), r#"{"failed":[],"skipped":1,"written":3}"#);
}

async fn an_export_that_broke_off_says_so_and_is_not_taken_in_as_a_whole(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    // Far more than the buffers between a server and a client that does not read.
    let account = server.services().accounts.find("ann").await.expect("finds");
    for n in 10..26 {
        let key = Key::parse(format!("k{n}")).expect("a key");
        let json = format!("\"{}\"", "x".repeat(4 << 20));
        let write = Write::of(Value::from_json(json.as_bytes(), 5 << 20).expect("a value"));
        let now = keybin::domain::Clock::now(server.clock());
        server.store().put(account.id, &key, &write, Precondition::None, now).await.expect("writes");
    }
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let begun = client.get(format!("http://{}/user/{token}/export", server.address())).send().await;
    let begun = begun.expect("an answer");
    assert_eq!(begun.status(), 200);
    server.store().close().await;
    let part = begun.text().await.unwrap_or_default();
    let last = part.lines().last().expect("a line");
    assert_eq!(last, r#"{"error":"the export broke off here"}"#);
    assert!(part.lines().count() < 17, "it was there as a whole");
}
