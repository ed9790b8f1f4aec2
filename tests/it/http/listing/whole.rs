//! Lists without pages: they are sent as they are read, whole or recognisably in part.

use reqwest::Method;
use serde_json::Value;

use super::{ann, ann_id, write_all};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_short_list_comes_with_its_length,
        every_key_is_there_however_many,
        a_list_that_cannot_be_finished_is_no_json,
        a_list_that_cannot_be_begun_is_refused,
    );
}

/// ann, before the Stow API.
const BASIC: [(&str, &str); 1] = [("Authorization", "Basic YW5uOnB3")];

async fn a_short_list_comes_with_its_length(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    server.put(&token, "a", 1).await;
    let keys = server.get(&format!("/user/{token}/keys")).await;
    assert_eq!((keys.text(), keys.header("content-length")), (r#"{"keys":["a"]}"#, Some("14")));
    let entries = server.send(Method::GET, "/api/stow", &BASIC, "").await;
    assert_eq!(entries.header("content-length"), Some(entries.body.len().to_string().as_str()));
}

async fn every_key_is_there_however_many(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let id = ann_id(server).await;
    let long = "x".repeat(200);
    let mut all = Vec::new();
    // One page, exactly one page, and some more.
    for count in [999, 1000, 1001, 3500] {
        let keys: Vec<String> = (all.len()..count).map(|n| format!("k{n:04}{long}")).collect();
        write_all(server, id, keys.iter().map(|key| (key.clone(), "1".to_owned()))).await;
        all.extend(keys);
        let answer = server.get(&format!("/user/{token}/keys")).await;
        assert_eq!(answer.header("content-length"), None);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.text(), format!(r#"{{"keys":["{}"]}}"#, all.join("\",\"")));
        let head = server.send(Method::HEAD, &format!("/user/{token}/keys"), &[], "").await;
        assert_eq!((head.status, head.text()), (200, ""));
        assert_eq!(head.header("keybin-total"), Some(count.to_string().as_str()));
    }
    let entries = server.send(Method::GET, "/api/stow", &BASIC, "").await.json();
    let entries = entries["entries"].as_object().expect("an object");
    assert_eq!(entries.len(), all.len());
    assert!(all.iter().all(|key| entries[key]["value"] == 1));
}

/// Far more than the buffers between a server and a client that does not read.
async fn write_64_mebibytes(server: &TestServer<'_>) {
    let text = format!("\"{}\"", "x".repeat(4 << 20));
    let documents = (10..26).map(|n| (format!("k{n}"), text.clone()));
    write_all(server, ann_id(server).await, documents).await;
}

async fn a_list_that_cannot_be_finished_is_no_json(server: &mut TestServer<'_>) {
    ann(server).await;
    write_64_mebibytes(server).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let path = format!("http://{}/api/stow", server.address());
    let begun = client.get(path).header(BASIC[0].0, BASIC[0].1).send().await.expect("an answer");
    assert_eq!(begun.status(), 200);
    server.store().close().await;
    let part = begun.bytes().await.unwrap_or_default();
    assert!(serde_json::from_slice::<Value>(&part).is_err(), "a part was taken for the whole");
    assert!(part.len() < 64 << 20, "it was there as a whole");
}

async fn a_list_that_cannot_be_begun_is_refused(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    server.put(&token, "a", 1).await;
    server.store().close().await;
    for listing in ["keys", "keys?limit=1", "documents"] {
        assert_eq!(server.get(&format!("/user/{token}/{listing}")).await.status, 503, "{listing}");
    }
    assert_eq!(server.send(Method::GET, "/api/stow", &BASIC, "").await.status, 503);
}
