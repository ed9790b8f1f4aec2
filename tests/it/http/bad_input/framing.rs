//! Requests that are no HTTP, that break off, or that say in two ways where they end; and unusual ones that are fine.

use super::{JSON, Row, Witness, bare, refused, row};
use crate::harness::raw::{End, Socket, chunked, request};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        heads_that_are_none_are_refused,
        lengths_that_are_none_are_refused,
        chunks_that_are_none_are_refused,
        methods_that_are_none_are_refused,
        a_body_that_breaks_off_is_not_kept,
        what_follows_a_refused_body_is_no_part_of_it,
        two_ways_to_end_a_body_end_the_connection,
        unusual_requests_are_understood,
        requests_in_one_go_are_answered_in_turn,
        a_request_that_comes_byte_by_byte_is_understood,
    );
}

const BODY: &str = r#"{"value":1}"#;

/// A request to write `BODY` whose head says these lines about it, and what follows that.
fn write(path: &str, lines: &str, rest: &str) -> Vec<u8> {
    let head = format!("POST {path} HTTP/1.1\r\nHost: keybin\r\nContent-Type: application/json\r\n{lines}\r\n\r\n");
    [head.as_bytes(), rest.as_bytes()].concat()
}

async fn heads_that_are_none_are_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let keys = format!("/user/{token}/keys");
        let mut rows: Vec<Row> = Vec::new();
        for line in [
            "GARBAGE".to_owned(),
            "GET".to_owned(),
            format!("GET {keys}"),
            format!("GET {keys} HTTP/9.9"),
            format!("GET {keys} HTTP/2.0"),
            format!("GET {keys} http/1.1"),
            format!("GET {keys} HTTP/1.1 "),
            format!("GET  {keys} HTTP/1.1"),
            format!("GET\t{keys}\tHTTP/1.1"),
            format!(" GET {keys} HTTP/1.1"),
            format!("G(T {keys} HTTP/1.1"),
            "GET http:///keys HTTP/1.1".to_owned(),
            "\0\0\0\0".to_owned(),
            // The beginning of TLS, and of HTTP/2.
            "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0".to_owned(),
            "PRI * HTTP/2.0".to_owned(),
        ] {
            rows.push(bare(&line, format!("{line}\r\n\r\n").into_bytes(), 400));
        }
        for header in
            ["Ho st: keybin", "Host", ": keybin", "X: a\0b", "X: a\r\n b", "X: a\rY: b", "X : a", "X\u{e9}: a"]
        {
            let request = format!("GET {keys} HTTP/1.1\r\nHost: keybin\r\n{header}\r\n\r\n");
            rows.push(bare(header, request.into_bytes(), 400));
        }
        let many: String = (0..150).map(|n| format!("X-{n}: 1\r\n")).collect();
        let long = "x".repeat(600_000);
        for (what, headers) in [("too many", many), ("too long", format!("X: {long}\r\n"))] {
            rows.push(bare(what, format!("GET {keys} HTTP/1.1\r\n{headers}\r\n").into_bytes(), 431));
        }
        rows
    })
    .await;
}

async fn lengths_that_are_none_are_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let path = format!("/user/{token}/store/new");
        let mut rows = Vec::new();
        for length in
            ["+11", "-1", "0xb", "", "11, 12", "11, 11", "1 1", "11.0", "1e1", "eleven", "99999999999999999999"]
        {
            let line = format!("Content-Length: {length}");
            rows.push(bare(&line, write(&path, &line, BODY), 400));
        }
        for lines in [
            "Content-Length: 11\r\nContent-Length: 12",
            "Content-Length: 12\r\nContent-Length: 11",
            "Transfer-Encoding: gzip",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding : chunked",
        ] {
            rows.push(bare(lines, write(&path, lines, BODY), 400));
        }
        let old =
            format!("POST {path} HTTP/1.0\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        rows.push(bare("chunks in HTTP/1.0", [old.into_bytes(), chunked(BODY.as_bytes(), 5)].concat(), 400));
        rows.push(row("no length at all", write(&path, "X: y", ""), 400, "invalid_json"));
        rows
    })
    .await;
}

async fn chunks_that_are_none_are_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let path = format!("/user/{token}/store/new");
        let mut rows = Vec::new();
        let long = format!("b;{}\r\n{BODY}\r\n0\r\n\r\n", "x".repeat(600_000));
        for chunks in [
            "zz\r\n{\"value\":1}\r\n0\r\n\r\n",
            "-b\r\n{\"value\":1}\r\n0\r\n\r\n",
            "fffffffffffffffff\r\n{\"value\":1}\r\n0\r\n\r\n",
            "5\r\n{\"value\":1}\r\n0\r\n\r\n",
            "b\r\n{\"value\":1}0\r\n\r\n",
            "b\r\n{\"value\":1}\r\nx\r\n\r\n",
            "{\"value\":1}",
            "\r\n\r\n",
            &long,
        ] {
            let what = &chunks[..chunks.len().min(30)];
            rows.push(row(what, write(&path, "Transfer-Encoding: chunked", chunks), 400, "invalid_json"));
        }
        let compressed =
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\x56\x2a\x4b\xcc\x29\x4d\x55\xb2\x32\xac\x05\0\xd1\x91\x5b\x3f\x0b";
        let gzip = request("POST", &path, &[JSON, ("Content-Encoding", "gzip")], compressed);
        rows.push(row("gzip", gzip, 400, "invalid_json"));
        rows
    })
    .await;
}

