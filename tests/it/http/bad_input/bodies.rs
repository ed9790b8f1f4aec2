//! Bodies that are no JSON object.

use super::{Row, refused, row, with_bodies};
use crate::harness::raw::request;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        bodies_that_are_no_json_are_refused,
        bodies_that_are_no_object_are_refused,
        bodies_that_break_off_are_refused,
        bodies_that_are_no_utf_8_are_refused,
        lone_surrogates_are_refused,
        nesting_without_end_is_refused,
    );
}

/// Every body to every request that takes one: each is refused as something that is no JSON.
async fn all_refused(server: &mut TestServer<'_>, bodies: &[Vec<u8>]) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for (method, path, _) in with_bodies(token) {
            for body in bodies {
                let what = format!("{method} {path}");
                rows.push(row(what, request(method, &path, &[super::JSON], body), 400, "invalid_json"));
            }
        }
        rows
    })
    .await;
}

fn bytes<const N: usize>(texts: [&str; N]) -> Vec<Vec<u8>> {
    texts.map(|text| text.as_bytes().to_vec()).into()
}

async fn bodies_that_are_no_json_are_refused(server: &mut TestServer<'_>) {
    let bodies = bytes([
        "",
        " ",
        "\n",
        "username=ann&password=pw",
        "value=1",
        "<value>1</value>",
        "nul",
        "None",
        "undefined",
        "}",
        "{]",
        "{}}",
        "{}{}",
        "{} x",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":1}\0",
        "{\"username\"}",
        "{\"username\" \"ann\"}",
        "{\"username\":}",
        "{username:\"ann\",password:\"pw\",value:1}",
        "{'username':'ann','password':'pw','value':1}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":1,}",
        "{,\"username\":\"ann\",\"password\":\"pw\",\"value\":1}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":1 /* 1 */}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":1}//",
        "{\"username\":\"a\nb\",\"password\":\"p\nw\",\"value\":\"\n\"}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":\"\\x41\"}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":\"\\u12\"}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":NaN}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":-Infinity}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":01}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":+1}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":.5}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":1.}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":1e}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":0x1}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":-}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":[1,]}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":[1 2]}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":True}",
        "{\"username\":\"ann\",\"password\":\"pw\",\"value\":{\"a\"}}",
        // A byte order mark (RFC 8259, 8.1).
        "\u{feff}{\"username\":\"ann\",\"password\":\"pw\",\"value\":1}",
        // A blank that is one in Unicode only.
        "\u{a0}{\"username\":\"ann\",\"password\":\"pw\",\"value\":1}",
    ]);
    all_refused(server, &bodies).await;
}

async fn bodies_that_are_no_object_are_refused(server: &mut TestServer<'_>) {
    let bodies = bytes([
        "null",
        "true",
        "0",
        "-1.5e3",
        "\"\"",
        "\"username\"",
        "[]",
        "[{\"username\":\"ann\",\"password\":\"pw\",\"value\":1}]",
        "[\"username\",\"ann\",\"password\",\"pw\"]",
    ]);
    all_refused(server, &bodies).await;
}

async fn bodies_that_break_off_are_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows: Vec<Row> = Vec::new();
        for (method, path, whole) in with_bodies(token) {
            for end in 0..whole.len() {
                let request = request(method, &path, &[super::JSON], &whole[..end]);
                rows.push(row(format!("{method} {path} to {end}"), request, 400, "invalid_json"));
            }
        }
        rows
    })
    .await;
}

async fn bodies_that_are_no_utf_8_are_refused(server: &mut TestServer<'_>) {
    let mut bodies = Vec::new();
    for nonsense in [
        b"\xff".as_slice(),
        b"\x80",
        b"\xc3\x28",
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xf0\x9f\x98",
        b"\xe4\xf6\xfc",
    ] {
        bodies.push(nonsense.to_vec());
        for (before, after) in [
            ("{\"username\":\"", "\",\"password\":\"pw\",\"value\":1}"),
            ("{\"username\":\"ann\",\"password\":\"pw\",\"value\":\"", "\"}"),
            ("{\"username\":\"ann\",\"password\":\"pw\",\"value\":1,\"", "\":1}"),
            ("{\"username\":\"ann\",\"password\":\"pw\",\"value\":1}", ""),
        ] {
            bodies.push([before.as_bytes(), nonsense, after.as_bytes()].concat());
        }
    }
    let text = "{\"username\":\"ann\",\"password\":\"pw\",\"value\":1}";
    bodies.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    bodies.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
    all_refused(server, &bodies).await;
}

async fn lone_surrogates_are_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for half in ["\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud83d\\u0041", "\\ud83d ", "\\uDFFF", "\\ud83d\\ud83d"]
        {
            let account = format!("{{\"username\":\"{half}\",\"password\":\"pw\"}}");
            let password = format!("{{\"username\":\"ann\",\"password\":\"{half}\"}}");
            for body in [&account, &password] {
                rows.push(row(half, super::post("/register", body), 400, "invalid_json"));
                rows.push(row(half, super::post("/token", body), 400, "invalid_json"));
                let delete = request("DELETE", "/unregister", &[super::JSON], body);
                rows.push(row(half, delete, 400, "invalid_json"));
            }
            let client = format!("{{\"username\":\"ann\",\"password\":\"pw\",\"client_id\":\"{half}\"}}");
            rows.push(row(half, super::post("/token", client), 400, "invalid_json"));
            for value in [format!("\"{half}\""), format!("[\"{half}\"]"), format!("{{\"{half}\":1}}")] {
                let body = format!("{{\"value\":{value}}}");
                rows.push(row(half, super::post(&format!("/user/{token}/store/new"), body), 400, "invalid_json"));
            }
            let name = format!("{{\"value\":1,\"{half}\":1}}");
            rows.push(row(half, super::post(&format!("/user/{token}/store/new"), name), 400, "invalid_json"));
        }
        rows
    })
    .await;
}

async fn nesting_without_end_is_refused(server: &mut TestServer<'_>) {
    const DEEP: usize = 100_000;
    refused(server, |token| {
        let mut rows = Vec::new();
        for (method, path, _) in with_bodies(token) {
            for (body, status, code) in [
                ("[".repeat(DEEP), 400, "invalid_json"),
                (format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP)), 400, "invalid_json"),
                // Nobody looks whether it comes to an end.
                ("{\"value\":".repeat(DEEP), 422, "unsupported_value"),
                (format!("{{\"value\":{}", "[".repeat(DEEP)), 422, "unsupported_value"),
                (format!("{{\"username\":{}", "{\"a\":[".repeat(DEEP)), 422, "unsupported_value"),
                (format!("{{\"more\":{}{}}}", "[".repeat(DEEP), "]".repeat(DEEP)), 422, "unsupported_value"),
            ] {
                let request = request(method, &path, &[super::JSON], &body);
                rows.push(row(format!("{method} {path} {}", &body[..20]), request, status, code));
            }
        }
        rows
    })
    .await;
}
