//! `GET /user/<token>/keys` in pages.

use reqwest::Method;
use serde_json::Value;

use super::super::assert_json;
use super::{ann, ann_id, encoded, keys_on, linked, pages, write_all};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_page_of_keys_has_its_answer,
        pages_of_keys_go_both_ways,
        a_prefix_narrows_the_keys,
        any_key_can_be_gone_on_after,
        a_page_has_at_most_1000_keys,
        a_link_does_not_tell_the_token,
        head_tells_how_many_keys_there_are,
    );
}

async fn a_page_of_keys_has_its_answer(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let path = format!("/user/{token}/keys");
    for query in ["?limit=1", "?prefix=a", "?after=a", "?order=desc", "?prefix=&limit=5"] {
        assert_json(&server.get(&format!("{path}{query}")).await, r#"{"keys":[]}"#);
    }
    for key in ["a", "b", "c"] {
        server.put(&token, key, 1).await;
    }
    for (query, body, link) in [
        ("?limit=2", r#"{"keys":["a","b"],"next":"b"}"#, Some(r#"<?after=b&limit=2>; rel="next""#)),
        ("?limit=2&after=b", r#"{"keys":["c"]}"#, None),
        ("?limit=3", r#"{"keys":["a","b","c"]}"#, None),
        ("?limit=1000&after=a", r#"{"keys":["b","c"]}"#, None),
        ("?after=aa", r#"{"keys":["b","c"]}"#, None),
        ("?after=c", r#"{"keys":[]}"#, None),
        ("?after=&limit=1", r#"{"keys":["a"],"next":"a"}"#, Some(r#"<?after=a&limit=1>; rel="next""#)),
        ("?prefix=", r#"{"keys":["a","b","c"]}"#, None),
        ("?prefix=b", r#"{"keys":["b"]}"#, None),
        ("?other=1&where=no", r#"{"keys":["a","b","c"]}"#, None),
        (
            "?order=desc&limit=1&prefix=",
            r#"{"keys":["c"],"next":"c"}"#,
            Some(r#"<?after=c&prefix=&limit=1&order=desc>; rel="next""#),
        ),
    ] {
        let answer = server.get(&format!("{path}{query}")).await;
        assert_json(&answer, body);
        assert_eq!(answer.header("link"), link, "{query}");
    }
}

async fn pages_of_keys_go_both_ways(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let mut keys: Vec<String> = (10..30).map(|n| format!("k{n}")).collect();
    for key in &keys {
        server.put(&token, key, 1).await;
    }
    for limit in [1, 3, 7, 19, 20, 21] {
        for order in ["asc", "desc"] {
            let read = pages(server, &format!("/user/{token}/keys?limit={limit}&order={order}"), &[]).await;
            assert_eq!(read.len(), keys.len().div_ceil(limit), "{limit} {order}");
            assert_eq!(keys_on(&read), keys, "{limit} {order}");
            keys.reverse();
        }
    }
}

async fn a_prefix_narrows_the_keys(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    for key in ["a", "b", "b.", "b.1", "b.2", "b.3", "b_", "c"] {
        server.put(&token, key, 1).await;
    }
    for (query, keys) in [
        ("prefix=b.&limit=2", &["b.", "b.1", "b.2", "b.3"][..]),
        ("prefix=b.&limit=2&order=desc", &["b.3", "b.2", "b.1", "b."]),
        ("prefix=b.&limit=2&after=b.1", &["b.2", "b.3"]),
        ("prefix=b.&after=a", &["b.", "b.1", "b.2", "b.3"]),
        ("prefix=b.&after=c", &[]),
        ("prefix=b.&after=a&order=desc", &[]),
        ("prefix=d", &[]),
        ("prefix=b%2F", &[]),
        ("prefix=%00", &[]),
    ] {
        assert_eq!(keys_on(&pages(server, &format!("/user/{token}/keys?{query}"), &[]).await), keys, "{query}");
    }
}

async fn any_key_can_be_gone_on_after(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    // Most of these come from the other APIs.
    let odd = [
        " ",
        "\"",
        "#",
        "%",
        "%41",
        "&after=z",
        "+",
        ",",
        ";",
        "<",
        "=",
        ">; rel=\"prev\"",
        "?limit=1",
        "a b",
        "a+b",
        "é",
        "\u{2028}",
        "\u{10ffff}",
    ];
    let documents = odd.iter().map(|key| ((*key).to_owned(), "1".to_owned()));
    write_all(server, ann_id(server).await, documents).await;
    let path = format!("/user/{token}/keys?limit=1");
    assert_eq!(keys_on(&pages(server, &path, &[]).await), odd);
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let answer = server.get(&format!("{path}&after={}", encoded(&next))).await.json();
        seen.push(answer["keys"][0].as_str().expect("a key").to_owned());
        match &answer["next"] {
            Value::String(after) => next.clone_from(after),
            _ => break,
        }
    }
    assert_eq!(seen, odd);
    for key in odd {
        let answer = server.get(&format!("/user/{token}/documents?limit=1&prefix={}", encoded(key))).await;
        assert_eq!(answer.json()["documents"][0]["key"], key);
        assert_eq!(linked(&answer, "/x").is_some(), key == "%" || key == "a", "{answer:?}");
    }
}

async fn a_page_has_at_most_1000_keys(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let keys: Vec<String> = (0..1001).map(|n| format!("k{n:04}")).collect();
    write_all(server, ann_id(server).await, keys.iter().map(|key| (key.clone(), "1".to_owned()))).await;
    for query in ["limit=1000", "prefix=k", "order=asc"] {
        let pages = pages(server, &format!("/user/{token}/keys?{query}"), &[]).await;
        assert_eq!((pages.len(), keys_on(&pages[..1]).len()), (2, 1000), "{query}");
        assert_eq!(keys_on(&pages), keys);
    }
}

async fn a_link_does_not_tell_the_token(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    for key in ["a", "b", "c"] {
        server.put(&token, key, 1).await;
    }
    let bearer = format!("Bearer {token}");
    for listing in ["keys", "documents"] {
        let by_path = pages(server, &format!("/user/{token}/{listing}?limit=1"), &[]).await;
        let by_header = pages(server, &format!("/user/-/{listing}?limit=1"), &[("Authorization", &bearer)]).await;
        for answer in by_path.iter().chain(&by_header) {
            assert!(!answer.header("link").unwrap_or_default().contains(&token), "{answer:?}");
        }
        assert_eq!(keys_on(&by_path), ["a", "b", "c"]);
        assert_eq!(keys_on(&by_header), ["a", "b", "c"]);
    }
}

async fn head_tells_how_many_keys_there_are(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    for key in ["a", "b.1", "b.2", "c"] {
        server.put(&token, key, 1).await;
    }
    for (query, total) in [
        ("", "4"),
        ("?limit=1", "4"),
        ("?prefix=b.&limit=1", "2"),
        ("?prefix=d", "0"),
        ("?after=a", "4"),
        ("?prefix=b.&after=b.1&order=desc", "2"),
    ] {
        let answer = server.send(Method::HEAD, &format!("/user/{token}/keys{query}"), &[], "").await;
        assert_eq!((answer.status, answer.text()), (200, ""));
        assert_eq!(answer.header("keybin-total"), Some(total), "{query}");
    }
}
