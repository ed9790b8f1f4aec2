//! `GET /user/<token>/documents`: what stands in a page, and where it ends.

use keybin::domain::{Clock, Precondition, Timestamp};
use keybin::store::Write;
use reqwest::Method;
use serde_json::{Value, json};

use super::super::assert_json;
use super::{ann, ann_id, keys_on, pages, write_all};
use crate::harness::samples::{key, write, write_until};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_page_of_documents_has_its_answer,
        values_are_shown_as_they_were_written,
        pages_of_documents_go_both_ways,
        fields_leave_parts_of_the_values,
        a_page_of_large_values_ends_early,
        what_has_expired_is_not_listed,
        head_tells_how_many_documents_there_are,
    );
}

async fn a_page_of_documents_has_its_answer(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let path = format!("/user/{token}/documents");
    assert_json(&server.get(&path).await, r#"{"documents":[]}"#);
    let (id, now) = (ann_id(server).await, server.clock().now());
    let first = write("[1,null]");
    server.store().put(id, &key("a"), &first, Precondition::None, now).await.expect("writes");
    let later = server.clock().advance(22);
    let second = Write { revision: first.revision, ..write_until("{}", later.plus_seconds(60)) };
    server.store().put(id, &key("b"), &second, Precondition::None, later).await.expect("writes");
    server.store().put(id, &key("a"), &first, Precondition::Present, later).await.expect("writes");
    let revision = first.revision;
    let (a, b) = (
        format!(
            r#"{{"key":"a","value":[1,null],"revision":"{revision}","created_at":"2040-01-02T03:04:05.678Z","modified_at":"2040-01-02T03:04:05.700Z"}}"#
        ),
        format!(
            r#"{{"key":"b","value":{{}},"revision":"{revision}","created_at":"2040-01-02T03:04:05.700Z","modified_at":"2040-01-02T03:04:05.700Z","expires_at":"2040-01-02T03:05:05.700Z"}}"#
        ),
    );
    assert_json(&server.get(&path).await, &format!(r#"{{"documents":[{a},{b}]}}"#));
    let answer = server.get(&format!("{path}?limit=1")).await;
    assert_json(&answer, &format!(r#"{{"documents":[{a}],"next":"a"}}"#));
    assert_eq!(answer.header("link"), Some(r#"<?after=a&limit=1>; rel="next""#));
    assert_json(&server.get(&format!("{path}?limit=1&after=a")).await, &format!(r#"{{"documents":[{b}]}}"#));
}

async fn values_are_shown_as_they_were_written(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    for value in ["1.5", "12345678901234567890123", r#"{"b":[{}],"a":"é\u0000\""}"#, "null", r#"{"$oid":"x"}"#] {
        server.put(&token, "k", value).await;
        let single = server.get(&format!("/user/{token}/store/k")).await;
        let value = single.text().trim_start_matches('{').trim_end_matches('}').to_owned();
        let listed = server.get(&format!("/user/{token}/documents")).await;
        assert!(listed.text().starts_with(&format!(r#"{{"documents":[{{"key":"k",{value}"#)), "{listed:?}");
    }
}

async fn pages_of_documents_go_both_ways(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let mut keys: Vec<String> = (100..250).map(|n| format!("k{n}")).collect();
    write_all(server, ann_id(server).await, keys.iter().map(|key| (key.clone(), format!("\"{key}\"")))).await;
    for (query, length) in [("limit=7", 7), ("limit=150", 150), ("limit=1000", 1000), ("", 100), ("prefix=k", 100)] {
        for order in ["asc", "desc"] {
            let read = pages(server, &format!("/user/{token}/documents?{query}&order={order}"), &[]).await;
            assert_eq!(read.len(), keys.len().div_ceil(length), "{query} {order}");
            assert_eq!(keys_on(&read), keys, "{query} {order}");
            let page = read[0].json();
            assert!(page["documents"].as_array().expect("a list").iter().all(|it| it["key"] == it["value"]));
            keys.reverse();
        }
    }
}

async fn fields_leave_parts_of_the_values(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    server.put(&token, "a", r#"{"name":"Ann","to":{"city":"Paris","zip":1},"tags":[{"t":1,"u":2},3]}"#).await;
    server.put(&token, "b", r#"{"to":{"zip":2}}"#).await;
    server.put(&token, "c", "3").await;
    for (fields, values) in [
        ("name", json!([{ "name": "Ann" }, {}, null])),
        ("to.city", json!([{ "to": { "city": "Paris" } }, { "to": {} }, null])),
        ("tags.t,name", json!([{ "name": "Ann", "tags": [{ "t": 1 }] }, {}, null])),
        ("to,to.city", json!([{ "to": { "city": "Paris", "zip": 1 } }, { "to": { "zip": 2 } }, null])),
        ("%6eame", json!([{ "name": "Ann" }, {}, null])),
    ] {
        let page = server.get(&format!("/user/{token}/documents?fields={fields}")).await.json();
        let listed: Vec<Value> =
            page["documents"].as_array().expect("a list").iter().map(|it| it["value"].clone()).collect();
        assert_eq!(Value::from(listed), values, "{fields}");
        assert!(page["documents"][0]["revision"].is_string());
    }
    let first = server.get(&format!("/user/{token}/documents?fields=to.city,name&limit=1")).await;
    assert_eq!(first.header("link"), Some(r#"<?after=a&limit=1&fields=to.city%2Cname>; rel="next""#));
    assert_eq!(keys_on(&pages(server, &format!("/user/{token}/documents?fields=name&limit=1"), &[]).await).len(), 3);
}

async fn a_page_of_large_values_ends_early(server: &mut TestServer<'_>) {
    const MEBIBYTE: usize = 1 << 20;
    let token = ann(server).await;
    let keys: Vec<String> = (10..22).map(|n| format!("k{n}")).collect();
    let text = "x".repeat(MEBIBYTE);
    let large = keys.iter().map(|key| (key.clone(), format!(r#"{{"name":"{key}","text":"{text}"}}"#)));
    write_all(server, ann_id(server).await, large).await;
    let path = format!("/user/{token}/documents?limit=1000");
    let read = pages(server, &path, &[]).await;
    assert_eq!(keys_on(&read), keys);
    assert!(read.len() >= 2 && read.iter().all(|page| page.body.len() < 6 * MEBIBYTE), "{} pages", read.len());
    // What is not shown does not count, as long as it does not take long.
    let names = pages(server, &format!("{path}&fields=name"), &[]).await;
    assert_eq!(keys_on(&names), keys);
    assert!(names.len() < 4, "{} pages", names.len());
}

async fn what_has_expired_is_not_listed(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let (id, now) = (ann_id(server).await, server.clock().now());
    for (at, seconds) in [("a", 10), ("b", 20)] {
        let write = write_until(r#"{"n":1}"#, now.plus_seconds(seconds));
        server.store().put(id, &key(at), &write, Precondition::None, now).await.expect("writes");
    }
    server.put(&token, "c", r#"{"n":1}"#).await;
    for (millis, live) in
        [(9_999, &["a", "b", "c"][..]), (10_000, &["b", "c"]), (19_999, &["b", "c"]), (20_000, &["c"])]
    {
        server.clock().set(Timestamp::from_millis(now.as_millis() + millis));
        for path in ["keys", "keys?limit=1", "documents", "documents?limit=1", "documents?where={%22n%22:1}"] {
            let path = format!("/user/{token}/{path}");
            assert_eq!(keys_on(&pages(server, &path, &[]).await), live, "{path} after {millis} ms");
            let head = server.send(Method::HEAD, &path, &[], "").await;
            assert_eq!(head.header("keybin-total"), Some(live.len().to_string().as_str()), "{path}");
        }
    }
}

async fn head_tells_how_many_documents_there_are(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let keys = (0..250).map(|n| format!("k{n:03}"));
    write_all(server, ann_id(server).await, keys.map(|key| (key.clone(), format!(r#"{{"n":"{key}"}}"#)))).await;
    for (query, total) in [
        ("", "250"),
        ("?limit=1", "250"),
        ("?fields=n", "250"),
        ("?prefix=k00&limit=3", "10"),
        ("?after=k239", "250"),
        ("?prefix=k00&after=k005&order=desc", "10"),
        ("?where={%22n%22:{%22$prefix%22:%22k1%22}}&limit=1", "100"),
        ("?prefix=k01&where={%22n%22:{%22$lt%22:%22k015%22}}", "5"),
        ("?where={%22n%22:1}", "0"),
    ] {
        let answer = server.send(Method::HEAD, &format!("/user/{token}/documents{query}"), &[], "").await;
        assert_eq!((answer.status, answer.text()), (200, ""));
        assert_eq!(answer.header("keybin-total"), Some(total), "{query}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}
