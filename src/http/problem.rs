//! Problem documents (RFC 9457): how the Keybin API, and everything that belongs to no API, says no.

use rocket::http::{ContentType, Status};
use serde::Serialize;

use super::answer::Answer;
use super::refusal::{Fault, Refusal};
use super::{document, status};
use crate::domain::patch::{IncrementError, PatchError};
use crate::domain::{ChangeError, ValueError};
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
pub(super) fn problem(status: Status, code: &'static str, detail: &str) -> Answer {
    Said { status, code, detail: detail.to_owned() }.answer(&[])
}

/// 405: the path is known, the method is not one of `allow`.
pub(super) fn method_not_allowed(allow: &str) -> Answer {
    let detail = format!("This path answers to {allow}");
    problem(Status::MethodNotAllowed, "method_not_allowed", &detail).with("Allow", allow.to_owned())
}

/// What a status of Rocket's own says.
pub(super) fn of_status(status: Status) -> Answer {
    match status.code {
        404 => problem(status, "not_found", "There is nothing at this path"),
        400 => problem(status, "bad_request", "The request cannot be understood"),
        413 => problem(status, "too_large", "The body is too large"),
        503 => fault(Fault::Unavailable),
        code if (400..500).contains(&code) => problem(status, "request_refused", status.reason_lossy()),
        _ => fault(Fault::Internal),
    }
}

fn fault(fault: Fault) -> Answer {
    let (status, code) = of_fault(fault);
    problem(status, code, fault.detail())
}

const fn of_fault(fault: Fault) -> (Status, &'static str) {
    match fault {
        Fault::Unavailable => (Status::ServiceUnavailable, "unavailable"),
        Fault::Unknown => (Status::GatewayTimeout, "outcome_unknown"),
        Fault::Internal => (Status::InternalServerError, "internal_error"),
    }
}

/// What a refusal is called on the Keybin API.
pub(super) fn of_refusal(refusal: &Refusal) -> Answer {
    let answer = Said::of(refusal).answer(&more(refusal));
    match refusal {
        Refusal::PatchType => answer.with("Accept-Patch", ACCEPT_PATCH),
        _ => answer,
    }
}

/// The types of patches there are (RFC 5789, 3.1).
const ACCEPT_PATCH: &str = "application/merge-patch+json, application/json-patch+json";

/// A refusal in words.
pub(super) struct Said {
    pub(super) status: Status,
    pub(super) code: &'static str,
    pub(super) detail: String,
}

impl Said {
    pub(super) fn of(refusal: &Refusal) -> Self {
        let said = |status, code| Self { status, code, detail: refusal.to_string() };
        if let Some(fault) = refusal.fault() {
            let (status, code) = of_fault(fault);
            return said(status, code);
        }
        match refusal {
            Refusal::NotAdmitted | Refusal::Service(ServiceError::AccountGone) => {
                Self { detail: "Invalid token".to_owned(), ..said(Status::Forbidden, "invalid_token") }
            }
            Refusal::SeveralCredentials => said(Status::BadRequest, "several_credentials"),
            Refusal::ForeignPage => said(Status::Forbidden, "foreign_page"),
            Refusal::FormToken => said(Status::Forbidden, "invalid_form_token"),
            Refusal::Body => said(Status::BadRequest, "invalid_json"),
            Refusal::BodyTooLarge(_) => said(Status::PayloadTooLarge, "too_large"),
            Refusal::BodyTooSlow => said(Status::RequestTimeout, "too_slow"),
            Refusal::PatchType => said(Status::UnsupportedMediaType, "unsupported_media_type"),
            Refusal::Condition(_) => said(Status::BadRequest, "invalid_condition"),
            Refusal::Missing(_) => said(Status::BadRequest, "missing_parameter"),
            Refusal::WrongType(_) | Refusal::Wrong(..) => said(Status::BadRequest, "invalid_parameter"),
            Refusal::Repeated(_) => said(Status::BadRequest, "repeated_parameter"),
            Refusal::Key => Self {
                detail: "Key must contain only alphanumeric or _ . , characters".to_owned(),
                ..said(Status::BadRequest, "invalid_key")
            },
            Refusal::Filter(_) => said(Status::BadRequest, "invalid_filter"),
            Refusal::Operation(..) => said(Status::Conflict, "operation_failed"),
            Refusal::Service(error) => Self::of_service(refusal, error),
        }
    }

    fn of_service(refusal: &Refusal, error: &ServiceError) -> Self {
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
        Self { status, code: code(error), detail }
    }

    /// The problem document, with more members at its end.
    fn answer(&self, more: &[u8]) -> Answer {
        let body = Problem {
            title: self.status.reason_lossy(),
            status: self.status.code,
            detail: &self.detail,
            code: self.code,
        };
        let mut body = serde_json::to_vec(&body).unwrap_or_default();
        if !more.is_empty() {
            body.pop();
            body.push(b',');
            body.extend_from_slice(more);
            body.push(b'}');
        }
        Answer::new(self.status, ContentType::new("application", "problem+json"), body)
    }
}

/// What a program needs to go on, as further members: the document that is there, or which operation failed.
fn more(refusal: &Refusal) -> Vec<u8> {
    match refusal {
        Refusal::Service(ServiceError::Precondition(Some(present))) => {
            // What cannot be shown is told when it is read.
            document::members(present).unwrap_or_default()
        }
        Refusal::Operation(index, reason) => failed(*index, &Said::of(reason)),
        Refusal::Service(ServiceError::Operation { index, reason }) => {
            let status = status::of_service(reason, Status::Forbidden);
            failed(*index, &Said { status, code: code(reason), detail: String::new() })
        }
        _ => Vec::new(),
    }
}

fn failed(index: usize, said: &Said) -> Vec<u8> {
    let (status, code) = (said.status.code, said.code);
    format!(r#""failed_operation":{index},"failed_status":{status},"failed_code":"{code}""#).into_bytes()
}

const fn code(error: &ServiceError) -> &'static str {
    match error {
        ServiceError::Refused => "invalid_credentials",
        ServiceError::Throttled(_) => "too_many_attempts",
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
        ServiceError::Change(ChangeError::Patch(PatchError::Malformed { .. })) => "invalid_patch",
        ServiceError::Change(ChangeError::Patch(PatchError::Test { .. })) => "test_failed",
        ServiceError::Change(ChangeError::Patch(_)) => "no_such_path",
        ServiceError::Change(ChangeError::Increment(IncrementError::Operand(_))) => "invalid_parameter",
        ServiceError::Change(ChangeError::Increment(IncrementError::Inexact)) => "unsupported_value",
        ServiceError::Change(_) => "not_a_number",
        ServiceError::Operation { .. } => "operation_failed",
        ServiceError::NoTransactions => "transactions_unavailable",
        ServiceError::AnswerTooLarge => "answer_too_large",
        ServiceError::Unavailable(_) | ServiceError::Unknown(_) | ServiceError::Damaged(_) => "internal_error",
    }
}
