//! Entries: storing, reading, listing, deleting, and what is refused.

use serde_json::{Value, json};

use super::super::{assert_message, assert_says};
use super::{DELETED, STORED, store};
use crate::harness::ask::{delete, get, put};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        an_entry_is_stored_read_listed_and_deleted,
        every_kind_of_value_comes_back,
        what_is_not_there_is_not_found,
        what_cannot_be_stored_is_told_so,
        nobody_sees_the_entries_of_another,
        a_long_list_is_complete,
    );
}

const NOW: &str = "2040-01-02T03:04:05.678000";

async fn an_entry_is_stored_read_listed_and_deleted(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    assert_says(&get("/api/stow").basic("ann", "pw").ask(server).await, 200, &json!({ "entries": {} }));
    let value = json!({ "text": "hello", "to": ["world"] });
    let stored = put("/api/stow/one").basic("ann", "pw").json(json!({ "value": value })).ask(server).await;
    assert_message(&stored, 200, STORED);
    let one = json!({ "value": value, "modified": NOW, "created": NOW });
    assert_says(&get("/api/stow/one").basic("ann", "pw").ask(server).await, 200, &one);

    server.clock().advance(1);
    store(server, "two", r#"{"value":null,"modified":null}"#).await;
    let later = "2040-01-02T03:04:05.679000";
    let two = json!({ "value": null, "modified": later, "created": later });
    let all = json!({ "entries": { "one": one, "two": two } });
    assert_says(&get("/api/stow").basic("ann", "pw").ask(server).await, 200, &all);
    assert_says(&get("/api/stow/").basic("ann", "pw").ask(server).await, 200, &all);

    assert_message(&delete("/api/stow/one").basic("ann", "pw").ask(server).await, 200, DELETED);
    let all = json!({ "entries": { "two": two } });
    assert_says(&get("/api/stow").basic("ann", "pw").ask(server).await, 200, &all);
    // What is stored anew is new.
    store(server, "one", r#"{"value":1}"#).await;
    let one = json!({ "value": 1, "modified": later, "created": later });
    assert_says(&get("/api/stow/one").basic("ann", "pw").ask(server).await, 200, &one);
}

async fn every_kind_of_value_comes_back(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for value in [
        "\"\"",
        "0",
        "false",
        "null",
        "[]",
        "{}",
        "-0.0",
        "18446744073709551615",
        "1234567890123456789012345678901234",
        r#"{"value":1,"modified":"x","created":null}"#,
        r#"{"b":1,"a":{"$oid":"x","a.b":["é😀\u0000"]}}"#,
    ] {
        store(server, "one", &format!(r#"{{"value":{value}}}"#)).await;
        let entry = format!(r#"{{"value":{value},"modified":"{NOW}","created":"{NOW}"}}"#);
        assert_eq!(get("/api/stow/one").basic("ann", "pw").ask(server).await.text(), entry);
        let entries = format!(r#"{{"entries":{{"one":{entry}}}}}"#);
        assert_eq!(get("/api/stow").basic("ann", "pw").ask(server).await.text(), entries);
    }
}

async fn what_is_not_there_is_not_found(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for request in [get("/api/stow/one"), delete("/api/stow/one")] {
        assert_message(&request.basic("ann", "pw").ask(server).await, 404, "Entry 'one' not found");
    }
    store(server, "one", r#"{"value":1}"#).await;
    assert_message(&delete("/api/stow/one").basic("ann", "pw").ask(server).await, 200, DELETED);
    for request in [get("/api/stow/one"), delete("/api/stow/one")] {
        assert_message(&request.basic("ann", "pw").ask(server).await, 404, "Entry 'one' not found");
    }
    let message = "Entry 'it's \"quoted\"' not found";
    let odd = "/api/stow/it's%20%22quoted%22";
    assert_message(&get(odd).basic("ann", "pw").ask(server).await, 404, message);
}

async fn what_cannot_be_stored_is_told_so(server: &mut TestServer<'_>) {
    server.restart_with("[STORE]\nmax_value_bytes=1000\n").await;
    server.register("ann", "pw").await;
    store(server, "one", r#"{"value":"kept"}"#).await;
    let rows = server.rows().await;
    let no_json = "Request body is not JSON or is empty";
    let time = "Parameter 'modified' must be a time like 2018-03-10T10:25:35.576296";
    let exact = "The number 1e400 cannot be kept exactly; send it as a string";
    let (large, larger) = (format!(r#"{{"value":"{}"}}"#, "x".repeat(999)), "x".repeat(6_000));
    for (body, status, message) in [
        ("{}", 400, "Required parameter 'value' is missing"),
        (r#"{"Value":1}"#, 400, "Required parameter 'value' is missing"),
        (r#"{"modified":"2018-03-10T10:25:35.576296"}"#, 400, "Required parameter 'value' is missing"),
        ("[]", 400, no_json),
        ("1", 400, no_json),
        (r#"{"value":}"#, 400, no_json),
        (r#"{"value":1"#, 400, no_json),
        (r#"{"value":1}x"#, 400, no_json),
        ("", 400, no_json),
        (r#"{"value":1,"modified":1520677535}"#, 400, "Parameter 'modified' must be a string"),
        (r#"{"value":1,"modified":{}}"#, 400, "Parameter 'modified' must be a string"),
        (r#"{"value":1,"modified":""}"#, 400, time),
        (r#"{"value":1,"modified":"yesterday"}"#, 400, time),
        (r#"{"value":1,"modified":"2018-02-30T00:00:00"}"#, 400, time),
        (r#"{"value":1,"value":2}"#, 400, "Parameter 'value' occurs twice"),
        (r#"{"value":1e400}"#, 422, exact),
        (r#"{"value":{"a":1,"a":2}}"#, 422, "The member \"a\" occurs twice in one object"),
        (&large, 413, "The value is larger than 1000 bytes"),
        (&larger, 413, "The body must not be larger than 5096 bytes"),
    ] {
        let answer = put("/api/stow/one").basic("ann", "pw").json(body).ask(server).await;
        assert_message(&answer, status, message);
    }
    let form = put("/api/stow/one").basic("ann", "pw").form(&[("value", "1")]).ask(server).await;
    assert_message(&form, 400, no_json);
    let untold = put("/api/stow/one").basic("ann", "pw").body("text/plain", r#"{"value":1}"#).ask(server).await;
    assert_message(&untold, 400, no_json);
    assert_eq!(server.rows().await, rows);
    assert_eq!(get("/api/stow/one").basic("ann", "pw").ask(server).await.json()["value"], "kept");
}

async fn nobody_sees_the_entries_of_another(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    server.register("bob", "pw").await;
    store(server, "one", r#"{"value":"ann's"}"#).await;
    assert_says(&get("/api/stow").basic("bob", "pw").ask(server).await, 200, &json!({ "entries": {} }));
    for request in [get("/api/stow/one"), delete("/api/stow/one")] {
        assert_message(&request.basic("bob", "pw").ask(server).await, 404, "Entry 'one' not found");
    }
    // What bob stored later or earlier does not matter to ann.
    let body = json!({ "value": "bob's", "modified": "2100-01-01T00:00:00" });
    assert_message(&put("/api/stow/one").basic("bob", "pw").json(body).ask(server).await, 200, STORED);
    store(server, "one", r#"{"value":"ann's","modified":"2050-01-01T00:00:00"}"#).await;
    assert_eq!(get("/api/stow/one").basic("ann", "pw").ask(server).await.json()["value"], "ann's");
    assert_message(&delete("/api/stow/one").basic("ann", "pw").ask(server).await, 200, DELETED);
    assert_eq!(get("/api/stow/one").basic("bob", "pw").ask(server).await.json()["value"], "bob's");
}

async fn a_long_list_is_complete(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let mut keys: Vec<String> = (0..230).map(|n| format!("key{n}")).collect();
    for key in &keys {
        server.put(&token, key, format!("\"{key}\"")).await;
    }
    keys.sort_unstable();
    let answer = get("/api/stow").basic("ann", "pw").ask(server).await;
    let all = answer.json();
    let entries = all["entries"].as_object().expect("an object");
    assert_eq!(entries.len(), keys.len());
    for key in &keys {
        assert_eq!(entries[key]["value"], Value::from(key.as_str()));
    }
    // In the order of the keys, as it was written down.
    let at = |key: &String| answer.text().find(&format!("\"{key}\":")).expect("is there");
    assert!(keys.is_sorted_by_key(at));
}
