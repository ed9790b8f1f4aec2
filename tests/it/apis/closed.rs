//! An API that is switched off answers like an unknown path, and the others go on.

use serde_json::json;

use super::{PASSWORD, issued, stow_token};
use crate::harness::ask::{Ask, get, post, put};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served: a_closed_api_is_an_unknown_path_and_the_others_go_on);
}

/// Each API with paths that no other API knows.
fn paths() -> [(&'static str, Vec<Ask>); 6] {
    let body = json!({ "username": "ann", "name": "ann", "password": PASSWORD, "email": "ann@example.org" });
    [
        ("keybin", vec![post("/unregister").json(&body), post("/token").json(&body), get("/user/-/keys")]),
        ("stow", vec![get("/api/user").basic("ann", PASSWORD), get("/api/stow"), put("/api/stow/k").json(&body)]),
        ("forms", vec![post("/api/register").json(&body), post("/api/login").json(&body), get("/api/data/retrieve")]),
        ("pairs", vec![post("/auth/login").json(&body), get("/keyvaluepairs/k"), get("/get?key=k")]),
        ("users", vec![post("/auth").json(&body), get("/api/users")]),
        ("web", vec![get("/"), get("/login"), get("/dashboard"), post("/logout"), get("/documents/view?key=k")]),
    ]
}

async fn a_closed_api_is_an_unknown_path_and_the_others_go_on(server: &mut TestServer<'_>) {
    server.register("ann", PASSWORD).await;
    for (closed, _) in paths() {
        server.restart_with(&format!("[API]\n{closed}=off\n")).await;
        let unknown = get("/no/such/path").ask(server).await.undated();
        assert_eq!(unknown.status, 404);
        for (api, requests) in paths() {
            for request in requests {
                let answer = request.ask(server).await.undated();
                assert_eq!(answer == unknown, api == closed, "{closed} is off: {request}: {answer:?}");
            }
        }
    }
    server.restart_with("[API]\nkeybin=off\nforms=off\npairs=off\nusers=off\n").await;
    let token = stow_token(server, "ann", PASSWORD).await;
    issued(server, get("/api/token").basic(&token, ""), "/token").await;
}
