//! The audit log: a line for each request that concerns who may come in. It tells what was asked, of which account (where
//! somebody was let in), from where, and what came of it; never a name, a password or a token.

use rocket::http::{Method, Status};
use rocket::{Request, Route};
use tracing::info;

use super::log::Whose;
use super::request_id::RequestId;
use super::{doors, ranks};

/// What is audited: the route, and what it is called.
#[rustfmt::skip] // one row, one route: a table is read by its columns
const EVENTS: &[(Method, &str, &str)] = &[
    (Method::Post,   "/register",                "register"),
    (Method::Post,   "/api/user",                "register"),
    (Method::Post,   "/api/register",            "register"),
    (Method::Post,   "/auth/register",           "register"),
    (Method::Post,   "/api/users",               "register"),
    (Method::Post,   "/register/account",        "register"),
    (Method::Post,   "/token",                   "log-in"),
    (Method::Get,    "/api/token",               "log-in"),
    (Method::Post,   "/api/token",               "log-in"),
    (Method::Post,   "/api/login",               "log-in"),
    (Method::Post,   "/auth/login",              "log-in"),
    (Method::Post,   "/auth",                    "log-in"),
    (Method::Post,   "/login",                   "log-in"),
    (Method::Post,   "/auth/logout",             "log-out"),
    (Method::Post,   "/logout",                  "log-out"),
    (Method::Post,   "/devices/issue",           "token"),
    (Method::Post,   "/user/<_>/token/renew",    "token"),
    (Method::Delete, "/user/<_>/tokens/<_>",     "revoke"),
    (Method::Delete, "/user/<_>/tokens",         "revoke"),
    (Method::Post,   "/devices/revoke",          "revoke"),
    (Method::Post,   "/devices/revoke-others",   "revoke"),
    (Method::Post,   "/user/<_>/password",       "password"),
    (Method::Post,   "/account/password",        "password"),
    (Method::Delete, "/unregister",              "unregister"),
    (Method::Delete, "/api/user",                "unregister"),
    (Method::Post,   "/account/delete",          "unregister"),
    (Method::Post,   "/accounts/password",       "reset password of another account"),
    (Method::Post,   "/accounts/remove",         "remove another account"),
];

/// Writes the line, if the request is one of those.
pub(super) fn note(request: &Request<'_>, status: Status, whose: &Whose) {
    let Some(event) = request.route().and_then(event) else { return };
    let from = doors::address(request);
    let id = RequestId::of(request);
    info!(target: "keybin::audit", event, account = %whose, from = %from, request = %id, status = status.code);
}

fn event(route: &Route) -> Option<&'static str> {
    if route.rank == ranks::BUSIEST {
        return None;
    }
    let path = route.uri.path();
    EVENTS.iter().find(|(method, audited, _)| *audited == path && *method == route.method).map(|(_, _, event)| *event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::routes;

    /// What changes documents, or what an account says of itself.
    const OTHERS: [&str; 16] = [
        "/user/<_>/store",
        "/user/<_>/store/<_>",
        "/user/<_>/documents",
        "/user/<_>/increment",
        "/user/<_>/increment/<_>",
        "/user/<_>/bulk",
        "/user/<_>/import",
        "/api/stow/<_>",
        "/api/data",
        "/api/data/update",
        "/api/data/delete",
        "/keyvaluepairs",
        "/keyvaluepairs/<_>",
        "/set",
        "/account/import",
        "/account/profile",
    ];

    #[test]
    fn every_route_that_changes_something_is_audited_or_not_by_intention() {
        for route in routes() {
            let path = route.uri.path();
            let is_other = OTHERS.contains(&path) || path.starts_with("/documents/");
            if ![Method::Get, Method::Head].contains(&route.method) {
                assert_ne!(event(&route).is_some(), is_other, "{} {path}", route.method);
            }
        }
    }

    #[test]
    fn what_is_audited_is_mounted() {
        for (method, path, _) in EVENTS {
            assert!(
                routes().iter().any(|route| route.method == *method && route.uri.path() == *path),
                "{method} {path}"
            );
        }
    }
}
