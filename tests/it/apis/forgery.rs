//! What pages of other sites may try in somebody's browser, which adds a remembered password or a session by itself.

use serde_json::json;

use super::{PASSWORD, session};
use crate::harness::ask::{Ask, delete, get, post, put};
use crate::harness::http::{Answer, Http};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        no_form_changes_the_method_of_its_request,
        pages_of_other_sites_change_nothing_with_a_password,
        pages_of_other_sites_change_nothing_with_a_session,
        pages_of_other_sites_log_nobody_in,
        pages_of_other_sites_may_read_and_do_not_see,
        own_pages_may_do_everything,
        a_form_needs_the_token_of_its_session,
        programs_need_no_form_token,
        a_token_that_no_browser_adds_is_good_from_anywhere,
    );
}

const FOREIGN: &str = "The request comes from another site";

/// The headers of a request that a page of another site makes; the server is `http://keybin`.
const ELSEWHERE: [&[(&str, &str)]; 16] = [
    &[("Sec-Fetch-Site", "cross-site")],
    &[("Sec-Fetch-Site", "same-site")],
    &[("Sec-Fetch-Site", "cross-site"), ("Origin", "http://keybin")],
    &[("Sec-Fetch-Site", "cross-site"), ("Origin", "https://example.org"), ("Sec-Fetch-Mode", "navigate")],
    &[("Sec-Fetch-Site", "x")],
    &[("Sec-Fetch-Site", "")],
    &[("Origin", "null")],
    &[("Origin", "")],
    &[("Origin", "https://example.org")],
    &[("Origin", "http://keybin:8080")],
    &[("Origin", "http://www.keybin")],
    &[("Origin", "http://keybin.example.org")],
    &[("Origin", "http://xkeybin")],
    &[("Origin", "http://keybin@example.org")],
    &[("Origin", "file://")],
    &[("Origin", "keybin")],
];

/// The headers of a request that a page of the server itself makes, or somebody who types the address.
const HERE: [&[(&str, &str)]; 4] = [
    &[("Sec-Fetch-Site", "same-origin"), ("Origin", "http://keybin")],
    &[("Sec-Fetch-Site", "same-origin")],
    &[("Sec-Fetch-Site", "none")],
    &[("Origin", "http://keybin")],
];

trait From_ {
    fn asked_by(self, headers: &[(&str, &str)]) -> Self;
}

impl From_ for Ask {
    fn asked_by(self, headers: &[(&str, &str)]) -> Self {
        headers.iter().fold(self, |request, (name, value)| request.header(name, value))
    }
}

/// Somebody whose browser remembers it all, and what must be as it was in the end.
struct Victim {
    session: String,
    form_token: String,
    token: String,
    rows: u64,
}

impl Victim {
    async fn of(server: &mut TestServer<'_>) -> Self {
        server.register("ann", PASSWORD).await;
        let token = server.token("ann", PASSWORD).await;
        server.put(&token, "one", "\"kept\"").await;
        let (session, form_token) = session(server, "ann", PASSWORD).await;
        let rows = server.rows().await;
        let victim = Self { session, form_token, token, rows };
        // From here on the password is remembered.
        victim.look(server).await;
        victim
    }

    async fn look(&self, http: &Http) {
        let entries = get("/api/stow").basic("ann", PASSWORD).ask(http).await.json();
        assert_eq!(entries["entries"].as_object().map(serde_json::Map::len), Some(1), "{entries}");
        assert_eq!(entries["entries"]["one"]["value"], "kept");
        let answer = get("/api/data/retrieve?key=one").session(&self.session).ask(http).await;
        assert_eq!(answer.json()["data"]["value"], "kept", "{answer:?}");
        assert_eq!(http.keys(&self.token).await, ["one"]);
    }

    async fn assert_unharmed(&self, server: &mut TestServer<'_>) {
        self.look(server).await;
        assert_eq!(server.rows().await, self.rows);
        self.look(server).await;
    }

    /// Everything that a remembered password could change.
    fn by_password(&self) -> [Ask; 8] {
        let value = json!({ "value": "changed" });
        [
            put("/api/stow/one").json(&value),
            put("/api/stow/two").json(&value),
            put("/api/stow/one").body("text/plain", value.to_string()),
            delete("/api/stow/one"),
            delete("/api/user"),
            delete("/api/user").form(&[("name", "ann")]),
            get("/api/token"),
            Ask::new("HEAD", "/api/token"),
        ]
        .map(|request| request.basic("ann", PASSWORD))
    }

