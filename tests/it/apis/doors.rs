//! The doors: what becomes of each kind of credential in each state that it can be in.

use keybin::domain::{AccountId, ClientId, Clock, Token};
use keybin::service::{Change, Services};
use serde_json::{Value, json};

use super::forge::{KEY, KEY_CFG, Parts};
use super::{PASSWORD, assert_says};
use crate::harness::ask::{Ask, delete, get, post};
use crate::harness::http::{Answer, Http};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        each_door_in_each_state,
        the_password_door_in_each_state,
        several_credentials_are_refused_at_each_api,
        what_is_no_door_of_an_api_is_no_credential_there,
        an_unknown_name_and_a_wrong_password_do_not_differ,
    );
}

/// A way in that takes a token or a JWT, each with the API behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    Path,
    KeybinBearer,
    StowBasic,
    FormsBearer,
    FormsSession,
    PairsBearer,
    UsersJwt,
}

impl Door {
    pub(super) const ALL: [Self; 7] = [
        Self::Path,
        Self::KeybinBearer,
        Self::StowBasic,
        Self::FormsBearer,
        Self::FormsSession,
        Self::PairsBearer,
        Self::UsersJwt,
    ];

    /// Whether tokens as such are taken, and not only as JWTs.
    pub(super) fn takes_tokens(self) -> bool {
        self != Self::UsersJwt
    }

    /// Whether JWTs are taken.
    pub(super) fn takes_jwts(self) -> bool {
        !matches!(self, Self::Path | Self::StowBasic | Self::FormsSession)
    }

    /// Reads something, or with `None` tries to.
    pub(super) fn knock(self, credential: Option<&str>) -> Ask {
        let Some(credential) = credential else { return self.bare("-") };
        match self {
            Self::Path => self.bare(credential),
            Self::StowBasic => self.bare("-").basic(credential, "ignored"),
            Self::FormsSession => self.bare("-").session(credential),
            Self::UsersJwt => self.bare("-").jwt(credential),
            Self::KeybinBearer | Self::FormsBearer | Self::PairsBearer => self.bare("-").bearer(credential),
        }
    }

    fn bare(self, segment: &str) -> Ask {
        match self {
            Self::Path | Self::KeybinBearer => get(format!("/user/{segment}/store/one")),
            Self::StowBasic => get("/api/stow/one"),
            Self::FormsBearer | Self::FormsSession => get("/api/data/retrieve?key=one"),
            Self::PairsBearer => get("/keyvaluepairs/one"),
            Self::UsersJwt => get("/api/users"),
        }
    }

    /// How somebody is turned away: the status, the body, and how one comes in.
    fn refusal(self, credential: Option<&str>) -> (u16, Value, Option<&'static str>) {
        match self {
            Self::Path | Self::KeybinBearer => {
                let problem = json!({
                    "title": "Forbidden", "status": 403, "detail": "Invalid token", "code": "invalid_token",
                });
                (403, problem, None)
            }
            Self::StowBasic => {
                let scheme = "Basic realm=\"keybin\", charset=\"UTF-8\"";
                (401, json!({ "message": "Unauthorized access" }), Some(scheme))
            }
            Self::FormsBearer | Self::FormsSession => {
                let message = "No valid credential was presented";
                (401, json!({ "status": "error", "code": "INVALID_TOKEN", "message": message }), Some("Bearer"))
            }
            Self::PairsBearer => (401, json!({ "message": "Invalid token. Please register or login" }), Some("Bearer")),
            Self::UsersJwt => {
                let (error, description) = match credential {
                    None => ("Authorization Required", "Request does not contain an access token"),
                    Some(_) => ("Invalid token", "The access token is not valid"),
                };
                let body = json!({ "status_code": 401, "error": error, "description": description });
                (401, body, Some("JWT realm=\"keybin\""))
            }
        }
    }

    /// That this credential is turned away here, without a trace of why.
    pub(super) async fn assert_shut(self, http: &Http, what: &str, credential: Option<&str>) {
        let answer = self.knock(credential).ask(http).await;
        let (status, body, scheme) = self.refusal(credential);
        assert_eq!((answer.status, answer.json()), (status, body), "{what} at {self:?}");
        assert_eq!(answer.header("www-authenticate"), scheme, "{what} at {self:?}");
        // Whatever was presented, and whatever is wrong about it, it is one answer.
        if credential.is_some() {
            let nobody = self.knock(Some("x")).ask(http).await;
            assert_eq!(answer.undated(), nobody.undated(), "{what} at {self:?}");
        }
    }

    pub(super) async fn assert_open(self, http: &Http, what: &str, credential: &str) {
        let answer = self.knock(Some(credential)).ask(http).await;
        assert_eq!(answer.status, 200, "{what} at {self:?}: {answer:?}");
    }
}

/// A token in both spellings.
struct Both {
    token: String,
    jwt: String,
}

/// How a credential is presented.
type Way = Box<dyn Fn(&str) -> Ask>;

