//! What holds when many come at the same moment.

use keybin::domain::Token;
use serde_json::json;

use super::{OK, assert_json, assert_problem};
use crate::harness::race::race;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        of_many_who_want_a_name_one_gets_it,
        of_many_tokens_for_one_client_one_is_good,
        of_many_who_unregister_an_account_one_does,
        of_many_writes_to_one_key_one_is_there,
        writes_beside_each_other_are_all_there,
        a_token_is_good_from_the_moment_it_is_answered,
    );
}

/// How many come at the same moment.
const MANY: usize = 64;

async fn of_many_who_want_a_name_one_gets_it(server: &mut TestServer<'_>) {
    let http = server.http();
    let answers = race(MANY, |i| {
        let http = http.clone();
        async move { http.post("/register", json!({ "username": "ann", "password": i.to_string() })).await }
    })
    .await;
    let won: Vec<usize> = (0..MANY).filter(|i| answers[*i].status == 200).collect();
    assert_eq!(won.len(), 1, "the name went to {won:?}");
    for (i, answer) in answers.iter().enumerate() {
        if won.contains(&i) {
            assert_json(answer, OK);
        } else {
            assert_problem(answer, 409, "user_exists", "User already registered");
        }
    }
    // The account is that of whoever was told so, and of nobody else.
    for i in 0..MANY {
        let answer = server.post("/token", json!({ "username": "ann", "password": i.to_string() })).await;
        assert_eq!(answer.status, if won.contains(&i) { 200 } else { 403 }, "{i}");
    }
}

async fn of_many_tokens_for_one_client_one_is_good(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let phone = server.token_for("ann", "pw", "phone").await;
    let http = server.http();
    let tokens = race(MANY, |_| {
        let http = http.clone();
        async move { http.token("ann", "pw").await }
    })
    .await;
    let mut good = 0;
    for token in &tokens {
        match server.get(&format!("/user/{token}/keys")).await.status {
            200 => good += 1,
            403 => {}
            other => panic!("{other}"),
        }
    }
    assert_eq!(good, 1, "of {MANY} tokens");
    assert_eq!(server.keys(&phone).await, <[&str; 0]>::default());
}

async fn of_many_who_unregister_an_account_one_does(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    server.put(&token, "one", "1").await;
    let http = server.http();
    let answers = race(MANY, |_| {
        let http = http.clone();
        async move { http.delete("/unregister", json!({ "username": "ann", "password": "pw" })).await }
    })
    .await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(done.len(), 1);
    assert_json(done[0], OK);
    for answer in refused {
        assert_problem(answer, 403, "invalid_credentials", "Invalid credentials");
    }
}

async fn of_many_writes_to_one_key_one_is_there(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let (http, owned) = (server.http(), token.clone());
    race(MANY, |i| {
        let (http, token) = (http.clone(), owned.clone());
        // Long enough that two of them mixed would show.
        async move { http.put(&token, "one", json!(vec![i; 1000])).await }
    })
    .await;
    let value = server.get(&format!("/user/{token}/store/one")).await.json()["value"].clone();
    assert_eq!(value, json!(vec![value[0].clone(); 1000]));
    assert!(value[0].as_u64().is_some_and(|i| i < MANY as u64), "{value}");
    assert_eq!(server.keys(&token).await, ["one"]);
}

async fn writes_beside_each_other_are_all_there(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let (http, owned) = (server.http(), token.clone());
    race(MANY, |i| {
        let (http, token) = (http.clone(), owned.clone());
        async move {
            let key = format!("{i:02}");
            http.put(&token, &key, i).await;
            // What was acknowledged is seen at once.
            assert_json(&http.get(&format!("/user/{token}/store/{key}")).await, &format!(r#"{{"value":{i}}}"#));
        }
    })
    .await;
    let expected: Vec<String> = (0..MANY).map(|i| format!("{i:02}")).collect();
    assert_eq!(server.keys(&token).await, expected);
}

async fn a_token_is_good_from_the_moment_it_is_answered(server: &mut TestServer<'_>) {
    let http = server.http();
    race(MANY, |i| {
        let http = http.clone();
        async move {
            let name = format!("user {i}");
            http.register(&name, "pw").await;
            let token = http.token(&name, "pw").await;
            assert_eq!(http.keys(&token).await, <[&str; 0]>::default(), "{name}");
            http.put(&token, "mine", i).await;
            assert_eq!(http.keys(&token).await, ["mine"], "{name}");
        }
    })
    .await;
    let answer = server.get(&format!("/user/{}/keys", Token::random().expose())).await;
    assert_problem(&answer, 403, "invalid_token", "Invalid token");
}
