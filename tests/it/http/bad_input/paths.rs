//! Paths that lead nowhere, however they are spelled.

use super::{JSON, Row, bare, get, post, refused, row};
use crate::harness::raw::request;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        empty_segments_lead_nowhere,
        a_slash_at_the_end_makes_another_path,
        dots_are_not_folded,
        a_token_is_one_whole_segment,
        unknown_paths_are_not_found_by_any_method,
        targets_that_are_none_are_refused,
    );
}

/// Read and written.
fn both(path: &str, status: u16, code: &'static str) -> [Row; 2] {
    [row(path, get(path), status, code), row(path, post(path, r#"{"value":1}"#), status, code)]
}

async fn empty_segments_lead_nowhere(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for path in [
            "//",
            "//register",
            "/register//",
            "//token",
            "//user/-/keys",
            &format!("//user/{token}/keys"),
            &format!("/user//{token}/keys"),
            &format!("/user/{token}//keys"),
            &format!("/user/{token}/keys//"),
            &format!("/user/{token}/store//one"),
            &format!("/user/{token}/store/one//"),
            &format!("/user/{token}//store/one"),
            &format!("/user/{token}/store//"),
            &format!("/user/{token}/store///one"),
            "/user///keys",
            "/user//keys",
        ] {
            rows.extend(both(path, 404, "not_found"));
        }
        rows
    })
    .await;
}

async fn a_slash_at_the_end_makes_another_path(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for key in ["one", "new", "a.b"] {
            rows.extend(both(&format!("/user/{token}/store/{key}/"), 400, "invalid_key"));
        }
        rows.extend(both(&format!("/user/{token}/store/"), 400, "invalid_key"));
        rows
    })
    .await;
}

async fn dots_are_not_folded(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for path in [
            &format!("/user/{token}/./keys"),
            &format!("/user/{token}/store/../keys"),
            &format!("/user/{token}/store/./one"),
            &format!("/user/{token}/store/one/../one"),
            &format!("/user/x/../{token}/keys"),
            &format!("/./user/{token}/keys"),
            &format!("/nowhere/../user/{token}/keys"),
            &format!("/user/{token}/%2e/keys"),
            "/../register",
            "/user/../register",
        ] {
            rows.extend(both(path, 404, "not_found"));
        }
        rows
    })
    .await;
}

async fn a_token_is_one_whole_segment(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for segment in [
            ".",
            "..",
            "%2e%2e",
            "%00",
            "%2F",
            "%FF",
            "%C0%AF",
            "%20",
            "%0d%0a",
            "$ne",
            "{\"$ne\":null}",
            "é",
            "--",
            "-%00",
            "%2d%2f",
            &format!("{token}%00"),
            &format!("{token}%20"),
            &format!("%20{token}"),
            &format!("{token}%2F"),
            &format!("{token};x"),
            &format!("{token}.."),
            &format!("{token}%FF"),
            &token[..35],
            &"x".repeat(50_000),
        ] {
            rows.extend(both(&format!("/user/{segment}/store/one"), 403, "invalid_token"));
            let keys = format!("/user/{segment}/keys");
            rows.push(row(&keys, get(&keys), 403, "invalid_token"));
        }
        rows
    })
    .await;
}

async fn unknown_paths_are_not_found_by_any_method(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for path in [
            "/nowhere".to_owned(),
            "/REGISTER".to_owned(),
            "/regist%00er".to_owned(),
            "/register%2F".to_owned(),
            "/register;x".to_owned(),
            "/token%20".to_owned(),
            "/user".to_owned(),
            "/user/".to_owned(),
            format!("/user/{token}"),
            format!("/user/{token}/"),
            format!("/USER/{token}/keys"),
            format!("/user/{token}/key"),
            format!("/user/{token}/keys/one"),
            format!("/user/{token}/store/one/two"),
            format!("/user/{token}/keys%2f"),
            "/.git/config".to_owned(),
            "/%FF".to_owned(),
        ] {
            for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
                let what = format!("{method} {path}");
                rows.push(row(what, request(method, &path, &[JSON], "{}"), 404, "not_found"));
            }
        }
        rows
    })
    .await;
}

async fn targets_that_are_none_are_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let line = |line: &str| format!("{line}\r\nHost: keybin\r\n\r\n").into_bytes();
        vec![
            row("an asterisk", line("OPTIONS * HTTP/1.1"), 404, "not_found"),
            row("an authority", line("CONNECT keybin:80 HTTP/1.1"), 400, "bad_request"),
            row("an authority for GET", line("GET keybin:80 HTTP/1.1"), 400, "bad_request"),
            row("another site", line("GET http://other.example/nowhere HTTP/1.1"), 404, "not_found"),
            bare("no slash", line(&format!("GET user/{token}/keys HTTP/1.1")), 400),
            bare("a blank", line(&format!("GET /user/{token}/store/a b HTTP/1.1")), 400),
            bare("longer than any", line(&format!("GET /user/{} HTTP/1.1", "x".repeat(70_000))), 414),
        ]
    })
    .await;
}
