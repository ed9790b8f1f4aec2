//! The limit: routes with the shape of Keybin's that do nothing. Nothing on Rocket can be faster.

use rocket::response::content::RawJson;
use rocket::{Build, Rocket, State, get, post, routes};

/// What every reading answers.
struct Answer(String);

/// Answers a text that takes so many bytes as JSON.
pub(crate) fn mounted(rocket: Rocket<Build>, bytes: usize) -> Rocket<Build> {
    let text = "x".repeat(bytes.saturating_sub(2));
    rocket.manage(Answer(format!("{{\"value\":\"{text}\"}}"))).mount("/user", routes![read, write])
}

#[get("/<_token>/store/<_key>")]
fn read<'s>(_token: &str, _key: &str, answer: &'s State<Answer>) -> RawJson<&'s str> {
    RawJson(&answer.0)
}

#[post("/<_token>/store/<_key>", data = "<body>")]
fn write(_token: &str, _key: &str, body: &[u8]) -> RawJson<&'static str> {
    // It was read, as every server has to.
    let _ = body;
    RawJson("{\"result\":\"ok\"}")
}
