//! Keys: blanks, letters of any script, what is percent-encoded, and what names nothing.

use serde_json::json;

use super::super::{assert_message, assert_says};
use super::{DELETED, STORED};
use crate::harness::ask::{Ask, delete, get, percent, put};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        keys_may_have_any_letters,
        one_key_may_be_spelled_in_several_ways,
        what_is_no_key_is_refused,
        a_key_of_nothing_is_no_entry,
    );
}

const RULE: &str = "Key must be 1 to 255 bytes, without control characters or /, and not . or ..";

async fn keys_may_have_any_letters(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let long = "é".repeat(127);
    let mut keys = vec![
        "a b", " ", "  a  ", "é", "e\u{301}", "ключ", "鍵", "😀", "a+b", "100%", "%41", "a%2Fb", "a?b=c", "a#b", "a&b",
        "a;b", "a:b", "a@b", "\"", "'", "\\", "..a", "...", "-", "~", "$set", "a.b", "_id", "\u{a0}", "\u{202e}",
        "<script>", "ﬁ", "A", "a", &long,
    ];
    for (n, key) in keys.iter().enumerate() {
        let path = format!("/api/stow/{}", percent(key));
        let stored = put(&path).basic("ann", "pw").json(json!({ "value": n })).ask(server).await;
        assert_message(&stored, 200, STORED);
    }
    let all = get("/api/stow").basic("ann", "pw").ask(server).await.json();
    for (n, key) in keys.iter().enumerate() {
        let path = format!("/api/stow/{}", percent(key));
        assert_eq!(get(&path).basic("ann", "pw").ask(server).await.json()["value"], n, "{key}");
        assert_eq!(all["entries"][key]["value"], n, "{key}");
    }
    // The other APIs list the same, in bytewise order.
    keys.sort_unstable();
    let token = server.token("ann", "pw").await;
    assert_eq!(server.keys(&token).await, keys);
    for key in &keys {
        let path = format!("/api/stow/{}", percent(key));
        assert_message(&delete(&path).basic("ann", "pw").ask(server).await, 200, DELETED);
        assert_message(&get(&path).basic("ann", "pw").ask(server).await, 404, &format!("Entry '{key}' not found"));
    }
    assert_says(&get("/api/stow").basic("ann", "pw").ask(server).await, 200, &json!({ "entries": {} }));
}

async fn one_key_may_be_spelled_in_several_ways(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for spellings in [&["one", "%6Fne", "%6f%6e%65"][..], &["%C3%A9", "%c3%a9"], &["a+b", "a%2Bb"], &["~", "%7E"]] {
        for (n, stored) in spellings.iter().enumerate() {
            let request = put(format!("/api/stow/{stored}")).basic("ann", "pw").json(json!({ "value": n }));
            assert_message(&request.ask(server).await, 200, STORED);
            for read in spellings {
                let answer = get(format!("/api/stow/{read}")).basic("ann", "pw").ask(server).await;
                assert_eq!(answer.json()["value"], n, "{read}");
            }
        }
    }
    let all = get("/api/stow").basic("ann", "pw").ask(server).await.json();
    assert_eq!(all["entries"].as_object().map(|entries| entries.len()), Some(4));
}

async fn what_is_no_key_is_refused(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let rows = server.rows().await;
    let long = "x".repeat(256);
    let encoded = "%C3%A9".repeat(128);
    for segment in [
        ".", "..", "%2e", "%2E%2e", ".%2E", "a%2Fb", "%2F", "%00", "a%0Ab", "%7F", "%C2%85", "%FF", "%C3", "%C3%28",
        "one/", "..%2Fone", &long, &encoded,
    ] {
        for request in requests(&format!("/api/stow/{segment}")) {
            assert_message(&request.basic("ann", "pw").ask(server).await, 400, RULE);
        }
    }
    assert_eq!(server.rows().await, rows);
}

async fn a_key_of_nothing_is_no_entry(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let rows = server.rows().await;
    for (path, statuses) in [
        // The list, which cannot be written.
        ("/api/stow/", [200, 405, 405]),
        ("/api/stow//", [404; 3]),
        ("/api/stow//one", [404; 3]),
        ("/api//stow/one", [404; 3]),
        ("/api/stow/one/two", [404; 3]),
    ] {
        for (request, status) in requests(path).into_iter().zip(statuses) {
            let answer = request.clone().basic("ann", "pw").ask(server).await;
            assert_eq!(answer.status, status, "{request}: {answer:?}");
        }
    }
    assert_eq!(server.rows().await, rows);
}

/// Reading, storing and deleting at this path.
fn requests(path: &str) -> [Ask; 3] {
    [get(path), put(path).json(r#"{"value":1}"#), delete(path)]
}