    /// Everything that a session could change: as a page would send it that knows the form token, and as one that does
    /// not.
    fn by_session(&self) -> Vec<Ask> {
        let one = [("key", "one"), ("value", "changed"), ("csrf_token", &self.form_token)];
        let two = [("key", "two"), ("value", "changed"), ("csrf_token", &self.form_token)];
        let json = json!({ "key": "one", "value": "changed" });
        let mut requests = vec![get("/api/logout"), Ask::new("HEAD", "/api/logout"), get("/api/logout").for_a_page()];
        for path in ["/api/data/update", "/api/data/delete"] {
            requests.extend([
                post(path).form(&one),
                post(path).form(&one[..2]),
                post(path).form(&one).for_a_page(),
                post(path).form(&one[..2]).header("X-CSRF-Token", &self.form_token),
                post(path).json(&json),
                post(path).body("text/plain", json.to_string()),
                post(path).body("multipart/form-data; boundary=x", multipart(&one)),
            ]);
        }
        requests.extend([post("/api/data").form(&two), post("/api/data").form(&two[..2])]);
        requests.into_iter().map(|request| request.session(&self.session)).collect()
    }
}

/// The fields as a browser sends them in parts, with this boundary: `x`.
fn multipart(fields: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    fields.iter().map(part).chain(["--x--\r\n".to_owned()]).collect()
}

/// That a page of another site was turned away, in the words of the API.
#[track_caller]
fn assert_foreign(answer: &Answer, what: &Ask) {
    assert_eq!(answer.status, 403, "{what}: {answer:?}");
    if !answer.body.is_empty() {
        assert_eq!(answer.json()["message"], FOREIGN, "{what}");
    }
    assert_eq!(answer.header("set-cookie"), None, "{what}");
}

