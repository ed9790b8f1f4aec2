//! Passwords that are remembered for a moment, and never for longer than they are right.

use keybin::domain::Clock;
use keybin::service::Change;
use serde_json::json;

use super::elsewhere::Elsewhere;
use crate::harness::ask::{delete, get, post};
use crate::harness::http::Http;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_changed_password_is_felt_at_the_next_request,
        an_erased_account_is_felt_at_the_next_request,
        a_wrong_password_never_becomes_right,
        what_is_remembered_for_one_is_not_for_another,
        remembering_ends_and_nobody_notices,
        without_remembering_all_is_the_same,
    );
}

async fn status(http: &Http, name: &str, password: &str) -> u16 {
    get("/api/user").basic(name, password).ask(http).await.status
}

/// That the password is right, often enough to be remembered.
async fn assert_right(http: &Http, name: &str, password: &str) {
    for _ in 0..3 {
        assert_eq!(status(http, name, password).await, 200, "{name}, {password}");
    }
}

async fn assert_wrong(http: &Http, name: &str, password: &str) {
    for _ in 0..3 {
        assert_eq!(status(http, name, password).await, 401, "{name}, {password}");
    }
}

async fn change_password(server: &TestServer<'_>, name: &str, password: &str) {
    let accounts = server.services().accounts;
    let account = accounts.find(name).await.expect("is there").id;
    let change = Change { password: Some(password.to_owned()), ..Change::default() };
    server.services().operator.change(account, change).await.expect("changes");
}

async fn a_changed_password_is_felt_at_the_next_request(server: &mut TestServer<'_>) {
    server.register("ann", "first").await;
    let elsewhere = Elsewhere::beside(server, "").await;
    let mut right = "first";
    for next in ["second", "third", "first"] {
        assert_right(server, "ann", right).await;
        assert_right(&elsewhere, "ann", right).await;
        change_password(server, "ann", next).await;
        assert_wrong(server, "ann", right).await;
        assert_wrong(&elsewhere, "ann", right).await;
        right = next;
    }
    assert_right(server, "ann", right).await;
    assert_right(&elsewhere, "ann", right).await;
    elsewhere.end().await;
}

async fn an_erased_account_is_felt_at_the_next_request(server: &mut TestServer<'_>) {
    let elsewhere = Elsewhere::beside(server, "").await;
    for round in 0..2 {
        server.register("ann", "pw").await;
        server.register("bob", "pw").await;
        for name in ["ann", "bob"] {
            assert_right(server, name, "pw").await;
            assert_right(&elsewhere, name, "pw").await;
        }
        assert_eq!(delete("/api/user").basic("ann", "pw").ask(server).await.status, 200, "round {round}");
        let unregister = delete("/unregister").json(json!({ "username": "bob", "password": "pw" }));
        assert_eq!(unregister.ask(&elsewhere).await.status, 200, "round {round}");
        for name in ["ann", "bob"] {
            assert_wrong(&elsewhere, name, "pw").await;
            assert_wrong(server, name, "pw").await;
        }
        // The name belongs to somebody else now, who has another password.
        server.register("ann", "another").await;
        assert_wrong(server, "ann", "pw").await;
        assert_wrong(&elsewhere, "ann", "pw").await;
        assert_right(&elsewhere, "ann", "another").await;
        assert_eq!(delete("/api/user").basic("ann", "another").ask(server).await.status, 200);
    }
    elsewhere.end().await;
}

async fn a_wrong_password_never_becomes_right(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    server.register("pw", "ann").await;
    for _ in 0..2 {
        for wrong in ["", "p", "PW", "pw ", " pw", "pw\0", "pwpw", "ann", "another"] {
            assert_wrong(server, "ann", wrong).await;
            assert_right(server, "ann", "pw").await;
        }
        assert_wrong(server, "bob", "pw").await;
        assert_wrong(server, "Ann", "pw").await;
        assert_wrong(server, "", "pw").await;
    }
    // It was only ever the Basic door that remembered, and it does not speak for the others.
    let token = post("/token").json(json!({ "username": "ann", "password": "PW" })).ask(server).await;
    assert_eq!(token.status, 403);
}

async fn what_is_remembered_for_one_is_not_for_another(server: &mut TestServer<'_>) {
    for (name, password) in [("ann", "same"), ("bob", "same"), ("a", "b:c")] {
        server.register(name, password).await;
        assert_right(server, name, password).await;
    }
    change_password(server, "ann", "other").await;
    assert_wrong(server, "ann", "same").await;
    assert_right(server, "bob", "same").await;
    assert_wrong(server, "bob", "other").await;
    assert_wrong(server, "a", "same").await;
    for (name, password) in [("ann", "other"), ("bob", "same"), ("a", "b:c")] {
        let account = get("/api/user").basic(name, password).ask(server).await.json();
        assert_eq!(account["name"], name);
    }
}

async fn remembering_ends_and_nobody_notices(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    for _ in 0..3 {
        assert_right(server, "ann", "pw").await;
        for seconds in [59, 1, 61, 3600] {
            server.clock().set(server.clock().now().plus_seconds(seconds));
            assert_right(server, "ann", "pw").await;
            assert_wrong(server, "ann", "PW").await;
        }
        // A clock that was set back does no harm either.
        server.clock().advance(-7_200_000);
    }
    change_password(server, "ann", "new").await;
    assert_wrong(server, "ann", "pw").await;
    assert_right(server, "ann", "new").await;
}

async fn without_remembering_all_is_the_same(server: &mut TestServer<'_>) {
    server.restart_with("[PASSWORD]\nremember_seconds=0\n").await;
    server.register("ann", "pw").await;
    assert_right(server, "ann", "pw").await;
    assert_wrong(server, "ann", "PW").await;
    change_password(server, "ann", "new").await;
    assert_wrong(server, "ann", "pw").await;
    assert_right(server, "ann", "new").await;
    assert_eq!(delete("/api/user").basic("ann", "new").ask(server).await.status, 200);
    assert_wrong(server, "ann", "new").await;
}