async fn methods_that_are_none_are_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for method in ["BREW", "get", "Post", "PROPFIND", "M-SEARCH", "X", &"X".repeat(1000)] {
            for path in ["/register", "/nowhere", &format!("/user/{token}/keys"), "/user/x/keys", "//"] {
                rows.push(row(format!("{method} {path}"), request(method, path, &[JSON], BODY), 400, "bad_request"));
            }
        }
        rows
    })
    .await;
}

/// Whether the sender says that this was all or is simply gone: a part of a body is none, also where it reads like one.
async fn a_body_that_breaks_off_is_not_kept(server: &mut TestServer<'_>) {
    let witness = Witness::place(server).await;
    let path = format!("/user/{}/store/new", witness.tokens[0]);
    let long = format!("{BODY}{}", " ".repeat(2000));
    let account = r#"{"username":"new","password":"pw"}"#;
    let register = |lines: &str, body: &str| {
        format!("POST /register HTTP/1.1\r\nContent-Type: application/json\r\n{lines}\r\n\r\n{body}").into_bytes()
    };
    for sent in [
        write(&path, "Content-Length: 12", BODY),
        write(&path, "Content-Length: 100", BODY),
        write(&path, "Content-Length: 1000000", BODY),
        write(&path, "Content-Length: 9000", &long),
        write(&path, "Transfer-Encoding: chunked", "b\r\n{\"value\":1}"),
        write(&path, "Transfer-Encoding: chunked", "b\r\n{\"value\":1}\r\n"),
        write(&path, "Transfer-Encoding: chunked", "b\r\n{\"value\":1}\r\n0\r\n"),
        write(&path, "Transfer-Encoding: chunked", "c\r\n{\"value\":1}"),
        write(&path, "Transfer-Encoding: chunked", &format!("fff\r\n{long}")),
        register("Content-Length: 50", account),
        register("Transfer-Encoding: chunked", &format!("{:x}\r\n{account}\r\n", account.len())),
    ] {
        let mut socket = Socket::open(server.address()).await;
        assert!(socket.send(&sent).await);
        drop(socket);
        let mut socket = Socket::open(server.address()).await;
        assert!(socket.send(&sent).await);
        socket.finish().await;
        if let Ok(answer) = socket.answer(false).await {
            let sent = String::from_utf8_lossy(&sent);
            assert_eq!((answer.status, answer.code().as_deref()), (400, Some("invalid_json")), "{sent}");
        }
    }
    // The server ends in between, and with it whatever it was still doing.
    witness.check(server).await;
}

async fn what_follows_a_refused_body_is_no_part_of_it(server: &mut TestServer<'_>) {
    let witness = Witness::place(server).await;
    let path = format!("/user/{}/store/one", witness.tokens[0]);
    let mut socket = Socket::open(server.address()).await;
    // The body ends where its length says; the rest is no request.
    socket.send(&write(&path, "Content-Length: 5", "{\"value\":1}\r\n\r\n")).await;
    let first = socket.answer(false).await.expect("an answer");
    assert_eq!((first.status, first.code().as_deref()), (400, Some("invalid_json")));
    let second = socket.answer(false).await.expect("an answer");
    assert_eq!((second.status, second.text()), (400, ""));
    assert_eq!(socket.end().await, Some(End::Closed));
    witness.check(server).await;
}

/// Chunks win over a length (RFC 9112, 6.3), and then nothing that follows can be taken for another request.
async fn two_ways_to_end_a_body_end_the_connection(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let path = format!("/user/{token}/store/one");
    let smuggled = format!("b\r\n{BODY}\r\n0\r\n\r\nPOST /user/{token}/store/two HTTP/1.1\r\n");
    for lines in [
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Content-Length: 16\r\nTransfer-Encoding: Chunked",
    ] {
        let exchange = server.raw(write(&path, lines, &smuggled)).await;
        assert_eq!((exchange.answer().status, exchange.end), (200, Some(End::Closed)), "{lines}");
        assert_eq!(exchange.answer().header("connection"), Some("close"), "{lines}");
    }
    assert_eq!(server.keys(&token).await, ["one"]);
}

