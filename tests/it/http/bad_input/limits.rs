//! Bodies that are too large: 413, which whoever sends everything before reading gets to read.

use super::{JSON, Refusal, Witness, objection, refused, row};
use crate::harness::raw::{chunked, request};
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_body_over_the_limit_is_refused,
        a_body_in_chunks_over_the_limit_is_refused,
        a_body_far_over_the_limit_is_refused,
        the_largest_value_is_kept,
        a_refusal_that_does_not_wait_for_the_body_arrives,
    );
}

/// `[STORE] max_value_bytes` by default.
const VALUE: usize = 1 << 20;

/// With the room for what stands around a value.
const BODY: usize = VALUE + 4096;

/// As large as an upload that somebody tries, and far larger than all buffers between a client and the server.
const HUGE: usize = 17 << 20;

/// A body of this many bytes with a small value.
fn padded(size: usize) -> Vec<u8> {
    let mut body = br#"{"username":"ann","password":"pw","value":1}"#.to_vec();
    body.resize(size, b' ');
    body
}

/// A body whose value is a text of this many bytes, with its quotes.
fn text(size: usize) -> Vec<u8> {
    format!("{{\"value\":\"{}\"}}", "x".repeat(size - 2)).into_bytes()
}

const ROUTES: [(&str, &str); 4] =
    [("POST", "/register"), ("POST", "/token"), ("DELETE", "/unregister"), ("POST", "/user/-/store/one")];

/// What stands in the head of every request here; the routes that need no token do not look at it.
fn headers<'h>(authorization: &'h str, more: &[(&'h str, &'h str)]) -> Vec<(&'h str, &'h str)> {
    [&[JSON, ("Authorization", authorization)], more].concat()
}

async fn a_body_over_the_limit_is_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let bearer = format!("Bearer {token}");
        let mut rows = Vec::new();
        for (method, path) in ROUTES {
            for size in [BODY + 1, BODY + 100_000] {
                for body in [padded(size), vec![0; size]] {
                    let request = request(method, path, &headers(&bearer, &[]), body);
                    rows.push(row(format!("{method} {path} {size}"), request, 413, "too_large"));
                }
            }
        }
        for size in [VALUE + 1, VALUE + 4000] {
            let request = request("POST", "/user/-/store/one", &headers(&bearer, &[]), text(size));
            rows.push(row(format!("a value of {size}"), request, 413, "too_large"));
        }
        rows
    })
    .await;
}

async fn a_body_in_chunks_over_the_limit_is_refused(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let bearer = format!("Bearer {token}");
        let mut rows = Vec::new();
        for (method, path) in ROUTES {
            for (size, chunk) in [(BODY + 1, 1000), (BODY + 1, BODY + 1), (2 * BODY, 8192)] {
                let head = request(method, path, &headers(&bearer, &[("Transfer-Encoding", "chunked")]), "");
                let request = [head, chunked(&padded(size), chunk)].concat();
                rows.push(row(format!("{method} {path} {size} by {chunk}"), request, 413, "too_large"));
            }
        }
        rows
    })
    .await;
}

/// Each is made when its turn comes: all together they would be too much.
async fn a_body_far_over_the_limit_is_refused(server: &mut TestServer<'_>) {
    let witness = Witness::place(server).await;
    let bearer = format!("Bearer {}", witness.tokens[0]);
    for (method, path) in ROUTES {
        let plain = request(method, path, &headers(&bearer, &[]), padded(HUGE));
        let head = request(method, path, &headers(&bearer, &[("Transfer-Encoding", "chunked")]), "");
        for request in [plain, [head, chunked(&padded(HUGE), 100_000)].concat()] {
            let exchange = server.raw(request).await;
            assert_eq!(objection(&exchange, Refusal::Problem(413, "too_large")), None, "{method} {path}");
        }
    }
    witness.check(server).await;
}

async fn the_largest_value_is_kept(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let path = format!("/user/{}/store/one", server.token("ann", "pw").await);
    for body in [text(VALUE), padded(BODY)] {
        assert_eq!(server.raw(request("POST", &path, &[JSON], &body)).await.answer().status, 200);
        let head = request("POST", &path, &[JSON, ("Transfer-Encoding", "chunked")], "");
        let exchange = server.raw([head, chunked(&body, 10_000)].concat()).await;
        assert_eq!(exchange.answer().status, 200);
        assert!(exchange.is_in_good_order(), "{exchange:?}");
    }
    server.raw(request("POST", &path, &[JSON], text(VALUE))).await;
    assert_eq!(server.get(&path).await.body, text(VALUE));
}

/// The sender may be still sending when it is decided, and may find the connection closed; the answer is there to be
/// read all the same.
async fn a_refusal_that_does_not_wait_for_the_body_arrives(server: &mut TestServer<'_>) {
    let witness = Witness::place(server).await;
    let token = &witness.tokens[0];
    for (method, path, status, code) in [
        ("POST", "/user/x/store/one", 403, "invalid_token"),
        ("POST", "/user/-/store/one", 403, "invalid_token"),
        ("POST", &format!("/user/{token}/store/a-b"), 400, "invalid_key"),
        ("POST", &format!("/user/{token}/store/"), 400, "invalid_key"),
        ("POST", &format!("/user/{token}/keys"), 405, "method_not_allowed"),
        ("PUT", "/register", 405, "method_not_allowed"),
        ("POST", "/nowhere", 404, "not_found"),
        ("POST", "//nowhere", 404, "not_found"),
        ("BREW", "/nowhere", 400, "bad_request"),
    ] {
        for size in [1000, 100_000, VALUE, HUGE] {
            let exchange = server.raw(request(method, path, &[JSON], text(size))).await;
            let answer = exchange.answer();
            assert_eq!((answer.status, answer.code().as_deref()), (status, Some(code)), "{method} {path} {size}");
        }
    }
    witness.check(server).await;
}
