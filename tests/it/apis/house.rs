//! One house: accounts, tokens and documents are the same whichever API they came in by.

use serde_json::{Value, json};

use super::doors::Door;
use super::{PASSWORD, forms_jwt, pairs_jwt, session, stow_token, users_jwt};
use crate::harness::ask::{Ask, delete, get, post, put};
use crate::harness::http::Http;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        what_one_api_writes_the_others_read,
        what_one_api_removes_is_gone_from_the_others,
        an_account_made_at_one_is_usable_at_all,
        a_name_is_taken_everywhere,
        a_token_of_one_opens_the_doors_of_all,
        unregistering_at_keybin_ends_everything,
        unregistering_at_stow_ends_everything,
        logging_out_at_one_ends_that_token_at_all,
        times_of_one_are_those_of_the_others,
    );
}

/// One credential of each kind, for one account.
pub(super) struct Credentials {
    name: String,
    keybin: String,
    stow: String,
    forms: String,
    session: String,
    pairs: String,
    users: String,
}

impl Credentials {
    pub(super) async fn of(http: &Http, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            keybin: http.token(name, PASSWORD).await,
            stow: stow_token(http, name, PASSWORD).await,
            forms: forms_jwt(http, name, PASSWORD).await,
            session: session(http, name, PASSWORD).await.0,
            pairs: pairs_jwt(http, name, PASSWORD).await,
            users: users_jwt(http, name, PASSWORD).await,
        }
    }

    /// Everything that is a token or a JWT.
    fn tokens(&self) -> [(&'static str, &str); 6] {
        [
            ("Keybin", &self.keybin),
            ("Stow", &self.stow),
            ("Forms", &self.forms),
            ("Forms session", &self.session),
            ("Pairs", &self.pairs),
            ("Users", &self.users),
        ]
    }

    /// The ways to write, one or more for each API. The Users API has no documents of its own; its JWT writes as well.
    fn writers(&self, key: &str, value: &Value) -> Vec<(&'static str, Ask)> {
        let named = json!({ "key": key, "value": value });
        let pair = json!({ "key_name": key, "value_name": value });
        let alone = json!({ "value": value });
        vec![
            ("Keybin", post(format!("/user/{}/store/{key}", self.keybin)).json(&alone)),
            ("Keybin by Bearer", post(format!("/user/-/store/{key}")).bearer(&self.keybin).json(&alone)),
            ("Keybin for Users", post(format!("/user/-/store/{key}")).bearer(&self.users).json(&alone)),
            ("Stow by password", put(format!("/api/stow/{key}")).basic(&self.name, PASSWORD).json(&alone)),
            ("Stow by token", put(format!("/api/stow/{key}")).basic(&self.stow, "").json(&alone)),
            ("Forms by session", post("/api/data").session(&self.session).json(&named)),
            ("Forms by JWT", post("/api/data").bearer(&self.forms).json(&named)),
            ("Pairs", post("/keyvaluepairs/").bearer(&self.pairs).json(&pair)),
            ("Pairs by name", post("/set").bearer(&self.pairs).json(&named)),
        ]
    }

    /// The ways to read, and where the value is in the answer (RFC 6901).
    pub(super) fn readers(&self, key: &str) -> Vec<(Ask, String)> {
        let at = |place: &str| place.to_owned();
        vec![
            (get(format!("/user/{}/store/{key}", self.keybin)), at("/value")),
            (get(format!("/user/-/store/{key}")).bearer(&self.users), at("/value")),
            (get(format!("/api/stow/{key}")).basic(&self.name, PASSWORD), at("/value")),
            (get("/api/stow").basic(&self.stow, ""), format!("/entries/{key}/value")),
            (get(format!("/api/data/retrieve?key={key}")).session(&self.session), at("/data/value")),
            (get(format!("/api/data/retrieve?key={key}")).bearer(&self.forms), at("/data/value")),
            (get(format!("/keyvaluepairs/{key}")).bearer(&self.pairs), at("/value_name")),
            (get(format!("/get?key={key}")).bearer(&self.pairs), at("/value_name")),
        ]
    }

    async fn assert_all_read(&self, http: &Http, key: &str, value: &Value, writer: &str) {
        for (reader, place) in self.readers(key) {
            let answer = reader.ask(http).await;
            assert_eq!(answer.json().pointer(&place), Some(value), "by {writer}, for {reader}: {answer:?}");
        }
        assert!(http.keys(&self.keybin).await.iter().any(|listed| listed == key), "by {writer}");
    }

    async fn assert_none_reads(&self, http: &Http, key: &str, remover: &str) {
        for (reader, place) in self.readers(key) {
            let answer = reader.ask(http).await;
            let expected = if place.starts_with("/entries") { 200 } else { 404 };
            assert_eq!(answer.status, expected, "by {remover}, for {reader}: {answer:?}");
            assert_eq!(answer.json().pointer(&place), None, "by {remover}, for {reader}");
        }
        assert!(http.keys(&self.keybin).await.iter().all(|listed| listed != key), "by {remover}");
    }
}