async fn no_form_changes_the_method_of_its_request(server: &mut TestServer<'_>) {
    let victim = Victim::of(server).await;
    let form = "application/x-www-form-urlencoded";
    let token = &victim.token;
    let paths = [
        "/api/user".to_owned(),
        "/api/token".to_owned(),
        "/api/stow".to_owned(),
        "/api/stow/one".to_owned(),
        "/api/stow/two".to_owned(),
        "/api/logout".to_owned(),
        "/api/data/retrieve?key=one".to_owned(),
        "/api/users".to_owned(),
        "/keyvaluepairs/one".to_owned(),
        "/unregister".to_owned(),
        "/register".to_owned(),
        format!("/user/{token}/store/one"),
        format!("/user/{token}/keys"),
    ];
    for path in &paths {
        for method in ["delete", "DELETE", "put", "Put", "patch", "get", "head"] {
            let fields =
                [("_method", method), ("key", "one"), ("value", "changed"), ("name", "ann"), ("username", "ann")];
            let plain = format!("_method={method}");
            let whole = format!("_method={method}&key=one&value=changed&name=ann&username=ann");
            for request in [
                post(path).body(form, plain.as_str()),
                post(path).body(form, whole.as_str()),
                post(path).body(&format!("{form};charset=utf-8"), whole.as_str()),
                post(path).body(form, format!("%5Fmethod={method}")),
                post(path).body("multipart/form-data; boundary=x", multipart(&fields)),
                post(path).body("text/plain", whole.as_str()),
                post(path).header("X-HTTP-Method-Override", method.to_uppercase()),
            ] {
                for request in [request.clone().basic("ann", PASSWORD), request.session(&victim.session)] {
                    let answer = request.ask(server).await;
                    assert!((400..500).contains(&answer.status), "{request}: {answer:?}");
                }
            }
        }
    }
    victim.assert_unharmed(server).await;
    // What such a form asks for where forms are taken is what it says there, and no page of another site may ask.
    for path in ["/api/data", "/api/data/update", "/api/data/delete"] {
        for method in ["delete", "put", "patch", "get"] {
            let fields = [("_method", method), ("key", "one"), ("value", "changed")];
            let request = post(path).form(&fields).session(&victim.session).asked_by(ELSEWHERE[8]);
            assert_foreign(&request.ask(server).await, &request);
        }
    }
    victim.assert_unharmed(server).await;
    let fields = [("_method", "get"), ("key", "one")];
    let answer = post("/api/data/delete").form(&fields).session(&victim.session).ask(server).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

async fn pages_of_other_sites_change_nothing_with_a_password(server: &mut TestServer<'_>) {
    let victim = Victim::of(server).await;
    for headers in ELSEWHERE {
        for request in victim.by_password() {
            let request = request.asked_by(headers);
            assert_foreign(&request.ask(server).await, &request);
        }
        // Nor do they learn whether the password is right.
        let request = delete("/api/user").basic("ann", "wrong").asked_by(headers);
        assert_foreign(&request.ask(server).await, &request);
    }
    victim.assert_unharmed(server).await;
}

async fn pages_of_other_sites_change_nothing_with_a_session(server: &mut TestServer<'_>) {
    let victim = Victim::of(server).await;
    for headers in ELSEWHERE {
        for request in victim.by_session() {
            let request = request.asked_by(headers);
            assert_foreign(&request.ask(server).await, &request);
        }
    }
    victim.assert_unharmed(server).await;
}

/// Or else somebody would find themselves in an account of the attacker's, and leave there what is their own.
async fn pages_of_other_sites_log_nobody_in(server: &mut TestServer<'_>) {
    let victim = Victim::of(server).await;
    server.register("eve", PASSWORD).await;
    let rows = server.rows().await;
    let login = [("username", "eve"), ("password", PASSWORD)];
    for headers in ELSEWHERE {
        for request in [
            post("/api/login").form(&login),
            post("/api/login").form(&login).for_a_page(),
            post("/api/login").form(&login).session(&victim.session),
            post("/api/login").json(json!({ "username": "eve", "password": PASSWORD })),
        ] {
            let request = request.asked_by(headers);
            assert_foreign(&request.ask(server).await, &request);
        }
    }
    assert_eq!(server.rows().await, rows);
    for headers in HERE {
        let answer = post("/api/login").form(&login).asked_by(headers).ask(server).await;
        assert!(answer.status == 200 && answer.header("set-cookie").is_some(), "{answer:?}");
    }
}

async fn pages_of_other_sites_may_read_and_do_not_see(server: &mut TestServer<'_>) {
    let victim = Victim::of(server).await;
    for headers in ELSEWHERE {
        for request in [
            get("/api/stow/one").basic("ann", PASSWORD),
            get("/api/user").basic("ann", PASSWORD),
            get("/api/data/retrieve?key=one").session(&victim.session),
            get("/api/data/retrieve?key=one").session(&victim.session).for_a_page(),
        ] {
            let answer = request.asked_by(headers).ask(server).await;
            assert_eq!(answer.status, 200);
            assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("access-control-")), "{answer:?}");
        }
        // Nobody is told in advance that they may.
        for path in ["/api/stow/one", "/api/user", "/api/data", "/api/login", "/keyvaluepairs/one", "/unregister"] {
            let preflight = Ask::new("OPTIONS", path).header("Access-Control-Request-Method", "DELETE");
            let preflight = preflight.header("Access-Control-Request-Headers", "authorization, content-type");
            let answer = preflight.asked_by(headers).ask(server).await;
            assert_eq!(answer.status, 405, "{path}: {answer:?}");
            assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("access-control-")), "{answer:?}");
        }
    }
    victim.assert_unharmed(server).await;
}

