//! The Pairs API.

use rocket::http::Method::{self, Delete, Get, Post, Put};
use serde_json::{Value as Json, json};

use super::common::{http_date, key, message, password, username, value};
use super::operation::Operation;
use super::refusals::{of_absence, of_password, of_registration, of_value};
use super::shape::{Shape, exactly, object, text, whole};
use super::{Chapter, Documented};
use crate::http::api::pairs::Pairs;
use crate::http::refusal::Refusal;
use crate::service::ServiceError;

const PAIR: &str = "/keyvaluepairs/{key_name}";

impl Documented for Pairs {
    const NAME: &'static str = "Pairs";

    fn refusal() -> (&'static str, Shape) {
        ("application/json", message())
    }
}

/// What there is.
pub(super) fn chapter() -> Chapter {
    let about = "Pairs of a key and a value, with a token or JWT. Dates are written as in HTTP headers.";
    Chapter { name: Pairs::NAME, about, operations: entrance().into_iter().chain(pairs()).chain(by_name()).collect() }
}

fn inside(method: Method, path: &'static str, summary: &'static str) -> Operation {
    Operation::new::<Pairs>(method, path, summary)
}

fn entrance() -> Vec<Operation> {
    let credentials = || object([("name", username()), ("password", password())]);
    let given = json!({ "name": "ann", "password": "Passw0rd!" });
    let is_taken = |refusal: &Refusal| matches!(refusal, Refusal::Service(ServiceError::NameTaken));
    let says = |text: &str| json!({ "message": text });
    vec![
        Operation::open::<Pairs>(Post, "/auth/register", "Registers a user")
            .json(credentials(), given.clone())
            .answers(201, "Registered.", message(), says("You registered successfully. Please login."))
            .answers(202, "Somebody has the name.", message(), says("User already exists. Please login."))
            .refuses(of_registration().into_iter().filter(|refusal| !is_taken(refusal))),
        Operation::open::<Pairs>(Post, "/auth/login", "Fetches an access token")
            .json(credentials(), given)
            .answers(
                200,
                "The token.",
                exactly([("message", text()), ("access_token", text())]),
                json!({ "message": "You logged in successfully.", "access_token": "eyJ…" }),
            )
            .refuses(of_password()),
        inside(Post, "/auth/logout", "Ends the presented token").answers(
            200,
            "Ended.",
            message(),
            says("You logged out successfully."),
        ),
    ]
}

fn pairs() -> Vec<Operation> {
    let says = json!({ "message": "Key 'cities' deleted successfully." });
    vec![
        inside(Post, "/keyvaluepairs/", "Stores a pair")
            .json(
                object([("key_name", key()), ("value_name", value())]),
                json!({ "key_name": "cities", "value_name": ["Paris", "Rome"] }),
            )
            .answers(201, "The pair.", pair(), example())
            .refuses([Refusal::Key])
            .refuses(of_value()),
        one(Get, "Reads a pair").answers(200, "The pair.", pair(), example()),
        one(Put, "Replaces the value of a pair")
            .json(object([("value_name", value())]), json!({ "value_name": ["Paris", "Rome"] }))
            .answers(200, "The pair.", pair(), example())
            .refuses(of_value()),
        one(Delete, "Removes a pair").answers(200, "Removed.", message(), says),
    ]
}

fn by_name() -> Vec<Operation> {
    vec![
        inside(Get, "/get", "Reads a pair, by its method's name")
            .demands("key", "The key.", key(), "cities")
            .answers(200, "The pair.", pair(), example())
            .refuses([Refusal::Key, Refusal::Missing("key"), Refusal::Repeated("key".to_owned())])
            .refuses([ServiceError::NotGranted.into()])
            .refuses(of_absence()),
        inside(Post, "/set", "Stores a pair, by its method's name")
            .json(object([("key", key()), ("value", value())]), json!({ "key": "cities", "value": ["Paris", "Rome"] }))
            .answers(200, "The pair.", pair(), example())
            .refuses([Refusal::Key])
            .refuses(of_value()),
    ]
}

fn one(method: Method, summary: &'static str) -> Operation {
    inside(method, PAIR, summary)
        .segment("key_name", "The key.", key(), "cities")
        .refuses([Refusal::Key, ServiceError::NotGranted.into()])
        .refuses(of_absence())
}

fn pair() -> Shape {
    exactly([
        ("id", whole(0)),
        ("key_name", key()),
        ("value_name", value()),
        ("date_created", http_date()),
        ("date_modified", http_date()),
        ("created_by", whole(1)),
    ])
}

fn example() -> Json {
    json!({ "id": 93_127_001, "key_name": "cities", "value_name": ["Paris", "Rome"], "created_by": 1,
            "date_created": "Sat, 10 Mar 2018 10:25:35 GMT", "date_modified": "Sat, 10 Mar 2018 10:25:35 GMT" })
}
