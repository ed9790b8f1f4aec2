//! Problem documents (RFC 9457): how the Keybin API, and everything that belongs to no API, says no.

use rocket::http::{ContentType, Status};
use serde::Serialize;

use super::answer::Answer;
use super::refusal::{Fault, Refusal};
use super::status;
use crate::domain::ValueError;
use crate::service::ServiceError;

/// `code` is stable and made for programs, `detail` for people.
#[derive(Serialize)]
struct Problem<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
}

/// A problem document.
pub(super) fn problem(status: Status, code: &str, detail: &str) -> Answer {
    let body = Problem { title: status.reason_lossy(), status: status.code, detail, code };
    let body = serde_json::to_vec(&body).unwrap_or_default();
    Answer::new(status, ContentType::new("application", "problem+json"), body)
}

/// 405: the path is known, the method is not one of `allow`.
pub(super) fn method_not_allowed(allow: &str) -> Answer {
    let detail = format!("This path answers to {allow}");
    problem(Status::MethodNotAllowed, "method_not_allowed", &detail).with("Allow", allow)
}

/// What a status of Rocket's own says.
pub(super) fn of_status(status: Status) -> Answer {
    match status.code {
        404 => problem(status, "not_found", "There is nothing at this path"),
        400 => problem(status, "bad_request", "The request cannot be understood"),
        413 => problem(status, "too_large", "The body is too large"),
        503 => of_fault(Fault::Unavailable),
        code if (400..500).contains(&code) => problem(status, "request_refused", status.reason_lossy()),
        _ => of_fault(Fault::Internal),
    }
}

fn of_fault(fault: Fault) -> Answer {
    match fault {
        Fault::Unavailable => problem(Status::ServiceUnavailable, "unavailable", fault.detail()),
        Fault::Unknown => problem(Status::GatewayTimeout, "outcome_unknown", fault.detail()),
        Fault::Internal => problem(Status::InternalServerError, "internal_error", fault.detail()),
    }
}

/// What a refusal is called on the Keybin API.
pub(super) fn of_refusal(refusal: &Refusal) -> Answer {
    if let Some(fault) = refusal.fault() {
        return of_fault(fault);
    }
    let bad = |code: &str, detail: &str| problem(Status::BadRequest, code, detail);
    match refusal {
        Refusal::NotAdmitted | Refusal::Service(ServiceError::AccountGone) => {
            problem(Status::Forbidden, "invalid_token", "Invalid token")
        }
        Refusal::SeveralCredentials => bad("several_credentials", &refusal.to_string()),
        Refusal::ForeignPage => problem(Status::Forbidden, "foreign_page", &refusal.to_string()),
        Refusal::FormToken => problem(Status::Forbidden, "invalid_form_token", &refusal.to_string()),
        Refusal::Body => bad("invalid_json", &refusal.to_string()),
        Refusal::BodyTooLarge(_) => problem(Status::PayloadTooLarge, "too_large", &refusal.to_string()),
        Refusal::Missing(_) => bad("missing_parameter", &refusal.to_string()),
        Refusal::WrongType(_) | Refusal::Wrong(..) => bad("invalid_parameter", &refusal.to_string()),
        Refusal::Repeated(_) => bad("repeated_parameter", &refusal.to_string()),
        Refusal::Key => bad("invalid_key", "Key must contain only alphanumeric or _ . , characters"),
        Refusal::Service(error) => of_service(refusal, error),
    }
}

fn of_service(refusal: &Refusal, error: &ServiceError) -> Answer {
    let status = status::of(refusal, Status::Forbidden);
    let detail = match error {
        ServiceError::Value(ValueError::TooLarge(limit)) => {
            format!("The value must not be larger than {limit} bytes")
        }
        ServiceError::Value(what) if status == Status::UnprocessableEntity => {
            format!("The value cannot be kept: {what}")
        }
        _ => refusal.to_string(),
    };
    problem(status, code(error), &detail)
}

const fn code(error: &ServiceError) -> &'static str {
    match error {
        ServiceError::Refused => "invalid_credentials",
        ServiceError::AccountGone => "invalid_token",
        ServiceError::Username(_) => "invalid_username",
        ServiceError::Password(_) => "invalid_password",
        ServiceError::ClientId(_) => "invalid_client_id",
        ServiceError::Email(_) => "invalid_email",
        ServiceError::Profile => "invalid_profile",
        ServiceError::Value(ValueError::Syntax(_)) => "invalid_json",
        ServiceError::Value(ValueError::TooLarge(_)) | ServiceError::TooLarge => "too_large",
        ServiceError::Value(_) => "unsupported_value",
        ServiceError::NameTaken => "user_exists",
        ServiceError::EmailTaken => "email_exists",
        ServiceError::NumberTaken => "number_exists",
        ServiceError::Prefix(_) => "invalid_prefix",
        ServiceError::Lifetime(_) => "invalid_lifetime",
        ServiceError::NoToken(_) => "token_not_found",
        ServiceError::NotGranted => "not_granted",
        ServiceError::NotAllowed(_) => "not_allowed",
        ServiceError::NoAccount(_) => "no_account",
        ServiceError::NoDocument(_) => "key_not_found",
        ServiceError::DocumentExists(_) => "key_exists",
        ServiceError::NotNewer => "not_newer",
        ServiceError::Precondition(_) => "precondition_failed",
        ServiceError::Unavailable(_) | ServiceError::Unknown(_) | ServiceError::Damaged(_) => "internal_error",
    }
}