async fn what_one_api_writes_the_others_read(server: &mut TestServer<'_>) {
    server.register("ann", PASSWORD).await;
    server.register("bob", PASSWORD).await;
    let (ann, bob) = (Credentials::of(server, "ann").await, Credentials::of(server, "bob").await);
    for (n, (writer, _)) in ann.writers("", &Value::Null).iter().enumerate() {
        let key = format!("key{n}");
        let value = json!({ "by": writer, "to": [null, 0, -1.5, "é😀", { "a.b": {} }], "$oid": "x" });
        let write = ann.writers(&key, &value).swap_remove(n).1;
        let answer = write.ask(server).await;
        assert!(matches!(answer.status, 200 | 201), "{write}: {answer:?}");
        ann.assert_all_read(server, &key, &value, writer).await;
        bob.assert_none_reads(server, &key, writer).await;
    }
}

async fn what_one_api_removes_is_gone_from_the_others(server: &mut TestServer<'_>) {
    server.register("ann", PASSWORD).await;
    let ann = Credentials::of(server, "ann").await;
    for remove in [
        delete("/api/stow/one").basic("ann", PASSWORD),
        post("/api/data/delete").session(&ann.session).json(r#"{"key":"one"}"#),
        delete("/keyvaluepairs/one").bearer(&ann.pairs),
    ] {
        for update in [
            post(format!("/user/{}/store/one", ann.keybin)).json(r#"{"value":"new"}"#),
            put("/api/stow/one").basic("ann", PASSWORD).json(r#"{"value":"new"}"#),
            post("/api/data/update").bearer(&ann.forms).json(r#"{"key":"one","value":"new"}"#),
            put("/keyvaluepairs/one").bearer(&ann.pairs).json(r#"{"value_name":"new"}"#),
        ] {
            server.put(&ann.keybin, "one", "\"old\"").await;
            assert_eq!(update.ask(server).await.status, 200, "{update}");
            ann.assert_all_read(server, "one", &json!("new"), &update.to_string()).await;
        }
        assert_eq!(remove.ask(server).await.status, 200, "{remove}");
        ann.assert_none_reads(server, "one", &remove.to_string()).await;
    }
}

/// The ways to register somebody of this name, one for each API, and the status when the name is taken.
fn registrations(name: &str) -> [(&'static str, Ask, u16); 5] {
    let email = format!("{name}@example.org");
    let form = [
        ("username", name),
        ("email", &email),
        ("password", PASSWORD),
        ("full_name", name),
        ("age", "30"),
        ("gender", "x"),
    ];
    let by_name = json!({ "name": name, "password": PASSWORD });
    let user = json!({ "username": name, "password": PASSWORD, "email": email });
    [
        ("keybin", post("/register").json(json!({ "username": name, "password": PASSWORD })), 409),
        ("stow", post("/api/user").json(&by_name), 409),
        ("forms", post("/api/register").form(&form), 409),
        ("pairs", post("/auth/register").json(&by_name), 202),
        ("users", post("/api/users").json(&user), 409),
    ]
}

async fn an_account_made_at_one_is_usable_at_all(server: &mut TestServer<'_>) {
    for (name, ..) in registrations("") {
        let (_, request, _) = registrations(name).into_iter().find(|(api, ..)| *api == name).expect("is there");
        let answer = request.ask(server).await;
        assert!(matches!(answer.status, 200 | 201), "{request}: {answer:?}");
        let somebody = Credentials::of(server, name).await;
        for (n, (writer, _)) in somebody.writers("", &Value::Null).iter().enumerate() {
            let key = format!("key{n}");
            let write = somebody.writers(&key, &json!(n)).swap_remove(n).1;
            assert!(matches!(write.ask(server).await.status, 200 | 201), "{name}: {writer}");
            somebody.assert_all_read(server, &key, &json!(n), writer).await;
        }
        // It is one account, of one number.
        let number = get("/api/user").basic(name, PASSWORD).ask(server).await.json()["id"].clone();
        let pair = get("/get?key=key0").bearer(&somebody.pairs).ask(server).await.json();
        let entry = get("/api/users").jwt(&somebody.users).ask(server).await.json();
        assert_eq!((&pair["created_by"], &entry[0]["id"]), (&number, &number), "{name}");
        assert_eq!(entry[0]["username"], *name);
    }
}

async fn a_name_is_taken_everywhere(server: &mut TestServer<'_>) {
    for (name, ..) in registrations("") {
        let (_, request, _) = registrations(name).into_iter().find(|(api, ..)| *api == name).expect("is there");
        request.ask(server).await;
        for (api, again, taken) in registrations(name) {
            assert_eq!(again.ask(server).await.status, taken, "{name}, again at {api}");
        }
    }
}

async fn a_token_of_one_opens_the_doors_of_all(server: &mut TestServer<'_>) {
    server.register("ann", PASSWORD).await;
    let ann = Credentials::of(server, "ann").await;
    server.put(&ann.keybin, "one", "1").await;
    for (issuer, token) in ann.tokens() {
        let is_jwt = token.contains('.');
        for door in Door::ALL {
            if if is_jwt { door.takes_jwts() } else { door.takes_tokens() } {
                door.assert_open(server, issuer, token).await;
            } else {
                door.assert_shut(server, issuer, Some(token)).await;
            }
        }
    }
}

async fn unregistering_at_keybin_ends_everything(server: &mut TestServer<'_>) {
    let request = delete("/unregister").json(json!({ "username": "ann", "password": PASSWORD }));
    unregistering_ends_everything(server, request).await;
}

async fn unregistering_at_stow_ends_everything(server: &mut TestServer<'_>) {
    unregistering_ends_everything(server, delete("/api/user").basic("ann", PASSWORD)).await;
}

async fn unregistering_ends_everything(server: &mut TestServer<'_>, unregister: Ask) {
    server.register("bob", PASSWORD).await;
    let bob = Credentials::of(server, "bob").await;
    server.put(&bob.keybin, "one", "\"bob's\"").await;
    let rows = server.rows().await;

    server.register("ann", PASSWORD).await;
    let ann = Credentials::of(server, "ann").await;
    server.put(&ann.keybin, "one", "\"ann's\"").await;
    assert_eq!(unregister.ask(server).await.status, 200);
    let nobody_is_let_in = async |server: &TestServer<'_>, when: &str| {
        for (issuer, token) in ann.tokens() {
            for door in Door::ALL {
                door.assert_shut(server, &format!("{issuer}, {when}"), Some(token)).await;
            }
            let body = json!({ "username": "bob", "password": PASSWORD, "access_token": token });
            assert_eq!(post("/api/login").json(body).ask(server).await.status, 401, "{issuer}, {when}");
        }
    };
    nobody_is_let_in(server, "after the end").await;
    for (request, status) in [
        (post("/token").json(json!({ "username": "ann", "password": PASSWORD })), 403),
        (get("/api/token").basic("ann", PASSWORD), 401),
        (post("/api/login").json(json!({ "username": "ann", "password": PASSWORD })), 401),
        (post("/auth/login").json(json!({ "name": "ann", "password": PASSWORD })), 401),
        (post("/auth").json(json!({ "username": "ann", "password": PASSWORD })), 401),
        (delete("/unregister").json(json!({ "username": "ann", "password": PASSWORD })), 403),
        (delete("/api/user").basic("ann", PASSWORD), 401),
    ] {
        assert_eq!(request.ask(server).await.status, status, "{request}");
    }
    assert_eq!(server.rows().await, rows, "something of ann's is left");

    // Whoever has the name next has nothing of it.
    server.register("ann", PASSWORD).await;
    let next = Credentials::of(server, "ann").await;
    next.assert_none_reads(server, "one", "unregistering").await;
    nobody_is_let_in(server, "when there is another account of the name").await;
    bob.assert_all_read(server, "one", &json!("bob's"), "bob").await;
}

async fn logging_out_at_one_ends_that_token_at_all(server: &mut TestServer<'_>) {
    server.register("ann", PASSWORD).await;
    for n in 0..6 {
        let ann = Credentials::of(server, "ann").await;
        server.put(&ann.keybin, "one", "1").await;
        let (issuer, token) = ann.tokens()[n];
        let logout = if n % 2 == 0 { get("/api/logout") } else { post("/auth/logout") };
        assert_eq!(logout.bearer(token).ask(server).await.status, 200, "{issuer}");
        for door in Door::ALL {
            door.assert_shut(server, issuer, Some(token)).await;
        }
        for (other, token) in ann.tokens().into_iter().filter(|(other, _)| *other != issuer) {
            let door = if other == "Users" { Door::UsersJwt } else { Door::PairsBearer };
            door.assert_open(server, &format!("{other} after {issuer}"), token).await;
        }
    }
}

async fn times_of_one_are_those_of_the_others(server: &mut TestServer<'_>) {
    server.register("ann", PASSWORD).await;
    let ann = Credentials::of(server, "ann").await;
    server.put(&ann.keybin, "one", "1").await;
    let body = json!({ "value": 2, "modified": "2040-06-01T12:00:00.999999" });
    let stored = put("/api/stow/one").basic("ann", PASSWORD).json(&body).ask(server).await;
    assert_eq!(stored.status, 200);
    let pair = get("/get?key=one").bearer(&ann.pairs).ask(server).await.json();
    assert_eq!(pair["date_created"], "Mon, 02 Jan 2040 03:04:05 GMT");
    assert_eq!(pair["date_modified"], "Fri, 01 Jun 2040 12:00:00 GMT");
    // What is written elsewhere without a time is of now, and a time before that does not overwrite it.
    server.put(&ann.keybin, "one", "3").await;
    let entry = get("/api/stow/one").basic("ann", PASSWORD).ask(server).await.json();
    let now = "2040-01-02T03:04:05.678000";
    assert_eq!(entry, json!({ "value": 3, "modified": now, "created": now }));
    let body = json!({ "value": 4, "modified": now });
    assert_eq!(put("/api/stow/one").basic("ann", PASSWORD).json(body).ask(server).await.status, 409);
}
