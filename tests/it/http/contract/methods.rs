//! Methods: HEAD goes where GET goes, and a known path says which it answers to.

use reqwest::Method;

use super::super::assert_problem;
use crate::harness::raw::request;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        head_is_answered_as_get_without_the_body,
        a_known_path_says_which_methods_it_answers_to,
    );
}

/// Of the APIs, only this one.
const ALONE: &str = "[API]\nstow=off\nforms=off\npairs=off\nusers=off\nweb=off\n";

async fn head_is_answered_as_get_without_the_body(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    server.put(&token, "one", "[1,2,3]").await;
    for path in [
        format!("/user/{token}/keys"),
        format!("/user/{token}/store/one"),
        format!("/user/{token}/store/two"),
        format!("/user/{token}/store/a-b"),
        format!("/user/{token}/store/"),
        "/user/x/keys".to_owned(),
        "/user/-/store/one".to_owned(),
        "/nothing".to_owned(),
    ] {
        let get = server.raw(request("GET", &path, &[], "")).await;
        let head = server.raw(request("HEAD", &path, &[], "")).await;
        // A body, if there were one, would stand in the way of the next answer.
        assert_eq!((head.end, get.end), (None, None), "{path}");
        let (mut get, mut head) = (get.answer().clone().undated(), head.answer().clone().undated());
        // Of listings, it also tells how much there is.
        head.headers.retain(|(name, _)| name != "keybin-total");
        assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()), "{path}");
        get.body.clear();
        assert_eq!(head, get, "{path}");
    }
}

async fn a_known_path_says_which_methods_it_answers_to(server: &mut TestServer<'_>) {
    server.restart_with(ALONE).await;
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    server.put(&token, "one", "1").await;
    let (keys, one, none) =
        (format!("/user/{token}/keys"), format!("/user/{token}/store/one"), format!("/user/{token}/store/"));
    for (path, allow) in [
        ("/register", "POST"),
        ("/token", "POST"),
        ("/unregister", "DELETE"),
        (&keys, "GET, HEAD"),
        (&one, "DELETE, GET, HEAD, PATCH, POST, PUT"),
        (&none, "DELETE, GET, HEAD, PATCH, POST, PUT"),
        // Whether the token is any good, nobody asks.
        ("/user/x/keys", "GET, HEAD"),
        ("/user/-/store/one", "DELETE, GET, HEAD, PATCH, POST, PUT"),
        ("/user/-/store/a-b", "DELETE, GET, HEAD, PATCH, POST, PUT"),
    ] {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"] {
            if allow.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let sent = Method::from_bytes(method.as_bytes()).expect("a method");
            let answer = server.send(sent, path, &[("Content-Type", "application/json")], "{}").await;
            assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
            if method == "HEAD" {
                assert_eq!((answer.status, answer.text()), (405, ""), "{path}");
            } else {
                assert_problem(&answer, 405, "method_not_allowed", &format!("This path answers to {allow}"));
            }
        }
    }
    assert_eq!(server.keys(&token).await, ["one"]);
}
