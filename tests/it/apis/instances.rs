//! Two instances on one MongoDB: what ends at one is over at the other, for whatever comes next, at every door. Nothing that
//! an instance remembers may outlive it.

use serde_json::json;

use super::PASSWORD;
use super::house::Credentials;
use crate::harness::ask::{Ask, delete, get, post};
use crate::harness::http::Http;
use crate::harness::program::{Installation, Program};
use crate::harness::{Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.in_mongo:
        a_token_that_is_replaced_at_one_is_refused_at_the_other,
        a_password_that_is_changed_at_one_ends_everything_at_the_other,
        an_account_that_is_erased_at_one_is_gone_at_the_other,
    );
}

/// How often each is tried, with the two in turns.
const TIMES: usize = 10;

struct Two {
    http: [Http; 2],
    _programs: [Program; 2],
}

impl Two {
    async fn start(installation: &Installation) -> Self {
        let programs = [installation.serve().await, installation.serve().await];
        Self { http: [0, 1].map(|n| Http::new(programs[n].address())), _programs: programs }
    }

    /// One of them, and the other.
    fn turn(&self, n: usize) -> (&Http, &Http) {
        (&self.http[n % 2], &self.http[(n + 1) % 2])
    }
}

/// An account with a document under `k` and a credential of each kind, all of which both instances have let in.
async fn known_to_both(two: &Two, n: usize) -> Credentials {
    let (here, _) = two.turn(n);
    let name = format!("user{n}");
    here.register(&name, PASSWORD).await;
    let credentials = Credentials::of(here, &name).await;
    let writer = here.token_for(&name, PASSWORD, "writer").await;
    here.put(&writer, "k", 1).await;
    for http in &two.http {
        for (reader, _) in credentials.readers("k") {
            assert_eq!(reader.ask(http).await.status, 200, "{reader}");
        }
    }
    credentials
}

async fn assert_over(http: &Http, credentials: &Credentials) {
    for (reader, _) in credentials.readers("k") {
        let status = reader.ask(http).await.status;
        assert!([401, 403].contains(&status), "{reader}: {status}");
    }
}

async fn assert_good(ask: Ask, http: &Http) {
    let answer = ask.ask(http).await;
    assert_eq!(answer.status, 200, "{ask}: {answer:?}");
}

async fn a_token_that_is_replaced_at_one_is_refused_at_the_other(installation: &mut Installation) {
    let two = Two::start(installation).await;
    let (here, _) = two.turn(0);
    here.register("ann", PASSWORD).await;
    let mut token = here.token("ann", PASSWORD).await;
    for n in 0..TIMES {
        let (here, there) = two.turn(n);
        let keys = |token: &str| get(format!("/user/{token}/keys"));
        assert_good(keys(&token), there).await;
        let next = here.token("ann", PASSWORD).await;
        assert_eq!(keys(&token).ask(there).await.status, 403);
        assert_good(keys(&next), there).await;
        token = next;
    }
}

async fn a_password_that_is_changed_at_one_ends_everything_at_the_other(installation: &mut Installation) {
    let two = Two::start(installation).await;
    for n in 0..TIMES {
        let credentials = known_to_both(&two, n).await;
        let (here, there) = two.turn(n);
        let name = format!("user{n}");
        let kept = here.token_for(&name, PASSWORD, "kept").await;
        let change = json!({ "current": PASSWORD, "new": "An0ther one!" });
        assert_good(post(format!("/user/{kept}/password")).json(change), here).await;
        assert_over(there, &credentials).await;
        assert_good(get(format!("/user/{kept}/keys")), there).await;
        assert_good(get("/api/stow/k").basic(&name, "An0ther one!"), there).await;
    }
}

async fn an_account_that_is_erased_at_one_is_gone_at_the_other(installation: &mut Installation) {
    let two = Two::start(installation).await;
    for n in 0..TIMES {
        let credentials = known_to_both(&two, n).await;
        let (here, there) = two.turn(n);
        let name = format!("user{n}");
        assert_good(delete("/unregister").json(json!({ "username": name, "password": PASSWORD })), here).await;
        assert_over(there, &credentials).await;
        // The name is free, and whoever takes it begins with nothing.
        there.register(&name, PASSWORD).await;
        let token = there.token(&name, PASSWORD).await;
        assert!(here.keys(&token).await.is_empty());
    }
}
