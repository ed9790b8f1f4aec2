//! Every route that is mounted is told of, and nothing else is.

use std::collections::BTreeSet;

use super::told::Document;
use crate::harness::ask::get;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        every_route_is_told_of_and_nothing_else,
        what_people_read_names_every_route_of_the_apis,
        what_is_closed_is_not_told_of,
        both_are_there_whatever_is_open,
    );
}

const API: &str = include_str!("../../../docs/API.md");

/// What need not be told of: files that pages refer to, and a path whose last variable is empty, which is refused in
/// better words than "not found".
const UNTOLD: [(&str, &str); 7] = [
    ("GET", "/assets/{}"),
    ("GET", "/user/{}/store"),
    ("POST", "/user/{}/store"),
    ("PUT", "/user/{}/store"),
    ("PATCH", "/user/{}/store"),
    ("DELETE", "/user/{}/store"),
    ("POST", "/user/{}/increment"),
];

/// Of which only these are there, and told of one by one.
const SPELLED_OUT: [(&str, &[&str]); 3] = [
    ("/account/{}", &["/account/profile", "/account/password", "/account/delete", "/account/import"]),
    ("/accounts/{}", &["/accounts/password", "/accounts/remove"]),
    ("/devices/{}", &["/devices/issue", "/devices/revoke", "/devices/revoke-others"]),
];

type Routes = BTreeSet<(String, String)>;

/// A path without the names of its variables.
fn nameless(path: &str, open: char, close: char) -> String {
    let mut parts = path.split(open);
    let first = parts.next().unwrap_or_default().to_owned();
    let path = parts.fold(first, |path, part| format!("{path}{{}}{}", part.split_once(close).expect("it closes").1));
    if path == "/" { path } else { path.trim_end_matches('/').to_owned() }
}

fn mounted(server: &TestServer<'_>) -> Routes {
    let routes = server.routes().iter();
    let spelled_out = |path: String| match SPELLED_OUT.iter().find(|(variable, _)| *variable == path) {
        Some((_, paths)) => paths.iter().map(|path| (*path).to_owned()).collect(),
        None => vec![path],
    };
    let paths = |(method, path): &(String, String)| {
        let paths = spelled_out(nameless(path, '<', '>')).into_iter();
        paths.map(|path| (method.clone(), path)).collect::<Vec<_>>()
    };
    routes.flat_map(paths).collect()
}

fn told(document: &Document) -> Routes {
    let operations = document.operations().into_iter();
    operations.map(|operation| (operation.method.clone(), nameless(operation.path, '{', '}'))).collect()
}

async fn every_route_is_told_of_and_nothing_else(server: &mut TestServer<'_>) {
    let (mounted, told) = (mounted(server), told(&Document::of(server).await));
    let untold: Routes = UNTOLD.map(|(method, path)| (method.to_owned(), path.to_owned())).into();
    assert_eq!(untold.difference(&mounted).count(), 0, "an exception that is none any more");
    let missing: Vec<_> = mounted.difference(&told).filter(|route| !untold.contains(route)).collect();
    assert!(missing.is_empty(), "not told of: {missing:?}");
    // Where there is GET there is HEAD.
    let answers = |(method, path): &&(String, String)| {
        let method = if method == "HEAD" { "GET".to_owned() } else { method.clone() };
        !mounted.contains(&(method, path.clone()))
    };
    let invented: Vec<_> = told.iter().filter(answers).collect();
    assert!(invented.is_empty(), "not there: {invented:?}");
    assert!(told.len() > 80, "{}", told.len());
}

/// `docs/API.md` names each with its method on one line. Pages are for people, and need none.
async fn what_people_read_names_every_route_of_the_apis(server: &mut TestServer<'_>) {
    let document = Document::of(server).await;
    for operation in document.operations().iter().filter(|operation| operation.told["tags"][0] != "Web") {
        let path = operation.path.replace('{', "<").replace('}', ">");
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || "/<_".contains(c));
        let names = |line: &&str| {
            line.contains(&operation.method) && line.match_indices(&path).any(|(at, _)| ends(&line[at + path.len()..]))
        };
        assert!(API.lines().any(|line| names(&line)), "docs/API.md does not name {}", operation.name());
    }
}

async fn what_is_closed_is_not_told_of(server: &mut TestServer<'_>) {
    for (api, name) in [
        ("keybin", "Keybin"),
        ("stow", "Stow"),
        ("forms", "Forms"),
        ("pairs", "Pairs"),
        ("users", "Users"),
        ("web", "Web"),
    ] {
        let is_told =
            |document: &Document| document.0["tags"].as_array().expect("tags").iter().any(|t| t["name"] == name);
        server.restart_with("").await;
        assert!(is_told(&Document::of(server).await), "{name}");
        server.restart_with(&format!("[API]\n{api}=off\n")).await;
        let document = Document::of(server).await;
        assert!(!is_told(&document), "{name}");
        for operation in document.operations() {
            assert_ne!(operation.told["tags"][0], name, "{}", operation.name());
        }
    }
}

async fn both_are_there_whatever_is_open(server: &mut TestServer<'_>) {
    server.restart_with("[API]\nkeybin=off\nstow=off\nforms=off\npairs=off\nusers=off\nweb=off\n").await;
    let document = Document::of(server).await;
    let told: Vec<_> = document.operations().iter().map(super::told::Operation::name).collect();
    let there = ["GET /docs", "GET /healthz", "GET /metrics", "GET /openapi.json", "GET /readyz", "GET /version"];
    assert_eq!(told, there);
    let page = get("/docs").for_a_page().ask(server).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
    // What the page refers to is there, too, and nothing is elsewhere.
    assert!(!page.text().contains("://") && !page.text().contains(" style="));
    let style = page.text().split("href=\"").find(|rest| rest.starts_with("/assets/") && rest.contains(".css\""));
    let style = style.and_then(|rest| rest.split('"').next()).expect("a style sheet");
    assert_eq!(get(style).ask(server).await.status, 200);
}
