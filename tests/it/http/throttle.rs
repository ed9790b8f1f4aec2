//! How often one may be wrong about a password, log in, and register: at every door alike, and nobody for anybody else.

use serde_json::json;

use crate::harness::ask::{Ask, get, post, put};
use crate::harness::http::Answer;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        wrong_passwords_are_counted_at_every_door_together,
        whoever_guesses_locks_nobody_else_out,
        a_right_password_is_no_guess,
        a_name_that_nobody_has_is_counted_alike,
        what_is_refused_for_its_number_is_told_when_to_come_again,
        only_a_trusted_proxy_says_for_whom_it_asks,
        tokens_are_not_given_without_end,
        registrations_are_counted_on_every_api,
    );
}

const LIMITS: &str = "[LIMITS]\nwrong_passwords=3\nlog_ins=20\nregistrations=0\n";

/// The tests themselves are a proxy, so that they can be many.
const PROXY: &str = "[APP]\ntrusted_proxies=127.0.0.0/8, 192.0.2.1\n";

/// Every way to tell a name and a password, with the status for a wrong one.
fn guesses(name: &str, password: &str) -> [(Ask, u16); 7] {
    let with = |member: &str| json!({ member: name, "password": password });
    [
        (post("/token").json(with("username")), 403),
        (Ask::new("DELETE", "/unregister").json(with("username")), 403),
        (get("/api/stow").basic(name, password), 401),
        (post("/api/token").json(with("username")), 401),
        (post("/api/login").json(with("username")), 401),
        (post("/auth/login").json(with("name")), 401),
        (post("/auth").json(with("username")), 401),
    ]
}

fn token(password: &str) -> Ask {
    post("/token").json(json!({ "username": "ann", "password": password }))
}

async fn status(server: &TestServer<'_>, ask: Ask) -> u16 {
    ask.ask(server).await.status
}

async fn wrong_passwords_are_counted_at_every_door_together(server: &mut TestServer<'_>) {
    server.restart_with(LIMITS).await;
    server.register("ann", "pw").await;
    let wrong = guesses("ann", "wrong");
    for first in 0..wrong.len() {
        for at in 0..3 {
            let (ask, expected) = &wrong[(first + at) % wrong.len()];
            assert_eq!(ask.ask(server).await.status, *expected, "{ask}");
        }
        // From then on a right one is not looked at either, or it would be told from a wrong one.
        for (ask, _) in wrong.iter().chain(&guesses("ann", "pw")) {
            assert_eq!(ask.ask(server).await.status, 429, "{ask}");
        }
        server.clock().advance(60_000);
    }
    assert_eq!(status(server, token("pw")).await, 200);
}

async fn whoever_guesses_locks_nobody_else_out(server: &mut TestServer<'_>) {
    server.restart_with(&format!("{LIMITS}{PROXY}")).await;
    server.register("ann", "pw").await;
    server.register("bob", "pw").await;
    for _ in 0..3 {
        assert_eq!(status(server, token("wrong").header("X-Forwarded-For", "203.0.113.1")).await, 403);
    }
    assert_eq!(status(server, token("pw").header("X-Forwarded-For", "203.0.113.1")).await, 429);
    // Ann herself is elsewhere, and bob is not ann.
    assert_eq!(status(server, token("pw").header("X-Forwarded-For", "203.0.113.2")).await, 200);
    let bob = post("/token").json(json!({ "username": "bob", "password": "pw" }));
    assert_eq!(status(server, bob.header("X-Forwarded-For", "203.0.113.1")).await, 200);
    // Half of an IPv6 address is one customer.
    for last in 1..=3 {
        assert_eq!(status(server, token("wrong").header("X-Forwarded-For", format!("2001:db8::{last}"))).await, 403);
    }
    assert_eq!(status(server, token("wrong").header("X-Forwarded-For", "2001:db8::4")).await, 429);
    assert_eq!(status(server, token("wrong").header("X-Forwarded-For", "2001:db8:0:1::1")).await, 403);
}

async fn a_right_password_is_no_guess(server: &mut TestServer<'_>) {
    server.restart_with(&format!("{LIMITS}[PASSWORD]\nremember_seconds=0\n")).await;
    server.register("ann", "pw").await;
    for _ in 0..10 {
        assert_eq!(status(server, token("pw")).await, 200);
        assert_eq!(status(server, get("/api/stow").basic("ann", "pw")).await, 200);
    }
    // Those who bring it with every request may do so as often as they like.
    for _ in 0..30 {
        assert_eq!(status(server, get("/api/stow").basic("ann", "pw")).await, 200);
    }
}

