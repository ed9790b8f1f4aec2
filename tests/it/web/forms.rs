//! Every form carries the token of its own session. With none, a wrong one, or that of somebody else, it is refused and
//! changes nothing.

use super::PASSWORD;
use crate::harness::ask::{Ask, get, post};
use crate::harness::http::Answer;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_form_without_its_token_changes_nothing,
        with_its_token_every_form_does_its_work,
        before_a_session_forms_carry_the_token_of_the_visit,
        a_page_of_another_site_can_send_no_form,
    );
}

/// A session with the token of its forms.
struct Visitor {
    session: String,
    form_token: String,
}

/// The cookie of this name that an answer sets.
fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let set = answer.headers.iter().filter(|(header, _)| header == "set-cookie").map(|(_, cookie)| cookie);
    let value = set.filter_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('=')?.split(';').next()).next_back();
    value.map(str::to_owned)
}

/// The form token on a page.
fn form_token(page: &Answer) -> String {
    let at = "name=\"csrf_token\" value=\"";
    let token = page.text().split_once(at).and_then(|(_, rest)| rest.split('"').next());
    token.unwrap_or_else(|| panic!("no form on the page: {page:?}")).to_owned()
}

async fn visit(server: &TestServer<'_>) -> (String, String) {
    let page = get("/login").for_a_page().ask(server).await;
    (cookie(&page, "keybin_visit").expect("a visit"), form_token(&page))
}

async fn log_in(server: &TestServer<'_>, name: &str) -> Visitor {
    let (visit, token) = visit(server).await;
    let form = [("csrf_token", &*token), ("username", name), ("password", PASSWORD)];
    let answer = post("/login").header("Cookie", format!("keybin_visit={visit}")).form(&form).ask(server).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/dashboard")), "{answer:?}");
    let session = cookie(&answer, "keybin_session").expect("a session");
    let page = get("/dashboard").session(&session).for_a_page().ask(server).await;
    Visitor { form_token: form_token(&page), session }
}

