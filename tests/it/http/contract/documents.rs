//! Documents: what comes back, under which keys, and whose they are.

use serde_json::json;

use super::super::{OK, assert_json, assert_problem};
use crate::harness::race::race;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        every_kind_of_value_comes_back,
        a_value_may_stand_among_other_members,
        the_last_write_counts,
        keys_of_every_allowed_character_are_kept,
        keys_that_differ_in_case_are_different,
        keys_are_listed_completely_and_in_bytewise_order,
        nobody_sees_the_documents_of_another,
        all_devices_of_an_account_see_the_same_documents,
        documents_outlive_a_restart,
    );
}

async fn every_kind_of_value_comes_back(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let path = format!("/user/{}/store/one", server.token("ann", "pw").await);
    let deep = format!("{}{}", "[".repeat(64), "]".repeat(64));
    let long = format!("\"{}\"", "x".repeat(100_000));
    for value in [
        "\"\"",
        "0",
        "false",
        "null",
        "true",
        "[]",
        "{}",
        "-0.0",
        "1.5",
        "1e+300",
        "-9223372036854775808",
        "18446744073709551615",
        "1234567890123456789012345678901234",
        "\"text\"",
        r#""é😀\u0000\n\"\\""#,
        r#"{"value":{"value":[null,{"":[]},"",0,false]},"_id":1,"$set":{"a.b":1}}"#,
        r#"{"b":1,"a":2,"c":{"z":1,"y":2}}"#,
        r#"{"$oid":"zz"}"#,
        &deep,
        &long,
    ] {
        let body = format!(r#"{{"value":{value}}}"#);
        assert_json(&server.post(&path, &body).await, OK);
        assert_json(&server.get(&path).await, &body);
    }
}

async fn a_value_may_stand_among_other_members(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let path = format!("/user/{}/store/one", server.token("ann", "pw").await);
    for body in [
        "{\"value\":1,\"more\":2}",
        "{\"more\":{\"value\":2},\"value\":1}",
        " \t\r\n{ \"value\" :\n1\t} ",
        "{\"\\u0076alue\":1}",
    ] {
        assert_json(&server.post(&path, body).await, OK);
        assert_json(&server.get(&path).await, r#"{"value":1}"#);
    }
}

async fn the_last_write_counts(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    for value in ["1", "\"two\"", "{\"three\":3}", "null"] {
        server.put(&token, "one", value).await;
    }
    assert_json(&server.get(&format!("/user/{token}/store/one")).await, r#"{"value":null}"#);
    assert_eq!(server.keys(&token).await, ["one"]);
}

async fn keys_of_every_allowed_character_are_kept(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.,";
    let mut keys: Vec<String> = allowed.chars().filter(|c| *c != '.').map(String::from).collect();
    keys.extend([allowed.to_owned(), "...".to_owned(), ".a".to_owned(), "a.".to_owned(), "x".repeat(255)]);
    for key in &keys {
        server.put(&token, key, format!("\"{key}\"")).await;
    }
    for key in &keys {
        let path = format!("/user/{token}/store/{key}");
        assert_json(&server.get(&path).await, &format!(r#"{{"value":"{key}"}}"#));
        // However its characters are spelled, it is the same key.
        let spelled: String = key.bytes().map(|byte| format!("%{byte:02x}")).collect();
        if key != "..." {
            let path = format!("/user/{token}/store/{spelled}");
            assert_json(&server.get(&path).await, &format!(r#"{{"value":"{key}"}}"#));
        }
    }
    keys.sort_unstable();
    assert_eq!(server.keys(&token).await, keys);
}

async fn keys_that_differ_in_case_are_different(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    server.put(&token, "Key", "1").await;
    let answer = server.get(&format!("/user/{token}/store/key")).await;
    assert_problem(&answer, 404, "key_not_found", "Key 'key' not found");
}

async fn keys_are_listed_completely_and_in_bytewise_order(server: &mut TestServer<'_>) {
    const KEYS: usize = 2_500;
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    // Beginnings that sort otherwise by letter, by length or as numbers.
    let key = |n: usize| format!("{}{n}", ["", "a", "A", "_", ".", ",", "aa", "Z,"][n % 8]);
    let (http, owned) = (server.http(), token.clone());
    race(32, |which| {
        let (http, token) = (http.clone(), owned.clone());
        async move {
            for n in (which..KEYS).step_by(32) {
                http.put(&token, &key(n), n).await;
            }
        }
    })
    .await;
    let mut expected: Vec<String> = (0..KEYS).map(key).collect();
    expected.sort_unstable();
    assert_eq!(server.keys(&token).await, expected);
}

async fn nobody_sees_the_documents_of_another(server: &mut TestServer<'_>) {
    let mut tokens = Vec::new();
    for name in ["ann", "bob", "ann/", "an"] {
        server.register(name, "pw").await;
        tokens.push((name, server.token(name, "pw").await));
    }
    for (name, token) in &tokens[..2] {
        server.put(token, "both", format!("\"{name}\"")).await;
        server.put(token, &format!("of_{name}"), "1").await;
    }
    for (name, token) in &tokens[..2] {
        let answer = server.get(&format!("/user/{token}/store/both")).await;
        assert_json(&answer, &format!(r#"{{"value":"{name}"}}"#));
        assert_eq!(server.keys(token).await, ["both".to_owned(), format!("of_{name}")]);
    }
    for (name, token) in &tokens[2..] {
        assert_eq!(server.keys(token).await, <[&str; 0]>::default(), "{name}");
    }
    let answer = server.get(&format!("/user/{}/store/of_ann", tokens[1].1)).await;
    assert_problem(&answer, 404, "key_not_found", "Key 'of_ann' not found");
    // Whose documents they are, the body cannot say.
    let body = json!({ "value": 1, "username": "ann", "user_id": "ann" });
    assert_json(&server.post(&format!("/user/{}/store/new", tokens[1].1), body).await, OK);
    assert_eq!(server.keys(&tokens[0].1).await, ["both", "of_ann"]);
}

async fn all_devices_of_an_account_see_the_same_documents(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let (phone, web) = (server.token_for("ann", "pw", "phone").await, server.token_for("ann", "pw", "web").await);
    server.put(&phone, "one", "1").await;
    assert_json(&server.get(&format!("/user/{web}/store/one")).await, r#"{"value":1}"#);
    server.put(&web, "one", "2").await;
    assert_json(&server.get(&format!("/user/{phone}/store/one")).await, r#"{"value":2}"#);
}

async fn documents_outlive_a_restart(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    server.put(&token, "one", "[1]").await;
    server.restart_with("").await;
    assert_json(&server.get(&format!("/user/{token}/store/one")).await, r#"{"value":[1]}"#);
}
