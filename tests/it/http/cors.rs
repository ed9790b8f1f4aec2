//! Which pages of other sites may use the APIs.

use serde_json::json;

use crate::harness::ask::{Ask, get, put};
use crate::harness::http::Answer;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        no_page_of_another_site_may_unless_it_was_configured,
        pages_of_the_origins_that_were_configured_may,
        a_page_of_any_other_origin_may_not,
        a_browser_that_asks_first_is_told_the_methods_of_the_path,
    );
}

const ORIGINS: &str = "[APP]\nallowed_origins=https://app.example.org, http://localhost:3000\n";

fn preflight(path: &str, origin: &str) -> Ask {
    Ask::new("OPTIONS", path)
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "PUT")
        .header("Access-Control-Request-Headers", "content-type, if-match")
}

/// The headers of an answer that are about other origins.
fn cors(answer: &Answer) -> Vec<(String, String)> {
    let ours = answer.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.clone()));
    ours.filter(|(name, _)| name.starts_with("access-control-")).collect()
}

async fn no_page_of_another_site_may_unless_it_was_configured(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let path = format!("/user/{}/store/k", server.token("ann", "pw").await);
    for origin in ["https://app.example.org", "null"] {
        let answer = get(&path).header("Origin", origin).ask(server).await;
        assert_eq!((cors(&answer), answer.header("vary")), (vec![], None));
        let answer = preflight(&path, origin).ask(server).await;
        assert_eq!((answer.status, cors(&answer)), (405, vec![]));
    }
}

async fn pages_of_the_origins_that_were_configured_may(server: &mut TestServer<'_>) {
    server.restart_with(ORIGINS).await;
    server.register("ann", "pw").await;
    let path = format!("/user/{}/store/k", server.token("ann", "pw").await);
    for origin in ["https://app.example.org", "http://localhost:3000"] {
        let write = put(&path).json(json!({ "value": 1 })).header("Origin", origin).ask(server).await;
        let read = get(&path).header("Origin", origin).ask(server).await;
        let lost = get("/nothing/here").header("Origin", origin).ask(server).await;
        let stranger = get("/api/stow").header("Origin", origin).ask(server).await;
        assert!([200, 201].contains(&write.status));
        assert_eq!((read.status, lost.status, stranger.status), (200, 404, 401));
        for answer in [write, read, lost, stranger] {
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin), "{answer:?}");
            assert!(answer.header("access-control-expose-headers").expect("a list").contains("ETag"));
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            assert_eq!(answer.header("vary"), Some("Origin"));
        }
    }
}

async fn a_page_of_any_other_origin_may_not(server: &mut TestServer<'_>) {
    server.restart_with(ORIGINS).await;
    server.register("ann", "pw").await;
    let path = format!("/user/{}/store/k", server.token("ann", "pw").await);
    for origin in [
        "null",
        "*",
        "https://example.org",
        "https://sub.app.example.org",
        "https://app.example.org.evil.test",
        "http://app.example.org",
        "https://app.example.org:8443",
        "https://APP.example.org",
        "http://localhost",
        "http://localhost:30000",
    ] {
        for ask in [get(&path).header("Origin", origin), preflight(&path, origin)] {
            let answer = ask.ask(server).await;
            assert_eq!((cors(&answer), answer.header("vary")), (vec![], Some("Origin")), "{origin}");
        }
    }
    let twice = get(&path).header("Origin", "https://app.example.org").header("Origin", "https://evil.test");
    assert_eq!(cors(&twice.ask(server).await), []);
}

async fn a_browser_that_asks_first_is_told_the_methods_of_the_path(server: &mut TestServer<'_>) {
    server.restart_with(ORIGINS).await;
    let origin = "https://app.example.org";
    // It asks without the token of the page, whatever stands in the path.
    let answer = preflight("/user/-/store/k", origin).ask(server).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
    assert_eq!(answer.header("access-control-allow-methods"), Some("DELETE, GET, HEAD, PATCH, POST, PUT"));
    let headers = answer.header("access-control-allow-headers").expect("a list").to_ascii_lowercase();
    for name in ["authorization", "content-type", "if-match", "if-none-match"] {
        assert!(headers.contains(name), "{headers}");
    }
    assert_eq!(answer.header("access-control-max-age"), Some("600"));
    let nowhere = preflight("/nothing/here", origin).ask(server).await;
    assert_eq!((nowhere.status, nowhere.header("access-control-allow-methods")), (404, None));
    let plain = Ask::new("OPTIONS", "/user/-/store/k").header("Origin", origin).ask(server).await;
    assert_eq!(plain.status, 405);
}
