//! Pairs: their values, ids and dates, and to whom they belong.

use std::collections::BTreeSet;

use keybin::domain::Clock;
use serde_json::{Value, json};

use super::super::assert_message;
use super::{NOW, assert_pair, guarded, jwt};
use crate::harness::ask::{delete, get, percent, post, put};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_pair_is_created_read_changed_and_deleted,
        the_two_methods_by_name_do_the_same,
        a_key_keeps_its_id,
        different_keys_have_different_ids,
        a_pair_says_whose_it_is,
        every_kind_of_value_comes_back,
        keys_may_have_any_letters,
        nobody_sees_the_pairs_of_another,
    );
}

const LATER: &str = "Mon, 02 Jan 2040 04:04:06 GMT";

async fn a_pair_is_created_read_changed_and_deleted(server: &mut TestServer<'_>) {
    let jwt = jwt(server, "ann").await;
    let body = json!({ "key_name": "one", "value_name": "first" });
    for path in ["/keyvaluepairs/", "/keyvaluepairs"] {
        let created = post(path).bearer(&jwt).json(&body).ask(server).await;
        assert_pair(&created, 201, "one", &json!("first"), NOW, NOW);
        assert_eq!(get("/keyvaluepairs/one").bearer(&jwt).ask(server).await.json(), created.json());
        assert_eq!(delete("/keyvaluepairs/one").bearer(&jwt).ask(server).await.status, 200);
    }
    post("/keyvaluepairs/").bearer(&jwt).json(&body).ask(server).await;

    server.clock().set(server.clock().now().plus_seconds(601));
    let changed = put("/keyvaluepairs/one").bearer(&jwt).json(r#"{"value_name":{"n":2}}"#).ask(server).await;
    assert_pair(&changed, 200, "one", &json!({ "n": 2 }), NOW, "Mon, 02 Jan 2040 03:14:06 GMT");
    let read = get("/keyvaluepairs/one").bearer(&jwt).ask(server).await;
    assert_eq!((read.status, read.json()), (200, changed.json()));
    // Who creates it once more changes it.
    let again = post("/keyvaluepairs/").bearer(&jwt).json(&body).ask(server).await;
    assert_pair(&again, 201, "one", &json!("first"), NOW, "Mon, 02 Jan 2040 03:14:06 GMT");

    let deleted = delete("/keyvaluepairs/one").bearer(&jwt).ask(server).await;
    assert_message(&deleted, 200, "Key 'one' deleted successfully.");
    for request in [get("/keyvaluepairs/one"), delete("/keyvaluepairs/one"), get("/get?key=one")] {
        assert_message(&request.bearer(&jwt).ask(server).await, 404, "Key 'one' not found");
    }
    let absent = put("/keyvaluepairs/one").bearer(&jwt).json(r#"{"value_name":1}"#).ask(server).await;
    assert_message(&absent, 404, "Key 'one' not found");
    assert_eq!(get("/keyvaluepairs/one").bearer(&jwt).ask(server).await.status, 404);
}

async fn the_two_methods_by_name_do_the_same(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let jwt = server.token("ann", "pw").await;
    assert_message(&get("/get?key=one").bearer(&jwt).ask(server).await, 404, "Key 'one' not found");
    let set = post("/set").bearer(&jwt).json(r#"{"key":"one","value":"first"}"#).ask(server).await;
    assert_pair(&set, 200, "one", &json!("first"), NOW, NOW);
    let end = server.clock().set(server.clock().now().plus_seconds(3601));
    let jwt = server.token("ann", "pw").await;
    let set = post("/set").bearer(&jwt).json(r#"{"key":"one","value":[2]}"#).ask(server).await;
    assert_pair(&set, 200, "one", &json!([2]), NOW, LATER);
    for request in [get("/get?key=one"), get("/get?other=1&key=%6Fne"), get("/keyvaluepairs/one")] {
        assert_eq!(request.bearer(&jwt).ask(server).await.json(), set.json());
    }
    assert_eq!(server.clock().now(), end);
}

async fn a_key_keeps_its_id(server: &mut TestServer<'_>) {
    let jwt = jwt(server, "ann").await;
    let mut ids = BTreeSet::new();
    for _ in 0..2 {
        let created = post("/keyvaluepairs/").bearer(&jwt).json(r#"{"key_name":"one","value_name":1}"#);
        for request in [
            created,
            get("/keyvaluepairs/one").bearer(&jwt),
            put("/keyvaluepairs/one").bearer(&jwt).json(r#"{"value_name":2}"#),
            get("/get?key=one").bearer(&jwt),
            post("/set").bearer(&jwt).json(r#"{"key":"one","value":3}"#),
        ] {
            ids.insert(request.ask(server).await.json()["id"].as_u64().expect("an integer"));
        }
        assert_eq!(delete("/keyvaluepairs/one").bearer(&jwt).ask(server).await.status, 200);
        // Also for a server that starts anew.
        server.rows().await;
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
}

async fn different_keys_have_different_ids(server: &mut TestServer<'_>) {
    let (ann, bob) = (jwt(server, "ann").await, jwt(server, "bob").await);
    let mut ids = BTreeSet::new();
    for n in 0..40 {
        for jwt in [&ann, &bob] {
            let body = json!({ "key": format!("key{n}"), "value": n });
            let id = post("/set").bearer(jwt).json(body).ask(server).await.json()["id"].as_u64();
            let id = id.expect("an integer");
            assert!(id < 1 << 53, "{id} is more than a double keeps");
            ids.insert(id);
        }
    }
    assert_eq!(ids.len(), 80);
}

async fn a_pair_says_whose_it_is(server: &mut TestServer<'_>) {
    for name in ["ann", "bob", "eve"] {
        let jwt = jwt(server, name).await;
        let number = get("/api/user").basic(name, "pw").ask(server).await.json()["id"].clone();
        for (request, status) in guarded().into_iter().zip([201, 200, 200]) {
            let answer = request.bearer(&jwt).ask(server).await;
            assert_eq!((answer.status, &answer.json()["created_by"]), (status, &number), "{name}");
        }
    }
}

async fn every_kind_of_value_comes_back(server: &mut TestServer<'_>) {
    let jwt = jwt(server, "ann").await;
    for value in
        ["\"\"", "0", "false", "null", "[]", "1234567890123456789012345678901234", r#"{"b":[1.50],"a":{"$oid":"x"}}"#]
    {
        let part = format!(r#","value_name":{},"#, value.replace("1.50", "1.5"));
        for request in [
            post("/keyvaluepairs/").json(format!(r#"{{"key_name":"one","value_name":{value}}}"#)),
            get("/keyvaluepairs/one"),
            put("/keyvaluepairs/one").json(format!(r#"{{"value_name":{value}}}"#)),
            post("/set").json(format!(r#"{{"value":{value},"key":"one"}}"#)),
            get("/get?key=one"),
        ] {
            let answer = request.bearer(&jwt).ask(server).await;
            assert!(answer.text().contains(&part), "{answer:?}");
        }
    }
}

async fn keys_may_have_any_letters(server: &mut TestServer<'_>) {
    let jwt = jwt(server, "ann").await;
    for key in ["a b", "é", "鍵", "a+b", "100%", "%41", "a&b=c", "a?b", "#", "\"", "\\", "...", &"é".repeat(127)] {
        let (segment, value) = (percent(key), Value::from(key));
        let path = format!("/keyvaluepairs/{segment}");
        let created = post("/keyvaluepairs/").json(json!({ "key_name": key, "value_name": key }));
        assert_pair(&created.bearer(&jwt).ask(server).await, 201, key, &value, NOW, NOW);
        assert_pair(&get(&path).bearer(&jwt).ask(server).await, 200, key, &value, NOW, NOW);
        let changed = put(&path).json(json!({ "value_name": key }));
        assert_pair(&changed.bearer(&jwt).ask(server).await, 200, key, &value, NOW, NOW);
        assert_pair(&get(format!("/get?key={segment}")).bearer(&jwt).ask(server).await, 200, key, &value, NOW, NOW);
        let deleted = delete(&path).bearer(&jwt).ask(server).await;
        assert_message(&deleted, 200, &format!("Key '{key}' deleted successfully."));
    }
}

async fn nobody_sees_the_pairs_of_another(server: &mut TestServer<'_>) {
    let (ann, bob) = (jwt(server, "ann").await, jwt(server, "bob").await);
    let set = |value| post("/set").json(json!({ "key": "one", "value": value }));
    assert_eq!(set("ann's").bearer(&ann).ask(server).await.status, 200);
    for request in &guarded()[1..5] {
        assert_message(&request.clone().bearer(&bob).ask(server).await, 404, "Key 'one' not found");
    }
    assert_eq!(set("bob's").bearer(&bob).ask(server).await.status, 200);
    assert_eq!(delete("/keyvaluepairs/one").bearer(&bob).ask(server).await.status, 200);
    assert_eq!(get("/get?key=one").bearer(&ann).ask(server).await.json()["value_name"], "ann's");
}
