//! The two doors: a token in the path, or `Authorization: Bearer` where the path says `-`.

use keybin::domain::ClientId;
use keybin::service::Tokens;

use super::super::assert_problem;
use super::{by_header, by_path, each_request};
use crate::harness::http::{Answer, Http};
use crate::harness::raw::request;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_bearer_token_opens_what_a_path_token_opens,
        a_jwt_is_the_same_token,
        the_scheme_may_be_in_any_case,
        without_a_credential_nobody_is_let_in,
        other_schemes_open_nothing,
        a_jwt_that_was_not_signed_here_is_an_unknown_token,
        a_path_token_beside_a_header_is_refused,
        two_headers_are_refused,
    );
}

#[track_caller]
fn assert_forbidden(answers: &[Answer; 3], what: &str) {
    for answer in answers {
        assert_eq!(answer.status, 403, "{what}");
        assert_problem(answer, 403, "invalid_token", "Invalid token");
    }
}

#[track_caller]
fn assert_several(answers: &[Answer; 3], what: &str) {
    for answer in answers {
        assert_eq!(answer.status, 400, "{what}");
        assert_problem(answer, 400, "several_credentials", "More than one credential was presented");
    }
}

/// A token of ann's, who is registered here.
async fn ann(http: &Http) -> String {
    http.register("ann", "pw").await;
    http.token("ann", "pw").await
}

/// A token of ann's for the client id `jwt`, and the JWT that spells it.
async fn jwt(server: &TestServer<'_>) -> (String, String) {
    let services = server.services();
    let account = services.accounts.find("ann").await.expect("is there");
    let tokens: &Tokens = &services.tokens;
    let fresh = tokens.issue_for(account.id, ClientId::parse("jwt").expect("a client id")).await.expect("issues");
    (fresh.token.expose(), tokens.jwt(&fresh).await.expect("signs"))
}

async fn a_bearer_token_opens_what_a_path_token_opens(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let by_path = by_path(server, &token).await;
    assert!(by_path.iter().all(|answer| answer.status == 200));
    assert_eq!(by_header(server, &format!("Bearer {token}")).await, by_path);
    assert_eq!(by_header(server, &format!("Bearer   {token}")).await, by_path);
}

async fn a_jwt_is_the_same_token(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let by_path = by_path(server, &token).await;
    let (secret, jwt) = jwt(server).await;
    let bearer = format!("Bearer {jwt}");
    assert_eq!(by_header(server, &bearer).await, by_path);
    // In the path it is none.
    assert_forbidden(&super::by_path(server, &jwt).await, "a JWT in the path");
    // It is good to the same moment as the token,
    let end = server.clock().advance(300_000);
    assert_forbidden(&by_header(server, &bearer).await, &format!("at {end}"));
    server.clock().advance(-1);
    assert_eq!(by_header(server, &bearer).await, by_path);
    assert_eq!(by_header(server, &format!("Bearer {secret}")).await, by_path);
    // and ends with it.
    server.token_for("ann", "pw", "jwt").await;
    assert_forbidden(&by_header(server, &bearer).await, "a JWT whose token was replaced");
}

async fn the_scheme_may_be_in_any_case(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        for answer in by_header(server, &format!("{scheme} {token}")).await {
            assert_eq!(answer.status, 200, "{scheme}");
        }
    }
}

async fn without_a_credential_nobody_is_let_in(server: &mut TestServer<'_>) {
    ann(server).await;
    assert_forbidden(&each_request(server, "-", &[]).await, "nothing");
    assert_forbidden(&each_request(server, "%2D", &[]).await, "nothing, spelled otherwise");
    assert_forbidden(&each_request(server, "-", &[("Cookie", "keybin_session=x")]).await, "a cookie");
}

async fn other_schemes_open_nothing(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let jwt = jwt(server).await.1;
    for authorization in [
        "",
        "Bearer",
        "Bearer ",
        &token,
        &format!("Bearer{token}"),
        &format!("Bearer {token} {token}"),
        &format!("Bearer {token},"),
        &format!("Bearer \"{token}\""),
        &format!("Bearer\t{token}"),
        &format!("Bearer, Bearer {token}"),
        &format!("Token {token}"),
        &format!("JWT {jwt}"),
        // base64("ann:pw")
        "Basic YW5uOnB3",
    ] {
        assert_forbidden(&by_header(server, authorization).await, authorization);
    }
}

async fn a_jwt_that_was_not_signed_here_is_an_unknown_token(server: &mut TestServer<'_>) {
    ann(server).await;
    let jwt = jwt(server).await.1;
    let parts: Vec<&str> = jwt.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("{jwt}") };
    // {"alg":"none","typ":"JWT"} and {"alg":"HS512","typ":"JWT"}
    let (none, other) = ("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9");
    let flipped: String = signature.chars().rev().collect();
    for forged in [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{other}.{claims}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{flipped}"),
        format!("{header}.{claims}"),
        format!("{header}.{}.{signature}", &claims[..claims.len() - 4]),
        format!("{jwt}.{jwt}"),
        format!("{header}.{claims}.{signature}="),
        "..".to_owned(),
        ".".repeat(5000),
    ] {
        assert_forbidden(&by_header(server, &format!("Bearer {forged}")).await, &forged);
    }
    assert_eq!(by_header(server, &format!("Bearer {jwt}")).await[0].status, 200);
}

async fn a_path_token_beside_a_header_is_refused(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let bearer = format!("Bearer {token}");
    for authorization in [&bearer, "Bearer x", "Basic YW5uOnB3", "x", ""] {
        for segment in [token.as_str(), "x"] {
            let answers = each_request(server, segment, &[("Authorization", authorization)]).await;
            assert_several(&answers, &format!("{segment} and {authorization}"));
        }
    }
}

async fn two_headers_are_refused(server: &mut TestServer<'_>) {
    let token = ann(server).await;
    let bearer = format!("Bearer {token}");
    for second in [&bearer, "Bearer x", "Basic YW5uOnB3", ""] {
        for (first, second) in [(bearer.as_str(), second), (second, bearer.as_str())] {
            let headers = [("Authorization", first), ("authorization", second)];
            assert_several(&each_request(server, "-", &headers).await, &format!("{first:?} and {second:?}"));
        }
    }
    let headers = [("Authorization", bearer.as_str()), ("AUTHORIZATION", bearer.as_str())];
    let exchange = server.raw(request("GET", "/user/-/keys", &headers, "")).await;
    assert_problem(exchange.answer(), 400, "several_credentials", "More than one credential was presented");
}
