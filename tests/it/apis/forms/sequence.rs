//! One life of an account, from its registration to the last of its data, in forms and in JSON alike.

use keybin::domain::Clock;
use serde_json::json;

use super::{
    Spelling, assert_data, assert_error, assert_invalid_token, assert_success, changed, person, register_person,
};
use crate::harness::ask::{get, post};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        the_whole_sequence_in_forms,
        the_whole_sequence_in_json,
        a_browser_is_sent_on,
        an_age_may_be_a_number,
    );
}

async fn the_whole_sequence_in_forms(server: &mut TestServer<'_>) {
    the_whole_sequence(server, Spelling::Form).await;
}

async fn the_whole_sequence_in_json(server: &mut TestServer<'_>) {
    the_whole_sequence(server, Spelling::Json).await;
}

async fn the_whole_sequence(server: &mut TestServer<'_>, spelling: Spelling) {
    registering(server, spelling).await;
    let jwt = logging_in(server, spelling).await;
    let credential = |request: super::Ask| request.bearer(&jwt);
    keeping_data(server, spelling, credential).await;
}

async fn registering(server: &TestServer<'_>, spelling: Spelling) {
    let ann = person("ann");
    let answer = spelling.of(post("/api/register"), &changed(&ann, &[])).ask(server).await;
    let data = json!({
        "user_id": answer.json()["data"]["user_id"].as_u64().expect("a number"),
        "username": "ann",
        "email": "ann@example.org",
        "full_name": "ann Müller & Sons",
        "age": 30,
        "gender": "female",
    });
    assert_data(&answer, "User successfully registered!", &data);

    let rule = "Parameter 'password' must have at least 8 characters, among them an upper-case and a lower-case \
                letter, a digit and a special character";
    let age = "Parameter 'age' must be a positive integer";
    let (name, email) = ("User already registered", "E-mail address already registered");
    let gender = "Required parameter 'gender' is missing";
    let somebody = [("username", Some("bob")), ("email", Some("bob@example.org"))];
    for (changes, status, code, message) in [
        (&[][..], 409, "USERNAME_EXISTS", name),
        (&[("email", Some("bob@example.org"))], 409, "USERNAME_EXISTS", name),
        (&[("username", Some("bob"))], 409, "EMAIL_EXISTS", email),
        (&[("username", Some("bob")), ("email", Some("ANN@Example.ORG"))], 409, "EMAIL_EXISTS", email),
        (&[somebody[0], somebody[1], ("password", Some("password"))], 400, "INVALID_PASSWORD", rule),
        (&[somebody[0], somebody[1], ("age", Some("-5"))], 400, "INVALID_AGE", age),
        (&[somebody[0], somebody[1], ("gender", None)], 400, "GENDER_REQUIRED", gender),
    ] {
        let request = spelling.of(post("/api/register"), &changed(&ann, changes));
        let answer = request.ask(server).await;
        assert_error(&answer, status, code, message);
    }
    // None of them came to be.
    let bob = spelling.of(post("/api/register"), &changed(&ann, &somebody)).ask(server).await;
    assert_eq!(bob.json()["data"]["username"], "bob", "{bob:?}");
}

/// Gives a JWT that is good.
async fn logging_in(server: &TestServer<'_>, spelling: Spelling) -> String {
    let wrong = "Invalid credentials";
    let [name, password, _] = with_token("");
    let right = [name, password];
    let no_such = [("username", "nobody"), ("password", super::PASSWORD)];
    let mistyped = [("username", "ann"), ("password", "passw0rd!")];

    let answer = spelling.of(post("/api/token"), &right).ask(server).await;
    let jwt = answer.json()["data"]["access_token"].as_str().expect("a JWT").to_owned();
    let data = json!({ "access_token": jwt, "expires_in": 3600 });
    assert_data(&answer, "Access token generated successfully.", &data);
    for path in ["/api/token", "/api/login"] {
        for fields in [no_such, mistyped] {
            let answer = spelling.of(post(path), &fields).ask(server).await;
            assert_error(&answer, 401, "INVALID_CREDENTIALS", wrong);
        }
    }

    for fields in [&right[..], &with_token(&jwt), &with_token("")] {
        let answer = spelling.of(post("/api/login"), fields).ask(server).await;
        let token = answer.json()["data"]["csrf_token"].as_str().expect("a form token").to_owned();
        assert_data(&answer, "Login successful!", &json!({ "csrf_token": token }));
        assert!(answer.header("set-cookie").is_some_and(|cookie| cookie.starts_with("keybin_session=")));
    }
    // With another one's token nobody logs in, and not with one that is over.
    let bobs = super::jwt(server, "bob").await;
    let refused = async |jwt: &str| {
        let answer = spelling.of(post("/api/login"), &with_token(jwt)).ask(server).await;
        assert_error(&answer, 401, "INVALID_TOKEN", "No valid credential was presented");
        assert_eq!(answer.header("set-cookie"), None);
    };
    refused(&bobs).await;
    refused("x").await;
    let start = server.clock().now();
    server.clock().set(start.plus_seconds(3600));
    refused(&jwt).await;
    super::jwt(server, "ann").await
}

