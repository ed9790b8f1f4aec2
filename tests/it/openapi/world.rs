//! What there must be for an example to be about: an account with some documents and tokens, or none of its name.

use serde_json::{Value, json};

use super::told::Operation;
use crate::harness::TestServer;
use crate::harness::ask::{Ask, get, post};
use crate::harness::http::Answer;

/// Whom the examples are about.
const NAME: &str = "ann";
const PASSWORD: &str = "Passw0rd!";

/// Where one registers. There must be nobody yet.
const REGISTRATIONS: [&str; 6] =
    ["/register", "/register/account", "/api/user", "/api/users", "/api/register", "/auth/register"];

/// Stands in examples for the form token.
const FORM_TOKEN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What an example is sent with.
pub(super) struct World {
    /// The values of headers, by their names.
    headers: Vec<(&'static str, String)>,
    /// The form token of the session, or of the visit.
    form_token: String,
    /// The revision of the document.
    revision: String,
}

impl World {
    /// Makes everything anew, for somebody who comes in through this door.
    pub(super) async fn make(server: &TestServer<'_>, operation: &Operation<'_>, door: Option<&str>) -> Self {
        for name in [NAME, "bob"] {
            erase(server, name).await;
        }
        let mut world = Self { headers: Vec::new(), form_token: String::new(), revision: String::new() };
        let is_registration = operation.method == "POST" && REGISTRATIONS.contains(&operation.path);
        if !is_registration {
            world.furnish(server).await;
        }
        if let Some(door) = door {
            world.come_in(server, door).await;
        } else if operation.told["tags"][0] == "Web" {
            let page = get("/login").for_a_page().ask(server).await;
            world.headers.push(("Cookie", cookie(&page)));
            world.form_token = between(page.text(), "name=\"csrf_token\" value=\"").to_owned();
        }
        world
    }

    async fn furnish(&mut self, server: &TestServer<'_>) {
        server.register(NAME, PASSWORD).await;
        server.register("bob", PASSWORD).await;
        crate::web::promote(server, NAME).await;
        let token = server.token(NAME, PASSWORD).await;
        server.token_for(NAME, PASSWORD, "phone").await;
        for (key, value) in [
            ("cities", json!(["Paris", "Rome"])),
            ("settings", json!({ "colour": "red", "size": 1 })),
            ("note.1", json!({ "title": "Groceries", "done": false })),
            ("note.2", json!({ "title": "Letters", "done": false })),
            ("note.3", json!({ "title": "Music", "done": false })),
        ] {
            server.put(&token, key, value).await;
        }
        let answer = server.get(&format!("/user/{token}/store/cities")).await;
        self.revision = answer.header("etag").expect("a tag").trim_matches('"').to_owned();
    }

    /// A credential for this door.
    async fn come_in(&mut self, server: &TestServer<'_>, door: &str) {
        let given = json!({ "username": NAME, "password": PASSWORD });
        match door {
            "bearer" => {
                let token = server.token(NAME, PASSWORD).await;
                self.headers.push(("Authorization", format!("Bearer {token}")));
            }
            "basic" => self.headers.push(("Authorization", "Basic YW5uOlBhc3N3MHJkIQ==".to_owned())),
            "jwt" => {
                let answer = post("/auth").json(given).ask(server).await.json();
                let jwt = answer["access_token"].as_str().expect("a JWT");
                self.headers.push(("Authorization", format!("JWT {jwt}")));
            }
            "session" => {
                let answer = post("/api/login").json(given).ask(server).await;
                self.headers.push(("Cookie", cookie(&answer)));
                self.form_token = answer.json()["data"]["csrf_token"].as_str().expect("a form token").to_owned();
            }
            other => panic!("{other} is no door"),
        }
    }

    /// The request, as this world asks for it.
    pub(super) fn dress(&self, ask: Ask) -> Ask {
        self.headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value))
    }

    /// An example with what is true in this world.
    pub(super) fn made_true(&self, example: &Value) -> Value {
        match example {
            Value::String(text) if text == FORM_TOKEN => self.form_token.clone().into(),
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| match name.as_str() {
                    "revision" => (name.clone(), self.revision.clone().into()),
                    _ => (name.clone(), self.made_true(value)),
                };
                members.iter().map(member).collect()
            }
            other => other.clone(),
        }
    }
}

async fn erase(server: &TestServer<'_>, name: &str) {
    let services = server.services();
    if let Ok(account) = services.accounts.find(name).await {
        services.operator.erase(account.id).await.expect("erases");
    }
}

fn cookie(answer: &Answer) -> String {
    let mut cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    cookies.next().and_then(|(_, cookie)| cookie.split(';').next()).expect("a cookie").to_owned()
}

fn between<'t>(text: &'t str, start: &str) -> &'t str {
    text.split_once(start).and_then(|(_, rest)| rest.split('"').next()).expect("it is there")
}