async fn a_name_that_nobody_has_is_counted_alike(server: &mut TestServer<'_>) {
    server.restart_with(LIMITS).await;
    server.register("ann", "pw").await;
    let mut answers = Vec::new();
    for name in ["ann", "nobody", "no\u{0}body"] {
        let ask = post("/token").json(json!({ "username": name, "password": "wrong" }));
        let mut of_name = Vec::new();
        for _ in 0..4 {
            let Answer { status, body, .. } = ask.ask(server).await;
            of_name.push((status, body));
        }
        assert_eq!(of_name.iter().map(|(status, _)| *status).collect::<Vec<_>>(), [403, 403, 403, 429], "{name:?}");
        answers.push(of_name);
    }
    assert!(answers.iter().all(|of_name| *of_name == answers[0]), "{answers:?}");
}

async fn what_is_refused_for_its_number_is_told_when_to_come_again(server: &mut TestServer<'_>) {
    server.restart_with(LIMITS).await;
    server.register("ann", "pw").await;
    let token_of_ann = server.token("ann", "pw").await;
    for _ in 0..3 {
        assert_eq!(status(server, token("wrong")).await, 403);
    }
    for (ask, _) in guesses("ann", "pw") {
        let answer = ask.ask(server).await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, Some("20")), "{ask}");
        assert!(!answer.text().contains("pw"), "{answer:?}");
    }
    let answer = token("pw").ask(server).await;
    assert_eq!(answer.code().as_deref(), Some("too_many_attempts"));
    let page = post("/login").form(&[("username", "ann"), ("password", "pw")]).for_a_page().ask(server).await;
    // Without a form token it does not come as far; what counts is that it is no server error.
    assert!(page.status < 500, "{page:?}");
    // Whoever has a token goes on as if nothing were.
    let path = format!("/user/{token_of_ann}/store/k");
    assert_eq!(status(server, put(path).json(json!({ "value": 1 }))).await, 201);
    server.clock().advance(19_999);
    assert_eq!(status(server, token("pw")).await, 429);
    server.clock().advance(1);
    assert_eq!(status(server, token("pw")).await, 200);
}

async fn only_a_trusted_proxy_says_for_whom_it_asks(server: &mut TestServer<'_>) {
    let guess = |by: &str| token("wrong").header("X-Forwarded-For", by);
    server.restart_with(LIMITS).await;
    server.register("ann", "pw").await;
    for last in 1..=3 {
        assert_eq!(status(server, guess(&format!("203.0.113.{last}"))).await, 403);
    }
    assert_eq!(status(server, guess("203.0.113.4")).await, 429, "anybody may say anything");

    server.restart_with(&format!("{LIMITS}{PROXY}")).await;
    // What stands before the last address that is no proxy was written by the client.
    for last in 1..=3 {
        assert_eq!(status(server, guess(&format!("203.0.113.{last}, 203.0.113.9, 192.0.2.1"))).await, 403);
    }
    assert_eq!(status(server, guess("203.0.113.9")).await, 429);
    // Several lines are one list.
    let lines = token("wrong").header("X-Forwarded-For", "203.0.113.5").header("X-Forwarded-For", "203.0.113.9");
    assert_eq!(status(server, lines).await, 429);
    // Where there is nothing to be believed, it is the proxy itself that asks.
    for by in ["", "unknown", "192.0.2.1"] {
        assert_eq!(status(server, guess(by)).await, 403, "{by:?}");
    }
}

async fn tokens_are_not_given_without_end(server: &mut TestServer<'_>) {
    server.restart_with("[LIMITS]\nlog_ins=3\nregistrations=0\n").await;
    server.register("ann", "pw").await;
    server.register("bob", "pw").await;
    for _ in 0..3 {
        assert_eq!(status(server, token("pw")).await, 200);
    }
    let answer = token("pw").ask(server).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("20")));
    assert_eq!(status(server, post("/token").json(json!({ "username": "bob", "password": "pw" }))).await, 200);
    server.clock().advance(20_000);
    assert_eq!(status(server, token("pw")).await, 200);
}

async fn registrations_are_counted_on_every_api(server: &mut TestServer<'_>) {
    server.restart_with("[LIMITS]\nregistrations=5\n").await;
    let ask = |path: &str, member: &str, number: u32| {
        let name = format!("user{number}");
        let email = format!("{name}@example.org");
        post(path).json(json!({
            member: name, "password": "Password1!", "email": email, "full_name": "A B", "age": 30, "gender": "male",
        }))
    };
    let apis = [
        ("/register", "username", 200),
        ("/api/user", "name", 201),
        ("/api/register", "username", 200),
        ("/auth/register", "name", 201),
        ("/api/users", "username", 201),
    ];
    for (number, (path, member, expected)) in (0..).zip(apis) {
        assert_eq!(status(server, ask(path, member, number)).await, expected, "{path}");
    }
    for (path, member, _) in apis {
        let answer = ask(path, member, 9).ask(server).await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, Some("720")), "{path}");
    }
    server.clock().advance(720_000);
    assert_eq!(status(server, ask("/register", "username", 9)).await, 200);
}
