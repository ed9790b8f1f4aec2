//! The Users API.

use rocket::http::Method::{Get, Post};
use serde_json::json;

use super::common::{credentials, email, password, username};
use super::operation::Operation;
use super::refusals::{of_password, of_registration};
use super::shape::{Shape, exactly, list, object, or_null, text, whole};
use super::{Chapter, Documented};
use crate::domain::InvalidEmail;
use crate::http::api::users::Users;
use crate::service::ServiceError;

impl Documented for Users {
    const NAME: &'static str = "Users";

    fn refusal() -> (&'static str, Shape) {
        let refusal = exactly([("status_code", whole(400)), ("error", text()), ("description", text())]);
        ("application/json", refusal)
    }
}

/// What there is.
pub(super) fn chapter() -> Chapter {
    let about = "The list of users, with `Authorization: JWT` and a JWT.";
    let example = json!({ "username": "ann", "id": 1, "email": "ann@example.org" });
    let operations = vec![
        Operation::open::<Users>(Post, "/api/users", "Registers a user")
            .json(
                object([("username", username()), ("password", password()), ("email", email())]),
                json!({ "username": "ann", "password": "Passw0rd!", "email": "ann@example.org" }),
            )
            .answers(201, "The user.", user(), example.clone())
            .refuses(of_registration())
            .refuses([ServiceError::Email(InvalidEmail).into(), ServiceError::EmailTaken.into()]),
        Operation::open::<Users>(Post, "/auth", "Fetches a JWT")
            .json(credentials(), json!({ "username": "ann", "password": "Passw0rd!" }))
            .answers(200, "The JWT.", exactly([("access_token", text())]), json!({ "access_token": "eyJ…" }))
            .refuses(of_password()),
        Operation::new::<Users>(Get, "/api/users", "Lists users")
            .about("The caller alone; everybody for an administrator, and where the directory is open.")
            .answers(200, "The users.", list(user()), json!([example]))
            .refuses([ServiceError::NotGranted.into()]),
    ];
    Chapter { name: Users::NAME, about, operations }
}

fn user() -> Shape {
    exactly([("username", username()), ("id", whole(1)), ("email", or_null(email()))])
}