/// A form: where it is sent, its fields without the token, and the status of the answer to it.
type Form = (&'static str, Vec<(&'static str, &'static str)>, u16);

/// Every form that somebody with a session can send.
fn forms() -> Vec<Form> {
    vec![
        ("/documents/new", vec![("key", "new"), ("value", "1"), ("spelling", "json")], 303),
        ("/documents/delete", vec![("key", "one"), ("confirmed", "yes")], 303),
        ("/documents/delete", vec![("key", "new")], 200),
        ("/devices/issue", vec![("client_id", "fridge")], 200),
        ("/devices/revoke", vec![("client_id", "phone")], 303),
        ("/devices/revoke-others", vec![("confirmed", "yes")], 303),
        ("/account/profile", vec![("email", "ann@example.org"), ("full_name", "Ann")], 303),
        ("/accounts/password", vec![("username", "eve")], 200),
        ("/accounts/remove", vec![("username", "eve"), ("name", "eve")], 303),
        ("/logout", vec![], 303),
    ]
}

async fn furnish(server: &TestServer<'_>) {
    for name in ["ann", "bob", "eve"] {
        server.register(name, PASSWORD).await;
    }
    super::accounts::promote(server, "ann").await;
    let phone = server.token_for("ann", PASSWORD, "phone").await;
    server.put(&phone, "one", "1").await;
}

fn sent(path: &str, session: &str, fields: &[(&str, &str)], token: Option<&str>) -> Ask {
    let token = token.map(|token| ("csrf_token", token));
    let fields: Vec<_> = token.into_iter().chain(fields.iter().copied()).collect();
    post(path).session(session).for_a_page().form(&fields)
}

/// An import as a browser sends it.
fn import(session: &str, token: Option<&str>) -> Ask {
    let mut body = String::new();
    for (name, value) in token
        .map(|token| ("csrf_token", token))
        .into_iter()
        .chain([("mode", "overwrite"), ("file\"; filename=\"x.ndjson", "{\"key\":\"imported\",\"value\":1}\n")])
    {
        body.push_str(&format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    body.push_str("--XX--\r\n");
    post("/account/import").session(session).for_a_page().body("multipart/form-data; boundary=XX", body)
}

async fn a_form_without_its_token_changes_nothing(server: &mut TestServer<'_>) {
    furnish(server).await;
    let (ann, bob) = (log_in(server, "ann").await, log_in(server, "bob").await);
    let (_, visiting) = visit(server).await;
    let upper = ann.form_token.to_uppercase();
    let rows = server.rows().await;
    let mut forms = forms();
    forms.push(("/account/delete", vec![("name", "ann")], 303));
    let change = [("current", PASSWORD), ("password", "battery staple"), ("repeated", "battery staple")];
    forms.push(("/account/password", change.to_vec(), 303));
    for token in [None, Some(""), Some("wrong"), Some(&*upper), Some(&*bob.form_token), Some(&*visiting)] {
        let files = [("/account/import", import(&ann.session, token))];
        let asks = forms.iter().map(|(path, fields, _)| (*path, sent(path, &ann.session, fields, token)));
        for (path, ask) in asks.chain(files) {
            let answer = ask.ask(server).await;
            assert_eq!(answer.status, 403, "{path} with {token:?}: {answer:?}");
            assert!(answer.text().contains("This form is not valid any more"), "{path}: {answer:?}");
        }
        // Not as JSON either, or as something that has no name.
        for (content_type, body) in [("application/json", "{}"), ("text/plain", "csrf_token=x")] {
            let answer = post("/devices/revoke").session(&ann.session).for_a_page().body(content_type, body);
            assert_eq!(answer.ask(server).await.status, 403);
        }
    }
    assert_eq!(server.rows().await, rows);
    let token = server.token_for("ann", PASSWORD, "phone").await;
    assert_eq!(server.keys(&token).await, ["one"]);
    server.token("eve", PASSWORD).await;
    assert_eq!(get("/dashboard").session(&ann.session).ask(server).await.status, 200);
}

async fn with_its_token_every_form_does_its_work(server: &mut TestServer<'_>) {
    furnish(server).await;
    let ann = log_in(server, "ann").await;
    assert_eq!(import(&ann.session, Some(&ann.form_token)).ask(server).await.status, 303);
    for (path, fields, status) in forms() {
        let answer = sent(path, &ann.session, &fields, Some(&ann.form_token)).ask(server).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    }
    let token = server.token("ann", PASSWORD).await;
    assert_eq!(server.keys(&token).await, ["imported", "new"]);
    assert!(server.services().accounts.find("eve").await.is_err());
    assert_eq!(get("/dashboard").session(&ann.session).ask(server).await.status, 303);
}

async fn before_a_session_forms_carry_the_token_of_the_visit(server: &mut TestServer<'_>) {
    server.register("ann", PASSWORD).await;
    let (one, two) = (visit(server).await, visit(server).await);
    let rows = server.rows().await;
    let registration = [("username", "new"), ("password", PASSWORD), ("repeated", PASSWORD)];
    let forms =
        [("/login", vec![("username", "ann"), ("password", PASSWORD)]), ("/register/account", registration.to_vec())];
    for (path, fields) in &forms {
        for (visit, token) in [
            (None, None),
            (None, Some(&one.1)),
            (Some(&one.0), None),
            (Some(&one.0), Some(&two.1)),
            (Some(&"nothing".to_owned()), Some(&one.1)),
        ] {
            let token = token.map(|token| ("csrf_token", &**token));
            let fields: Vec<_> = token.into_iter().chain(fields.iter().copied()).collect();
            let mut ask = post(*path).for_a_page().form(&fields);
            if let Some(visit) = visit {
                ask = ask.header("Cookie", format!("keybin_visit={visit}"));
            }
            let answer = ask.ask(server).await;
            assert_eq!(answer.status, 403, "{path} {visit:?} {token:?}: {answer:?}");
            assert_eq!(cookie(&answer, "keybin_session"), None);
        }
    }
    assert_eq!(server.rows().await, rows);
    for (path, fields) in forms {
        let fields: Vec<_> = [("csrf_token", &*one.1)].into_iter().chain(fields).collect();
        let answer = post(path).header("Cookie", format!("keybin_visit={}", one.0)).form(&fields).ask(server).await;
        assert_eq!(answer.status, 303, "{path}: {answer:?}");
        assert!(cookie(&answer, "keybin_session").is_some());
    }
}

async fn a_page_of_another_site_can_send_no_form(server: &mut TestServer<'_>) {
    furnish(server).await;
    let ann = log_in(server, "ann").await;
    let rows = server.rows().await;
    for (name, value) in
        [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "https://example.org")]
    {
        for (path, fields, _) in forms() {
            let ask = sent(path, &ann.session, &fields, Some(&ann.form_token)).header(name, value);
            assert_eq!(ask.ask(server).await.status, 403, "{path} {name}: {value}");
        }
        let (visit, token) = visit(server).await;
        let form = [("csrf_token", &*token), ("username", "ann"), ("password", PASSWORD)];
        let ask = post("/login").header("Cookie", format!("keybin_visit={visit}")).header(name, value).form(&form);
        assert_eq!(ask.ask(server).await.status, 403, "{name}: {value}");
    }
    assert_eq!(server.rows().await, rows);
}