async fn unusual_requests_are_understood(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    server.put(&token, "one", "1").await;
    let (keys, one) = (format!("/user/{token}/keys"), format!("/user/{token}/store/one"));
    let many: String = (0..90).map(|n| format!("X-{n}: 1\r\n")).collect();
    let long = "x".repeat(300_000);
    let listed = r#"{"keys":["one"]}"#;
    for (sent, body, end) in [
        (format!("GET {keys} HTTP/1.0\r\n\r\n"), listed, Some(End::Closed)),
        (format!("GET {keys} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), listed, None),
        (format!("GET {keys} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), listed, Some(End::Closed)),
        (format!("GET http://keybin{keys} HTTP/1.1\r\nHost: keybin\r\n\r\n"), listed, None),
        (format!("GET https://other.example:1{keys} HTTP/1.1\r\nHost: keybin\r\n\r\n"), listed, None),
        (format!("GET {keys}?a=b&a=c HTTP/1.1\r\nHost: keybin\r\n\r\n"), listed, None),
        (format!("GET {keys}? HTTP/1.1\r\nHost: keybin\r\n\r\n"), listed, None),
        (format!("GET {one}?key=two HTTP/1.1\r\nHost: keybin\r\n\r\n"), BODY, None),
        (format!("\r\n\r\nGET {keys} HTTP/1.1\r\nHost: keybin\r\n\r\n"), listed, None),
        (format!("GET {keys} HTTP/1.1\nHost: keybin\n\n"), listed, None),
        (format!("GET {keys} HTTP/1.1\r\nhOsT:keybin   \r\n\r\n"), listed, None),
        (format!("GET {keys} HTTP/1.1\r\nHost: keybin\r\n{many}\r\n"), listed, None),
        (format!("GET {keys} HTTP/1.1\r\nHost: keybin\r\nX: {long}\r\n\r\n"), listed, None),
        (format!("GET {keys} HTTP/1.1\r\nHost: keybin\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"), listed, None),
        (format!("GET {keys} HTTP/1.1\r\nHost: keybin\r\nContent-Length: 3\r\n\r\nabc"), listed, None),
        (format!("GET {keys} HTTP/1.1\r\nHost: keybin\r\nAccept: image/png\r\n\r\n"), listed, None),
    ] {
        let exchange = server.raw(&sent).await;
        let sent = &sent[..sent.len().min(200)];
        assert_eq!((exchange.answer().status, exchange.answer().text()), (200, body), "{sent}");
        assert_eq!(exchange.end, end, "{sent}");
    }
    for (lines, body) in [
        ("Content-Length: 11\r\nContent-Length: 11", BODY),
        ("Content-Length: 0011", BODY),
        ("Expect: 100-continue\r\nContent-Length: 11", BODY),
        ("Transfer-Encoding: chunked", "b;name=value\r\n{\"value\":1}\r\n0\r\nTrailer: x\r\n\r\n"),
        ("Transfer-Encoding: chunked", "00b\r\n{\"value\":1}\r\n000\r\n\r\n"),
        ("Transfer-Encoding: chunked", "1\r\n{\r\nA\r\n\"value\":1}\r\n0\r\n\r\n"),
    ] {
        let exchange = server.raw(write(&one, lines, body)).await;
        assert_eq!((exchange.answer().status, exchange.end), (200, None), "{lines}");
    }
}

async fn requests_in_one_go_are_answered_in_turn(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let one = format!("/user/{token}/store/one");
    let large = "x".repeat(2 << 20);
    let go = [
        (request("POST", &one, &[JSON], r#"{"value":1}"#), 200),
        (request("GET", &one, &[], ""), 200),
        (request("POST", &one, &[JSON], "no json"), 400),
        (request("POST", &one, &[JSON], &large), 413),
        (request("POST", "/nowhere", &[JSON], "{}"), 404),
        (request("BREW", &one, &[JSON], "{}"), 400),
        (request("POST", "/user/x/store/one", &[JSON], "{}"), 403),
        (request("TRACE", &one, &[JSON], "{}"), 405),
        (request("HEAD", &one, &[], ""), 200),
        (request("GET", &one, &[], ""), 200),
    ];
    let mut socket = Socket::open(server.address()).await;
    let all: Vec<u8> = go.iter().flat_map(|(request, _)| request.clone()).collect();
    assert!(socket.send(&all).await);
    for (request, status) in &go {
        let answer = socket.answer(request.starts_with(b"HEAD")).await.expect("an answer");
        let sent = String::from_utf8_lossy(&request[..request.len().min(80)]);
        assert_eq!(answer.status, *status, "{sent}");
    }
    assert_eq!(socket.end().await, None);
}

async fn a_request_that_comes_byte_by_byte_is_understood(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let mut socket = Socket::open(server.address()).await;
    for byte in request("POST", &format!("/user/{token}/store/one"), &[JSON], BODY) {
        socket.send(&[byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(socket.answer(false).await.expect("an answer").status, 200);
    assert_eq!(server.keys(&token).await, ["one"]);
}
