//! Problem documents (RFC 9457): how the Keybin API, and everything that belongs to no API, says no.

use std::borrow::Cow;
use std::io::Cursor;

use rocket::http::{ContentType, Header, Status};
use rocket::request::{Outcome, Request};
use rocket::response::{Responder, Response, Result as ResponseResult};
use serde::Serialize;
use tracing::error;

use super::headers;
use crate::domain::{Key, ValueError};
use crate::service::ServiceError;

/// A refusal: `{"title", "status", "detail", "code"}`. `code` is stable and made for programs, `detail` for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    status: Status,
    code: &'static str,
    detail: Cow<'static, str>,
    allow: Option<String>,
}

impl Problem {
    fn new(status: Status, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, detail: detail.into(), allow: None }
    }

    /// 403: no live token.
    pub(super) fn invalid_token() -> Self {
        Self::new(Status::Forbidden, "invalid_token", "Invalid token")
    }

    /// 403: no such name and password.
    pub(super) fn invalid_credentials() -> Self {
        Self::new(Status::Forbidden, "invalid_credentials", "Invalid credentials")
    }

    /// 400: no JSON object, or not called so.
    pub(super) fn no_json() -> Self {
        Self::new(Status::BadRequest, "invalid_json", "Request body is not JSON or is empty")
    }

    /// 400: a parameter is not there.
    pub(super) fn missing_parameter(name: &str) -> Self {
        Self::new(Status::BadRequest, "missing_parameter", format!("Required parameter '{name}' is missing"))
    }

    /// 400: a parameter is of another type than it must be.
    pub(super) fn not_a_string(name: &str) -> Self {
        Self::new(Status::BadRequest, "invalid_parameter", format!("Parameter '{name}' must be a string"))
    }

    /// 400: a parameter is there twice.
    pub(super) fn repeated_parameter(name: &str) -> Self {
        Self::new(Status::BadRequest, "repeated_parameter", format!("Parameter '{name}' occurs twice"))
    }

    /// 400: no key of this API.
    pub(super) fn invalid_key() -> Self {
        Self::new(Status::BadRequest, "invalid_key", "Key must contain only alphanumeric or _ . , characters")
    }

    /// 404: nothing under the key.
    pub(super) fn no_document(key: &Key) -> Self {
        Self::new(Status::NotFound, "key_not_found", format!("Key '{key}' not found"))
    }

    /// 413: more than the limit.
    pub(super) fn too_large(limit: usize) -> Self {
        Self::new(Status::PayloadTooLarge, "too_large", format!("The body must not be larger than {limit} bytes"))
    }

    /// 405: the path is known, the method is not one of `allow`.
    pub(super) fn method_not_allowed(allow: String) -> Self {
        let detail = format!("This path answers to {allow}");
        Self { allow: Some(allow), ..Self::new(Status::MethodNotAllowed, "method_not_allowed", detail) }
    }

    /// What a status of Rocket's own says.
    pub(super) fn of_status(status: Status) -> Self {
        match status.code {
            404 => Self::new(status, "not_found", "There is nothing at this path"),
            400 => Self::new(status, "bad_request", "The request cannot be understood"),
            413 => Self::new(status, "too_large", "The body is too large"),
            500 => Self::new(status, "internal_error", "Something went wrong here; it was not your fault"),
            503 => Self::new(status, "unavailable", UNAVAILABLE),
            _ if (400..500).contains(&status.code) => Self::new(status, "request_refused", status.reason_lossy()),
            _ => Self::new(Status::InternalServerError, "internal_error", status.reason_lossy()),
        }
    }

    /// Refuses a request from within a guard: the catcher finds the problem with the request.
    pub(super) fn refuse<T>(self, request: &Request<'_>) -> Outcome<T, Self> {
        let problem = request.local_cache(|| Refusal(Some(self))).0.clone();
        let problem = problem.unwrap_or_else(|| Self::of_status(Status::InternalServerError));
        Outcome::Error((problem.status, problem))
    }

    /// The problem that a guard refused this request with.
    pub(super) fn of_refused(request: &Request<'_>) -> Option<Self> {
        request.local_cache(|| Refusal(None)).0.clone()
    }
}

const UNAVAILABLE: &str = "The service is not available at the moment; nothing was changed, please try again";

/// What a guard leaves with the request for the catcher.
struct Refusal(Option<Problem>);

/// The one place where failures of the services become statuses.
impl From<ServiceError> for Problem {
    fn from(failure: ServiceError) -> Self {
        let what = failure.to_string();
        match failure {
            ServiceError::Refused => Self::invalid_credentials(),
            ServiceError::Username(_) => Self::new(Status::BadRequest, "invalid_username", what),
            ServiceError::Password(_) => Self::new(Status::BadRequest, "invalid_password", what),
            ServiceError::ClientId(_) => Self::new(Status::BadRequest, "invalid_client_id", what),
            ServiceError::Email(_) => Self::new(Status::BadRequest, "invalid_email", what),
            ServiceError::Value(ValueError::Syntax(_)) => Self::no_json(),
            ServiceError::Value(ValueError::TooLarge(limit)) => {
                let detail = format!("The value must not be larger than {limit} bytes");
                Self::new(Status::PayloadTooLarge, "too_large", detail)
            }
            ServiceError::Value(ValueError::Damaged(_)) | ServiceError::Damaged(_) => {
                error!("{what}");
                Self::of_status(Status::InternalServerError)
            }
            ServiceError::Value(_) => {
                Self::new(Status::UnprocessableEntity, "unsupported_value", format!("The value cannot be kept: {what}"))
            }
            ServiceError::NameTaken => Self::new(Status::Conflict, "user_exists", "User already registered"),
            ServiceError::EmailTaken => {
                Self::new(Status::Conflict, "email_exists", "E-mail address already registered")
            }
            ServiceError::NoAccount(_) => Self::new(Status::NotFound, "no_account", what),
            ServiceError::NoDocument(key) => Self::no_document(&key),
            ServiceError::Precondition(_) => Self::new(Status::PreconditionFailed, "precondition_failed", what),
            ServiceError::TooLarge => Self::of_status(Status::PayloadTooLarge),
            ServiceError::Unavailable(_) => {
                error!("{what}");
                Self::of_status(Status::ServiceUnavailable)
            }
            ServiceError::Unknown(_) => {
                error!("{what}");
                let detail =
                    "The answer of the database did not come in time; it may or may not have done what was asked";
                Self::new(Status::GatewayTimeout, "outcome_unknown", detail)
            }
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
}

impl<'r> Responder<'r, 'static> for Problem {
    fn respond_to(self, _: &'r Request<'_>) -> ResponseResult<'static> {
        let title = self.status.reason_lossy();
        let body = Body { title, status: self.status.code, detail: &self.detail, code: self.code };
        let body = serde_json::to_vec(&body).map_err(|_| Status::InternalServerError)?;
        let mut response = Response::build()
            .status(self.status)
            .header(ContentType::new("application", "problem+json"))
            .sized_body(body.len(), Cursor::new(body))
            .finalize();
        if let Some(allow) = self.allow {
            response.set_header(Header::new("Allow", allow));
        }
        if self.status == Status::ServiceUnavailable {
            response.set_header(Header::new("Retry-After", "1"));
        }
        // Rocket runs no fairing over its answer to a request that it cannot parse.
        headers::make_safe(&mut response);
        Ok(response)
    }
}
