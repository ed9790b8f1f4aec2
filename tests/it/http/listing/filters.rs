//! `where`: what is found, and what is no filter.

use reqwest::Method;
use serde_json::json;

use super::super::assert_problem;
use super::{ann, ann_id, encoded, keys_on, pages, write_all};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_filter_finds_what_it_wants,
        a_filter_is_paged_like_everything,
        a_filter_that_wants_little_is_looked_for_in_parts,
        what_is_no_filter_is_told_with_its_place,
    );
}

async fn a_filter_finds_what_it_wants(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    for (key, value) in [
        ("ann", json!({ "city": "Paris", "age": 18, "tags": ["a", "b"] })),
        ("bob", json!({ "city": "Paris", "age": 17, "home": { "zip": "75001" } })),
        ("cy", json!({ "city": "Rome", "age": 40.5, "tags": [["a"], { "b": 1 }] })),
        ("dee", json!({ "city": null, "age": "18" })),
        ("eve", json!(18)),
        ("fay", json!(["Paris", { "city": "Paris" }])),
    ] {
        server.put(&token, key, value).await;
    }
    for (filter, found) in [
        (r#"{}"#, &["ann", "bob", "cy", "dee", "eve", "fay"][..]),
        (r#"{"city":"Paris","age":{"$gte":18}}"#, &["ann"]),
        (r#"{"city":"Paris"}"#, &["ann", "bob", "fay"]),
        (r#"{"city":{"$eq":"Paris"}}"#, &["ann", "bob", "fay"]),
        (r#"{"city":{"$ne":"Paris"}}"#, &["cy", "dee", "eve"]),
        (r#"{"age":{"$gt":17,"$lt":41}}"#, &["ann", "cy"]),
        (r#"{"age":{"$lte":18}}"#, &["ann", "bob"]),
        (r#"{"city":{"$in":["Rome",null]}}"#, &["cy", "dee", "eve"]),
        (r#"{"city":{"$nin":["Rome",null]}}"#, &["ann", "bob", "fay"]),
        (r#"{"home":{"$exists":true}}"#, &["bob"]),
        (r#"{"home.zip":{"$prefix":"75"}}"#, &["bob"]),
        (r#"{"$or":[{"age":17},{"city":"Rome"}]}"#, &["bob", "cy"]),
        (r#"{"$and":[{"age":{"$gt":1}},{"city":"Rome"}]}"#, &["cy"]),
        (r#"{"age":{"$not":{"$gt":17}}}"#, &["bob", "dee", "eve", "fay"]),
        (r#"{"tags":"a"}"#, &["ann"]),
        (r#"{"tags.0":"a"}"#, &["ann"]),
        (r#"{"tags.1.b":1}"#, &["cy"]),
        (r#"{"1.city":"Paris"}"#, &["fay"]),
        (r#"{"$eq":18}"#, &["eve"]),
        (r#"{"city":"paris"}"#, &[]),
    ] {
        let path = format!("/user/{token}/documents?where={}", encoded(filter));
        assert_eq!(keys_on(&pages(server, &path, &[]).await), found, "{filter}");
        assert_eq!(keys_on(&pages(server, &format!("{path}&limit=1"), &[]).await), found, "{filter}");
        let head = server.send(Method::HEAD, &path, &[], "").await;
        assert_eq!(head.header("keybin-total"), Some(found.len().to_string().as_str()), "{filter}");
    }
}

async fn a_filter_is_paged_like_everything(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let documents = (0..300).map(|n| (format!("k{n:03}"), format!(r#"{{"n":{n},"odd":{}}}"#, n % 2)));
    write_all(server, ann_id(server).await, documents).await;
    let mut odd: Vec<String> = (100..200).filter(|n| n % 2 == 1).map(|n| format!("k{n}")).collect();
    for order in ["asc", "desc"] {
        for limit in [1, 7, 49, 50, 1000] {
            let filter = encoded(r#"{"odd":1}"#);
            let path = format!("/user/{token}/documents?prefix=k1&order={order}&limit={limit}&where={filter}&fields=n");
            let pages = pages(server, &path, &[]).await;
            assert_eq!(keys_on(&pages), odd, "{order} {limit}");
            assert!(pages.iter().all(|page| keys_on(std::slice::from_ref(page)).len() <= limit));
        }
        odd.reverse();
    }
    let exact = encoded(r#"{"n":{"$lt":4}}"#);
    let all = server.get(&format!("/user/{token}/documents?limit=4&where={exact}")).await;
    assert_eq!((keys_on(std::slice::from_ref(&all)).len(), all.header("link")), (4, None));
}

async fn a_filter_that_wants_little_is_looked_for_in_parts(server: &mut TestServer<'_>) {
    const MANY: usize = 10_100;
    let token = ann(server).await;
    let documents = (0..MANY).map(|n| (format!("k{n:05}"), n.to_string()));
    write_all(server, ann_id(server).await, documents).await;
    for (filter, found) in [(r#"{"$gte":10090}"#, 10), (r#"{"$lt":10}"#, 10), (r#"{"$lt":0}"#, 0), ("{}", MANY)] {
        let path = format!("/user/{token}/documents?limit=1000&where={}", encoded(filter));
        let pages = pages(server, &path, &[]).await;
        assert_eq!(keys_on(&pages).len(), found, "{filter}");
        assert!(pages.len() >= 2, "{filter}: {} pages", pages.len());
        let head = server.send(Method::HEAD, &path, &[], "").await;
        assert_eq!(head.header("keybin-total"), Some(found.to_string().as_str()), "{filter}");
    }
}

async fn what_is_no_filter_is_told_with_its_place(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    server.put(&token, "a", r#"{"a":1}"#).await;
    let bomb = format!("{}1{}", r#"{"a":{"$not":"#.repeat(100), "}}".repeat(100));
    for (filter, place, what) in [
        (r#"{"$where":"sleep(1000)"}"#, "/$where", "$where is no operator that may stand here"),
        (r#"{"$expr":{"$eq":[1,1]}}"#, "/$expr", "$expr is no operator that may stand here"),
        (r#"{"a":{"$regex":"."}}"#, "/a/$regex", "$regex is no operator that may stand here"),
        (r#"{"a":{"$type":"int"}}"#, "/a/$type", "$type is no operator that may stand here"),
        (r#"{"b":1,"a":{"$in":1}}"#, "/a/$in", "a list of at most 1000 values is expected"),
        (r#"{"$or":[{"a":1},{"a":{"$prefix":2}}]}"#, "/$or/1/a/$prefix", "a string of at most 1024 bytes is expected"),
        (r#"{"a..b":1}"#, "/a..b", "a path has 1 to 64 parts between dots, none of them empty"),
        ("[]", "", "a filter is an object"),
    ] {
        let answer = server.get(&format!("/user/{token}/documents?where={}", encoded(filter))).await;
        assert_problem(&answer, 400, "invalid_filter", &format!("Filter: at \\\"{place}\\\" of the filter: {what}"));
    }
    for filter in
        ["", "{", "null", "{\"a\":1e999}", "{\"a\":1,\"a\":2}", &bomb, &format!("{{\"a\":\"{}\"}}", "x".repeat(9000))]
    {
        let answer = server.get(&format!("/user/{token}/documents?where={}", encoded(filter))).await;
        if filter.len() < 9000 {
            assert_eq!(
                (answer.status, answer.code().as_deref()),
                (400, Some("invalid_filter")),
                "{filter}: {answer:?}"
            );
        } else {
            assert_eq!((answer.status, keys_on(&[answer])), (200, vec![]), "long is not wrong");
        }
    }
}
