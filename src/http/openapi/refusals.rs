//! What is refused, in groups: by the doors, for the body, by the store.

use rocket::http::Method;

use crate::domain::{InvalidPassword, InvalidUsername, Key, ValueError};
use crate::http::doors::Door;
use crate::http::refusal::Refusal;
use crate::service::ServiceError;

/// Stands for the name of whichever parameter it is.
const SOME: &str = "…";

/// What these doors refuse.
pub(super) fn of_doors(doors: &[Door], method: Method) -> Vec<Refusal> {
    let mut refusals = vec![Refusal::NotAdmitted, Refusal::SeveralCredentials];
    let is_safe = matches!(method, Method::Get | Method::Head);
    if !is_safe && doors.iter().any(|door| door.is_ambient()) {
        refusals.push(Refusal::ForeignPage);
    }
    if doors.contains(&Door::Basic) {
        refusals.push(ServiceError::Throttled(1).into());
    }
    refusals
}

/// What is refused about any body.
pub(super) fn of_body() -> Vec<Refusal> {
    vec![
        Refusal::Body,
        Refusal::Missing(SOME),
        Refusal::WrongType(SOME),
        Refusal::Repeated(SOME.to_owned()),
        Refusal::BodyTooLarge(0),
        ServiceError::Value(ValueError::TooDeep).into(),
    ]
}

/// What is refused about a parameter of a query.
pub(super) fn of_query() -> Vec<Refusal> {
    vec![Refusal::Wrong(SOME, "must be something else"), Refusal::Repeated(SOME.to_owned())]
}

/// What is refused where a name and a password are told.
pub(super) fn of_password() -> Vec<Refusal> {
    vec![ServiceError::Refused.into(), ServiceError::Throttled(1).into()]
}

/// What is refused where somebody registers.
pub(super) fn of_registration() -> Vec<Refusal> {
    vec![
        ServiceError::Username(InvalidUsername).into(),
        ServiceError::Password(InvalidPassword).into(),
        ServiceError::NameTaken.into(),
        ServiceError::Throttled(1).into(),
    ]
}

/// What is refused about a value.
pub(super) fn of_value() -> Vec<Refusal> {
    vec![
        ServiceError::Value(ValueError::TooDeep).into(),
        ServiceError::TooLarge.into(),
        ServiceError::NotGranted.into(),
    ]
}

/// What is refused where there is no document.
pub(super) fn of_absence() -> Option<Refusal> {
    Key::parse("cities").ok().map(|key| ServiceError::NoDocument(key).into())
}

/// What can go wrong with every request.
pub(super) fn of_faults() -> Vec<Refusal> {
    vec![
        ServiceError::Unavailable(String::new()).into(),
        ServiceError::Unknown(String::new()).into(),
        ServiceError::Damaged(String::new()).into(),
    ]
}

/// A refusal in words, whatever the limits are.
pub(super) fn words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::BodyTooLarge(_) => "The body is too large".to_owned(),
        Refusal::Service(ServiceError::Throttled(_)) => "Too many attempts".to_owned(),
        Refusal::Service(ServiceError::Lifetime(_)) => "No token for this client id lives as long".to_owned(),
        Refusal::Service(ServiceError::Value(_)) => "Something in it cannot be kept exactly".to_owned(),
        Refusal::Wrong(SOME, _) => "A parameter is not what it must be".to_owned(),
        other => other.to_string(),
    }
}