async fn issue(services: &Services, account: AccountId, client_id: &str) -> Both {
    let client_id = ClientId::parse(client_id).expect("a client id");
    let fresh = services.tokens.issue_for(account, client_id).await.expect("issues");
    Both { token: fresh.token.expose(), jwt: services.tokens.jwt(&fresh).await.expect("signs") }
}

/// Registers somebody who has a document under the key `one`.
async fn account(server: &TestServer<'_>, name: &str) -> AccountId {
    server.register(name, PASSWORD).await;
    let token = server.token_for(name, PASSWORD, "setup").await;
    server.put(&token, "one", "1").await;
    server.services().accounts.find(name).await.expect("is there").id
}

async fn each_door_in_each_state(server: &mut TestServer<'_>) {
    server.restart_with(KEY_CFG).await;
    let (ann, eve) = (account(server, "ann").await, account(server, "eve").await);
    let services = server.services();
    let expired = issue(&services, ann, "default").await;
    let expired_and_replaced = issue(&services, ann, "tablet").await;
    server.clock().set(server.clock().now().plus_seconds(300));
    issue(&services, ann, "tablet").await;
    let replaced = issue(&services, ann, "phone").await;
    let good = issue(&services, ann, "phone").await;
    let ended = issue(&services, ann, "desk").await;
    let desk = ClientId::parse("desk").expect("a client id");
    assert!(services.operator.revoke(ann, &desk).await.expect("revokes"));
    let erased = issue(&services, eve, "phone").await;
    services.operator.erase(eve).await.expect("erases");
    let eve = account(server, "eve").await;
    issue(&services, eve, "phone").await;
    let token = Token::random().expose();
    let jwt = Parts::of(&good.jwt).claim("jti", Some(json!(token))).signed(KEY);
    let unknown = Both { token, jwt };

    let nil = "00000000-0000-0000-0000-000000000000".to_owned();
    let long = "x".repeat(4000);
    let mut states: Vec<(&str, Both)> = vec![
        ("unknown", unknown),
        ("expired", expired),
        ("expired and replaced", expired_and_replaced),
        ("replaced", replaced),
        ("ended", ended),
        ("of an erased account", erased),
        ("malformed", Both { token: "x".into(), jwt: "x.y".into() }),
        ("malformed", Both { token: nil, jwt: "..".into() }),
        ("malformed", Both { token: long.clone(), jwt: format!("{long}.{long}.") }),
        ("malformed", Both { token: good.token.replace('-', ""), jwt: format!("{}.", good.jwt) }),
        ("malformed", Both { token: format!("{{{}}}", good.token), jwt: format!("{}.{}", good.jwt, good.token) }),
    ];
    let cut = good.jwt.rsplit_once('.').map(|(cut, _)| cut.to_owned()).expect("three parts");
    states.push(("malformed", Both { token: good.token[1..].to_owned(), jwt: cut }));
    for door in Door::ALL {
        door.assert_shut(server, "nothing", None).await;
        for (what, Both { token, jwt }) in &states {
            door.assert_shut(server, what, Some(token)).await;
            door.assert_shut(server, &format!("a JWT that is {what}"), Some(jwt)).await;
        }
        if door.takes_tokens() {
            door.assert_open(server, "a good token", &good.token).await;
        } else {
            door.assert_shut(server, "a good token", Some(&good.token)).await;
        }
        if door.takes_jwts() {
            door.assert_open(server, "a good JWT", &good.jwt).await;
        } else {
            door.assert_shut(server, "a good JWT", Some(&good.jwt)).await;
        }
    }
}

async fn the_password_door_in_each_state(server: &mut TestServer<'_>) {
    let (ann, eve) = (account(server, "ann").await, account(server, "eve").await);
    let (_, body, scheme) = Door::StowBasic.refusal(None);
    let shut = async |what: &str, request: Ask| {
        let answer = request.ask(server).await;
        assert_says(&answer, 401, &body);
        assert_eq!(answer.header("www-authenticate"), scheme, "{what}");
    };
    let one = || get("/api/stow/one");
    assert_eq!(one().basic("ann", PASSWORD).ask(server).await.status, 200);
    assert_eq!(one().basic("eve", PASSWORD).ask(server).await.status, 200);
    shut("nothing", one()).await;
    for malformed in ["Basic", "Basic !", "Basic YW5u", "Basic /////w==", "Basic Og=="] {
        shut(malformed, one().authorization(malformed)).await;
    }
    shut("unknown name", one().basic("nobody", PASSWORD)).await;
    shut("wrong password", one().basic("ann", "Passw0rd?")).await;
    let services = server.services();
    let change = Change { password: Some("new".into()), ..Change::default() };
    services.operator.change(ann, change).await.expect("changes");
    shut("replaced password", one().basic("ann", PASSWORD)).await;
    assert_eq!(one().basic("ann", "new").ask(server).await.status, 200);
    services.operator.erase(eve).await.expect("erases");
    shut("erased account", one().basic("eve", PASSWORD)).await;
    server.register("eve", "another").await;
    shut("account that is another now", one().basic("eve", PASSWORD)).await;
}