async fn own_pages_may_do_everything(server: &mut TestServer<'_>) {
    for headers in HERE {
        let victim = Victim::of(server).await;
        let (basic, cookie) =
            (|request: Ask| request.basic("ann", PASSWORD), |request: Ask| request.session(&victim.session));
        let field = ("csrf_token", victim.form_token.as_str());
        for request in [
            cookie(post("/api/data/update").form(&[("key", "one"), ("value", "x"), field])),
            cookie(post("/api/data/delete").form(&[field, ("key", "one")]).for_a_page()),
            cookie(
                post("/api/data").form(&[("key", "two"), ("value", "x")]).header("X-CSRF-Token", &victim.form_token),
            ),
            // What no form can send needs no token.
            cookie(post("/api/data/update").json(r#"{"key":"two","value":"y"}"#)),
            cookie(get("/api/logout")),
            basic(put("/api/stow/two").json(r#"{"value":"z"}"#)),
            basic(delete("/api/stow/two")),
            basic(get("/api/token")),
            basic(delete("/api/user")),
        ] {
            let request = request.asked_by(headers);
            let answer = request.ask(server).await;
            assert_eq!(answer.status, 200, "{request}: {answer:?}");
        }
    }
}

async fn a_form_needs_the_token_of_its_session(server: &mut TestServer<'_>) {
    let victim = Victim::of(server).await;
    server.register("eve", PASSWORD).await;
    let others = [session(server, "eve", PASSWORD).await.1, session(server, "ann", PASSWORD).await.1];
    let rows = server.rows().await;
    let upper = victim.form_token.to_uppercase();
    let cut = &victim.form_token[1..];
    let wrong = ["", " ", "x", &others[0], &others[1], &upper, cut, &victim.session, &victim.token];
    let refused = json!({
        "status": "error", "code": "INVALID_FORM_TOKEN",
        "message": "The form token is missing or wrong; load the page again",
    });
    let right = victim.form_token.as_str();
    for headers in HERE {
        for (path, key) in [("/api/data", "two"), ("/api/data/update", "one"), ("/api/data/delete", "one")] {
            let fields = [("key", key), ("value", "changed")];
            let mut requests = vec![post(path).form(&fields)];
            for token in wrong {
                let [key, value] = fields;
                requests.push(post(path).form(&[key, value, ("csrf_token", token)]));
                requests.push(post(path).form(&fields).header("X-CSRF-Token", token));
                requests.push(post(path).form(&[key, value, ("csrf_token", right)]).header("X-CSRF-Token", token));
                requests.push(post(path).form(&[key, value, ("CSRF_TOKEN", right), ("csrf_token", token)]));
            }
            for request in requests {
                let answer = request.session(&victim.session).asked_by(headers).ask(server).await;
                assert_eq!((answer.status, answer.json()), (403, refused.clone()));
            }
            // Forms that this API does not read change nothing either.
            for request in [
                post(path).body("multipart/form-data; boundary=x", multipart(&fields)),
                post(path).body("text/plain", "key=one\r\nvalue=changed\r\n"),
                post(path).body("text/plain", r#"{"key":"one","value":"changed"}"#),
            ] {
                let answer = request.session(&victim.session).asked_by(headers).ask(server).await;
                assert!(matches!(answer.status, 400 | 403), "{answer:?}");
            }
        }
    }
    victim.look(server).await;
    assert_eq!(server.rows().await, rows);
}

async fn programs_need_no_form_token(server: &mut TestServer<'_>) {
    let victim = Victim::of(server).await;
    for (path, key) in [("/api/data", "two"), ("/api/data/update", "two"), ("/api/data/delete", "two")] {
        let request = post(path).form(&[("key", key), ("value", "x")]).session(&victim.session);
        let answer = request.ask(server).await;
        assert_eq!(answer.status, 200, "{request}: {answer:?}");
    }
    victim.assert_unharmed(server).await;
    let answer = delete("/api/user").basic("ann", PASSWORD).ask(server).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

async fn a_token_that_no_browser_adds_is_good_from_anywhere(server: &mut TestServer<'_>) {
    let victim = Victim::of(server).await;
    for headers in ELSEWHERE {
        for request in [
            post(format!("/user/{}/store/one", victim.token)).json(r#"{"value":"kept"}"#),
            post("/user/-/store/one").bearer(&victim.token).json(r#"{"value":"kept"}"#),
            post("/api/data/update").bearer(&victim.token).json(r#"{"key":"one","value":"kept"}"#),
            post("/api/data/update").bearer(&victim.token).form(&[("key", "one"), ("value", "kept")]),
            put("/keyvaluepairs/one").bearer(&victim.token).json(r#"{"value_name":"kept"}"#),
        ] {
            let request = request.asked_by(headers);
            let answer = request.ask(server).await;
            assert_eq!(answer.status, 200, "{request}: {answer:?}");
        }
    }
    victim.assert_unharmed(server).await;
}
