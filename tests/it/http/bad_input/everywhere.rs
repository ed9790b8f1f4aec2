//! Every route with everything that is bad: whatever is sent, there is an answer, it is no fault of the server's, and what a
//! stranger sends changes nothing.

use serde_json::json;

use crate::harness::ask::{Ask, get, percent};
use crate::harness::http::Http;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        nothing_that_a_stranger_sends_changes_anything,
        nothing_that_somebody_sends_is_a_fault_of_the_server,
    );
}

/// What may stand for a variable of a path, as it is sent.
fn segments() -> Vec<String> {
    let odd =
        ["", ".", "..", "%2e%2e", "%2F", "%00", "%FF", "%", "%zz", "a%0d%0ab", "-", "+", ";a=b", "a//b", "'", "\"<b>"];
    let texts = ["{\"$gt\":\"\"}", "$where", "__proto__", "日本語", "a\u{202e}b", "../../etc/passwd", "' OR 1=1 --"];
    let long = "x".repeat(5000);
    odd.iter().map(|text| (*text).to_owned()).chain(texts.map(percent)).chain([long]).collect()
}

const QUERIES: [&str; 14] = [
    "limit=-1",
    "limit=99999999999999999999",
    "limit=1&limit=2",
    "prefix=%00",
    "prefix=%FF",
    "cursor=AAAA&after=%FF",
    "filter={",
    "filter=[[[[[[[[[[[[[[[[[[[[[[",
    "filter=%7B%22%24where%22%3A%22sleep(9)%22%7D",
    "mode=x&dry_run=y&values=z&order=%00",
    "key=%FF&key=..",
    "ttl=-1&expires_in=1e9",
    "&&&===%",
    "next=//elsewhere.example&q=%3Cscript%3E",
];

fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    const JSON: &str = "application/json";
    const FORM: &str = "application/x-www-form-urlencoded";
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        (JSON, Vec::new()),
        (JSON, text("null")),
        (JSON, text("[]")),
        (JSON, text("{")),
        (JSON, text("\u{feff}{}")),
        (JSON, text("[").repeat(100_000)),
        (JSON, text(r#"{"value":"#).repeat(5000)),
        (JSON, vec![b'{', b'"', 0xff, b'"', b':', b'1', b'}']),
        (JSON, vec![b'x'; 2 * 1024 * 1024]),
        (JSON, text(r#"{"username":{"$ne":null},"password":{"$gt":""},"name":["a"],"key":{"$gt":""},"key_name":1}"#)),
        (JSON, text(r#"{"username":"ann","username":"bob","key":"a","key":"b","value":1,"value":2,"password":"x"}"#)),
        (
            JSON,
            text("{\"username\":\"a\\u0000b\",\"password\":\"\\u0000\",\"name\":\"a\\u0000b\",\"key\":\"\\u0000\"}"),
        ),
        (JSON, text("{\"value\":1e400,\"key\":\"a\",\"key_name\":\"a\",\"value_name\":1e400,\"by\":1e400}")),
        ("application/json-patch+json", text(r#"[{"op":"copy","from":"/a","path":"/a/a/a"},{"op":"?"}]"#)),
        ("application/merge-patch+json", text("{\"a\\u0000\":1}")),
        ("application/x-ndjson", text("{\"key\":1}\n\n{\n\u{0}\n")),
        (FORM, text("_method=delete&username=ann&password=no")),
        (FORM, text("username=%FF&password=%00&key=%zz&value")),
        ("multipart/form-data", text("--")),
        ("multipart/form-data; boundary=x", text("--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n{\n")),
        ("text/plain", text("{}")),
        ("nonsense", text("{}")),
    ]
}

const HEADERS: [(&str, &str); 20] = [
    ("Authorization", ""),
    ("Authorization", "Basic"),
    ("Authorization", "Basic %%%"),
    ("Authorization", "Basic Og=="),
    ("Authorization", "Basic /////w=="),
    ("Authorization", "Bearer"),
    ("Authorization", "Bearer a.b.c"),
    ("Authorization", "JWT eyJhbGciOiJub25lIn0.e30."),
    ("Authorization", "Digest username=\"ann\""),
    ("Cookie", "keybin_session=%00; keybin_session=b; =;;;"),
    ("If-Match", "nonsense"),
    ("If-None-Match", "\"a\", W/"),
    ("Accept", "text/html;q=x,,,/*"),
    ("Content-Type", ";;;"),
    ("Origin", "null"),
    ("Sec-Fetch-Site", "cross-site"),
    ("X-Forwarded-For", "999.1.1.1, \"<b>"),
    ("X-Forwarded-Proto", "gopher"),
    ("Range", "bytes=99999999999999999999-"),
    ("X-HTTP-Method-Override", "DELETE"),
];

/// The path of a route with these for its variables, the first of which is a token where there is one.
fn path(template: &str, token: &str, segment: &str) -> String {
    let parts = template.split('/').scan("", |before, part| {
        let filled = match part {
            _ if !part.starts_with('<') => part,
            _ if *before == "user" => token,
            _ => segment,
        };
        *before = part;
        Some(filled)
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Everything that is bad, for one route.
fn asks(method: &str, template: &str, token: &str) -> Vec<Ask> {
    let ask = |path: String| Ask::new(method, path);
    let plain = path(template, token, "k");
    let mut asks = vec![ask(plain.clone())];
    if template.contains('<') {
        asks.extend(segments().iter().map(|segment| ask(path(template, token, segment))));
        asks.extend(segments().iter().map(|segment| ask(path(template, segment, "k"))));
    }
    asks.extend(QUERIES.map(|query| ask(format!("{plain}?{query}"))));
    asks.extend(bodies().into_iter().map(|(content_type, body)| ask(plain.clone()).body(content_type, body)));
    asks.extend(HEADERS.map(|(name, value)| ask(plain.clone()).header(name, value)));
    asks
}

/// From so many bytes on, the connection of a body that nobody reads may end before its sender reads the answer.
const LARGE: usize = 64 * 1024;

/// Sends it, and sees that it is answered.
async fn assert_answered(http: &Http, ask: &Ask) {
    match ask.try_ask(http).await.1 {
        Ok(answer) => assert!((200..500).contains(&answer.status), "{}: {ask}", answer.status),
        Err(end) => assert!(ask.body_bytes() >= LARGE, "no answer, {end:?}: {ask}"),
    }
}

async fn nothing_that_a_stranger_sends_changes_anything(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    server.put(&token, "k", r#"{"a":1}"#).await;
    // The key of the JWTs is made when the first one is seen, whoever sends it.
    assert_eq!(get("/keyvaluepairs/k").bearer("a.b.c").ask(server).await.status, 401);
    let rows = server.rows().await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    for (method, template) in server.routes().to_vec() {
        for ask in asks(&method, &template, nobody) {
            assert_answered(server, &ask).await;
        }
    }
    assert_eq!(server.rows().await, rows);
    let value = get(format!("/user/{token}/store/k")).ask(server).await;
    assert_eq!(value.json(), json!({ "value": { "a": 1 } }));
    assert_eq!(server.keys(&token).await, ["k"]);
}

/// Somebody with a credential of each kind, so that what is bad gets as far as it can.
async fn nothing_that_somebody_sends_is_a_fault_of_the_server(server: &mut TestServer<'_>) {
    for (n, (method, template)) in server.routes().to_vec().into_iter().enumerate() {
        // Some of the routes end an account.
        let name = format!("ann{n}");
        server.register(&name, "pw").await;
        let token = server.token(&name, "pw").await;
        let door = match template.split('/').nth(1) {
            Some("user") => None,
            Some("api") if template.starts_with("/api/data") => Some(format!("Bearer {token}")),
            Some("api") => Some(format!("Basic {}", base64_of(&token))),
            _ => Some(format!("Bearer {token}")),
        };
        for ask in asks(&method, &template, &token) {
            let ask = match &door {
                Some(door) if !ask.to_string().contains("Authorization") => ask.authorization(door),
                _ => ask,
            };
            assert_answered(server, &ask).await;
        }
    }
}

/// A token as the name of HTTP Basic.
fn base64_of(token: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(format!("{token}:"))
}