async fn several_credentials_are_refused_at_each_api(server: &mut TestServer<'_>) {
    account(server, "ann").await;
    let token = server.token("ann", PASSWORD).await;
    let jwt = super::users_jwt(server, "ann", PASSWORD).await;
    let rows = server.rows().await;
    let message = "More than one credential was presented";
    let problem = json!({ "title": "Bad Request", "status": 400, "detail": message, "code": "several_credentials" });
    let forms = json!({ "status": "error", "code": "SEVERAL_CREDENTIALS", "message": message });
    let users = json!({ "status_code": 400, "error": "Bad Request", "description": message });
    let assert_several =
        |answer: &Answer, body: &Value| assert_eq!((answer.status, answer.json()), (400, body.clone()));

    for request in [Door::Path.knock(Some(&token)), Door::KeybinBearer.knock(Some(&token))] {
        for request in [request.clone().bearer(&token), request.clone().basic("ann", PASSWORD), request.jwt(&jwt)] {
            assert_several(&request.ask(server).await, &problem);
        }
    }
    for request in super::stow::guarded() {
        let request = request.basic("ann", PASSWORD);
        for request in
            [request.clone().basic("ann", PASSWORD), request.clone().bearer(&token), request.basic(&token, "")]
        {
            assert_says(&request.ask(server).await, 400, &json!({ "message": message }));
        }
    }
    for request in super::forms::guarded(super::forms::Spelling::Form) {
        for request in [
            request.clone().session(&token).bearer(&jwt),
            request.clone().session(&token).basic("ann", PASSWORD),
            request.clone().bearer(&token).bearer(&token),
            request.clone().bearer(&token).basic("ann", PASSWORD),
            request.clone().session(&token).session(&token),
            request.clone().header("Cookie", format!("keybin_session={token}; keybin_session=x")),
            request.clone().header("Cookie", format!("keybin_session=x; keybin_session={token}")),
        ] {
            assert_several(&request.ask(server).await, &forms);
        }
    }
    for request in super::pairs::guarded() {
        let request = request.bearer(&jwt);
        for request in [request.clone().bearer(&jwt), request.clone().basic("ann", PASSWORD), request.jwt(&jwt)] {
            assert_says(&request.ask(server).await, 400, &json!({ "message": message }));
        }
    }
    let request = get("/api/users").jwt(&jwt);
    for request in [request.clone().jwt(&jwt), request.clone().bearer(&jwt), request.basic("ann", PASSWORD)] {
        assert_says(&request.ask(server).await, 400, &users);
    }
    assert_eq!(server.rows().await, rows);
}

/// A browser that has a session sends its cookie to every API of the server.
async fn what_is_no_door_of_an_api_is_no_credential_there(server: &mut TestServer<'_>) {
    account(server, "ann").await;
    let (session, _) = super::session(server, "ann", PASSWORD).await;
    let jwt = super::users_jwt(server, "ann", PASSWORD).await;
    for door in [Door::Path, Door::KeybinBearer, Door::StowBasic, Door::PairsBearer, Door::UsersJwt] {
        let answer = door.knock(None).session(&session).ask(server).await;
        let (status, ..) = door.refusal(None);
        assert_eq!(answer.status, status, "{door:?}");
        let credential = if door.takes_jwts() { &jwt } else { &session };
        assert_eq!(door.knock(Some(credential)).session(&session).ask(server).await.status, 200, "{door:?}");
    }
}

async fn an_unknown_name_and_a_wrong_password_do_not_differ(server: &mut TestServer<'_>) {
    account(server, "ann").await;
    let basic = |request: Ask| move |name: &str| request.clone().basic(name, "wrong");
    let body = |request: Ask| {
        move |name: &str| request.clone().json(json!({ "username": name, "name": name, "password": "wrong" }))
    };
    let form = |request: Ask| move |name: &str| request.clone().form(&[("username", name), ("password", "wrong")]);
    let ways: Vec<Way> = vec![
        Box::new(body(post("/token"))),
        Box::new(body(delete("/unregister"))),
        Box::new(basic(get("/api/user"))),
        Box::new(basic(get("/api/token"))),
        Box::new(basic(get("/api/stow/one"))),
        Box::new(basic(delete("/api/user"))),
        Box::new(body(post("/api/token"))),
        Box::new(form(post("/api/token"))),
        Box::new(body(post("/api/login"))),
        Box::new(form(post("/api/login").for_a_page())),
        Box::new(body(post("/auth/login"))),
        Box::new(body(post("/auth"))),
    ];
    for way in ways {
        let known = way("ann").ask(server).await.undated();
        assert!(matches!(known.status, 401 | 403), "{known:?}");
        let long = "x".repeat(300);
        for unknown in ["bob", "Ann", "ann ", "nobody at all", "é", &long] {
            assert_eq!(way(unknown).ask(server).await.undated(), known, "{}", way(unknown));
        }
    }
}
