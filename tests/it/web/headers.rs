//! What pages say beside what they show: cookies, policies, redirects, and how much they weigh.

use super::PASSWORD;
use crate::harness::ask::{Ask, get, percent, post};
use crate::harness::http::Answer;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_session_is_for_this_site_and_not_for_scripts,
        a_log_in_leads_to_paths_of_our_own_only,
        pages_may_run_nothing_inline_and_are_not_kept,
        assets_are_kept_for_good_under_the_name_of_their_content,
        the_first_page_is_light,
    );
}

fn cookies(answer: &Answer) -> Vec<&str> {
    answer.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, cookie)| cookie.as_str()).collect()
}

/// The form that logs somebody in, as the page has it.
async fn log_in(server: &TestServer<'_>, next: &str, proto: Option<&str>) -> Answer {
    let with_proto = |ask: Ask| match proto {
        Some(proto) => ask.header("X-Forwarded-Proto", proto),
        None => ask,
    };
    let page = with_proto(get(format!("/login?next={}", percent(next)))).for_a_page().ask(server).await;
    let visit = cookies(&page)[0].split(';').next().expect("a cookie").to_owned();
    let token = page.text().split_once("name=\"csrf_token\" value=\"").expect("a form").1.split('"').next();
    let form = [("csrf_token", token.unwrap_or_default()), ("next", next), ("username", "ann"), ("password", PASSWORD)];
    with_proto(post("/login")).header("Cookie", visit).form(&form).ask(server).await
}

async fn a_session_is_for_this_site_and_not_for_scripts(server: &mut TestServer<'_>) {
    server.register("ann", PASSWORD).await;
    let mut seen = Vec::new();
    for (proto, is_secure) in [(None, false), (Some("http"), false), (Some("https"), true), (Some("https"), true)] {
        let answer = log_in(server, "", proto).await;
        let cookie = cookies(&answer)[0];
        let (value, attributes) = cookie.split_once("; ").expect("attributes");
        let secret = value.strip_prefix("keybin_session=").expect("the session");
        assert!(!seen.contains(&secret.to_owned()), "a session anew at each log-in");
        seen.push(secret.to_owned());
        let mut attributes: Vec<_> = attributes.split("; ").collect();
        attributes.sort_unstable();
        let mut expected = vec!["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Lax"];
        if is_secure {
            expected.push("Secure");
        }
        assert_eq!(attributes, expected);
    }
}

async fn a_log_in_leads_to_paths_of_our_own_only(server: &mut TestServer<'_>) {
    server.register("ann", PASSWORD).await;
    for (next, location) in [
        ("", "/dashboard"),
        ("/devices", "/devices"),
        ("/documents/view?key=a%20b", "/documents/view?key=a%20b"),
        ("//example.org/", "/dashboard"),
        ("/\\example.org/", "/dashboard"),
        ("https://example.org/", "/dashboard"),
        ("javascript:alert(1)", "/dashboard"),
        ("/a\r\nX-Injected: 1", "/dashboard"),
    ] {
        let answer = log_in(server, next, None).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some(location)), "{next:?}");
        assert_eq!(answer.header("x-injected"), None);
        // Whoever has a session is led on at once, to the same places.
        let session = cookies(&answer)[0].split(';').next().expect("a cookie").to_owned();
        let again = get(format!("/login?next={}", percent(next))).header("Cookie", session).ask(server).await;
        assert_eq!((again.status, again.header("location")), (303, Some(location)), "{next:?}");
    }
}

async fn pages_may_run_nothing_inline_and_are_not_kept(server: &mut TestServer<'_>) {
    for path in ["/", "/login", "/register", "/no/such/page"] {
        let page = get(path).for_a_page().ask(server).await;
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(policy.contains("form-action 'self'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(!page.text().contains(" style=") && !page.text().contains("<style"), "{path}");
    }
}

/// What a page refers to.
fn references(page: &Answer) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for attribute in ["href=\"", "src=\""] {
        let values = page.text().split(attribute).skip(1).filter_map(|rest| rest.split('"').next());
        found.extend(values.filter(|value| value.starts_with("/assets/")).map(str::to_owned));
    }
    found.sort_unstable();
    found.dedup();
    found
}

async fn assets_are_kept_for_good_under_the_name_of_their_content(server: &mut TestServer<'_>) {
    let page = get("/").for_a_page().ask(server).await;
    let assets = references(&page);
    assert_eq!(assets.len(), 3, "{assets:?}");
    for asset in assets {
        let file = get(&asset).ask(server).await;
        assert_eq!(file.status, 200, "{asset}");
        assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"), "{asset}");
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"), "{asset}");
        // Another content would have another name.
        let other = asset.replace(['0', '1', '2'], "3");
        assert_eq!(get(&other).ask(server).await.status == 200, other == asset, "{other}");
    }
}

async fn the_first_page_is_light(server: &mut TestServer<'_>) {
    let page = get("/").for_a_page().ask(server).await;
    // Nothing comes from anywhere else.
    assert!(!page.text().contains("//"), "{}", page.text());
    let mut bytes = page.body.len();
    for asset in references(&page) {
        bytes += get(&asset).ask(server).await.body.len();
    }
    assert!(bytes < 60_000, "{bytes} bytes");
}
