//! Increments, and many who change one document.

use serde_json::json;

use super::super::{assert_json, assert_problem};
use super::{Ann, JSON, MERGE, tag};
use crate::harness::http::Http;
use crate::harness::program::Installation;
use crate::harness::race::race;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        an_increment_adds_to_a_number,
        what_is_no_number_is_not_added_to,
        of_many_increments_none_is_lost,
        of_many_patches_none_is_lost,
    );
    cases!(trials.in_mongo: through_two_servers_on_one_database_nothing_is_lost);
}

async fn an_increment_adds_to_a_number(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    for (body, expected) in [
        ("", "1"),
        ("{}", "2"),
        (r#"{"by":10}"#, "12"),
        (r#"{"by":-0.5,"initial":1000}"#, "11.5"),
        (r#"{"by":null,"initial":null,"more":1}"#, "12.5"),
    ] {
        let headers: &[(&str, &str)] = if body.is_empty() { &[] } else { &[JSON] };
        let answer = ann.send("POST", "increment/sum", headers, body).await;
        assert_json(&answer, &format!(r#"{{"value":{expected}}}"#));
        assert_eq!(tag(&answer), tag(&ann.get("sum").await));
    }
    let answer = ann.send("POST", "increment/new", &[JSON], r#"{"by":5,"initial":100}"#).await;
    assert_json(&answer, r#"{"value":105}"#);
    assert_json(&ann.get("new").await, r#"{"value":105}"#);
}

async fn what_is_no_number_is_not_added_to(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    for value in ["\"1\"", "null", "true", "[1]", "{}"] {
        let before = tag(&ann.put("one", value).await);
        let answer = ann.send("POST", "increment/one", &[JSON], "{}").await;
        assert_problem(&answer, 409, "not_a_number", "The value is no number");
        assert_eq!(tag(&ann.get("one").await), before);
    }
    for (body, detail) in [(r#"{"by":"1"}"#, "By is no number"), (r#"{"initial":[]}"#, "Initial is no number")] {
        let answer = ann.send("POST", "increment/new", &[JSON], body).await;
        assert_problem(&answer, 400, "invalid_parameter", detail);
    }
    for body in ["[]", "1", "{"] {
        let answer = ann.send("POST", "increment/new", &[JSON], body).await;
        assert_problem(&answer, 400, "invalid_json", "Request body is not JSON or is empty");
    }
    let answer = ann.send("POST", "increment/a-b", &[JSON], "{}").await;
    assert_eq!(answer.code().as_deref(), Some("invalid_key"));
    let answer = ann.send("POST", "increment/", &[JSON], "{}").await;
    assert_eq!(answer.code().as_deref(), Some("invalid_key"));
    ann.put("huge", "9999999999999999999999999999999999").await;
    assert_eq!(ann.send("POST", "increment/huge", &[], "").await.status, 422);
    assert_eq!(server.keys(&ann.token).await, ["huge", "one"]);
}

async fn of_many_increments_none_is_lost(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    let both = [ann.clone(), ann.clone()];
    increment(&both, 40).await;
    assert_json(&ann.get("sum").await, r#"{"value":1280}"#);
}

/// 32 clients add one, so often each.
async fn increment(to: &[Ann; 2], times: usize) {
    race(32, |client| {
        let ann = to[client % 2].clone();
        async move {
            for _ in 0..times {
                assert_eq!(ann.send("POST", "increment/sum", &[], "").await.status, 200);
            }
        }
    })
    .await;
}

async fn of_many_patches_none_is_lost(server: &mut TestServer<'_>) {
    let ann = Ann::of(server).await;
    patch(&[ann.clone(), ann.clone()], 10).await;
}

/// 32 clients each set a member of their own.
async fn patch(to: &[Ann; 2], times: usize) {
    to[0].put("members", "{}").await;
    race(32, |client| {
        let ann = to[client % 2].clone();
        async move {
            for n in 1..=times {
                let body = json!({ format!("c{client}"): n });
                assert_eq!(ann.send("PATCH", "store/members", &[MERGE], body).await.status, 200);
            }
        }
    })
    .await;
    let members = to[1].get("members").await.json()["value"].clone();
    for client in 0..32 {
        assert_eq!(members[format!("c{client}")], times, "{members}");
    }
}

async fn through_two_servers_on_one_database_nothing_is_lost(installation: &mut Installation) {
    installation.set("KEYBIN_APP_PORT", "0");
    let (first, second) = (installation.serve().await, installation.serve().await);
    let (first_http, second_http) = (Http::new(first.address()), Http::new(second.address()));
    first_http.register("ann", "pw").await;
    let token = first_http.token("ann", "pw").await;
    let both = [Ann { http: first_http, token: token.clone() }, Ann { http: second_http, token }];
    increment(&both, 20).await;
    assert_json(&both[1].get("sum").await, r#"{"value":640}"#);
    patch(&both, 5).await;
    first.kill().await;
    second.kill().await;
}