/// What ann logs in with where she brings a token as well.
fn with_token(jwt: &str) -> [(&str, &str); 3] {
    [("username", "ann"), ("password", super::PASSWORD), ("access_token", jwt)]
}

/// Storing and all that comes after it, with a credential that is added to each request.
async fn keeping_data(server: &TestServer<'_>, spelling: Spelling, with: impl Fn(super::Ask) -> super::Ask) {
    let ask = async |path: &str, fields: &[(&str, &str)]| with(spelling.of(post(path), fields)).ask(server).await;
    let retrieve = async || with(get("/api/data/retrieve?key=one")).ask(server).await;
    let absent = "Key 'one' not found";

    assert_error(&retrieve().await, 404, "KEY_NOT_FOUND", absent);
    let first = [("key", "one"), ("value", "a & b = ü\r\n+%41")];
    assert_error(&ask("/api/data/update", &first).await, 404, "KEY_NOT_FOUND", absent);
    assert_error(&ask("/api/data/delete", &first[..1]).await, 404, "KEY_NOT_FOUND", absent);

    assert_success(&ask("/api/data", &first).await, "Data stored successfully.");
    for value in [first[1].1, "another"] {
        let again = [("key", "one"), ("value", value)];
        assert_error(&ask("/api/data", &again).await, 409, "KEY_EXISTS", "Key 'one' already exists");
    }
    let data = json!({ "key": "one", "value": first[1].1 });
    assert_data(&retrieve().await, "Data retrieved successfully.", &data);

    let second = [("key", "one"), ("value", "")];
    assert_success(&ask("/api/data/update", &second).await, "Data updated successfully.");
    let data = json!({ "key": "one", "value": "" });
    assert_data(&retrieve().await, "Data retrieved successfully.", &data);

    assert_success(&ask("/api/data/delete", &second[..1]).await, "Data deleted successfully.");
    assert_error(&retrieve().await, 404, "KEY_NOT_FOUND", absent);
    assert_error(&ask("/api/data/delete", &second[..1]).await, 404, "KEY_NOT_FOUND", absent);
    assert_error(&ask("/api/data/update", &second).await, 404, "KEY_NOT_FOUND", absent);
    assert_success(&ask("/api/data", &first).await, "Data stored successfully.");
}

async fn a_browser_is_sent_on(server: &mut TestServer<'_>) {
    let ann = person("ann");
    let answer = post("/api/register").form(&changed(&ann, &[])).for_a_page().ask(server).await;
    assert_eq!((answer.status, answer.header("location"), answer.text()), (302, Some("/login"), ""));
    assert_eq!(answer.header("set-cookie"), None);
    let login = [("username", "ann"), ("password", super::PASSWORD)];
    let answer = post("/api/login").form(&login).for_a_page().ask(server).await;
    assert_eq!((answer.status, answer.header("location"), answer.text()), (302, Some("/dashboard"), ""));
    let cookie = answer.header("set-cookie").expect("a cookie");
    let secret = cookie.split([';', '=']).nth(1).expect("a value");

    keeping_data(server, Spelling::Form, |request| request.session(secret).for_a_page()).await;
    let answer = get("/api/logout").session(secret).for_a_page().ask(server).await;
    assert_eq!((answer.status, answer.header("location"), answer.text()), (302, Some("/login"), ""));
    assert_invalid_token(&get("/api/data/retrieve?key=one").session(secret).for_a_page().ask(server).await);

    // What is refused is told, and no cookie is set.
    let wrong = [("username", "ann"), ("password", "x")];
    let answer = post("/api/login").form(&wrong).for_a_page().ask(server).await;
    assert_error(&answer, 401, "INVALID_CREDENTIALS", "Invalid credentials");
    assert_eq!(answer.header("set-cookie"), None);
    // Who takes anything is no browser that shows pages.
    let program = post("/api/login").form(&login).header("Accept", "*/*").ask(server).await;
    assert_eq!(program.status, 200);
}

async fn an_age_may_be_a_number(server: &mut TestServer<'_>) {
    register_person(server, "bob").await;
    let body = json!({
        "username": "ann", "email": "ann@example.org", "password": super::PASSWORD, "full_name": "Ann", "age": 7,
        "gender": "x", "admin": true, "user_id": 1,
    });
    let answer = post("/api/register").json(&body).ask(server).await;
    assert_eq!((answer.status, &answer.json()["data"]["age"]), (200, &json!(7)), "{answer:?}");
    assert_ne!(answer.json()["data"]["user_id"], 1);
    let services = server.services();
    assert!(!services.accounts.find("ann").await.expect("is there").admin);
}
