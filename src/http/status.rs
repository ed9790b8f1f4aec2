//! Statuses of refusals, where an API has none of its own.

use rocket::http::Status;

use super::refusal::{Fault, Refusal};
use crate::domain::patch::{IncrementError, PatchError};
use crate::domain::{ChangeError, ValueError};
use crate::service::ServiceError;

/// The status that fits a refusal; `stranger` is the one for those who are not let in.
pub(super) fn of(refusal: &Refusal, stranger: Status) -> Status {
    match refusal.fault() {
        Some(Fault::Unavailable) => return Status::ServiceUnavailable,
        Some(Fault::Unknown) => return Status::GatewayTimeout,
        Some(Fault::Internal) => return Status::InternalServerError,
        None => {}
    }
    match refusal {
        Refusal::NotAdmitted => stranger,
        Refusal::ForeignPage | Refusal::FormToken => Status::Forbidden,
        Refusal::BodyTooLarge(_) => Status::PayloadTooLarge,
        Refusal::BodyTooSlow => Status::RequestTimeout,
        Refusal::PatchType => Status::UnsupportedMediaType,
        Refusal::Operation(..) => Status::Conflict,
        Refusal::Service(error) => of_service(error, stranger),
        _ => Status::BadRequest,
    }
}

pub(super) fn of_service(error: &ServiceError, stranger: Status) -> Status {
    match error {
        ServiceError::Refused | ServiceError::AccountGone => stranger,
        ServiceError::Value(ValueError::TooLarge(_)) | ServiceError::TooLarge | ServiceError::AnswerTooLarge => {
            Status::PayloadTooLarge
        }
        ServiceError::Value(ValueError::Syntax(_)) => Status::BadRequest,
        ServiceError::Value(_) => Status::UnprocessableEntity,
        ServiceError::NameTaken
        | ServiceError::EmailTaken
        | ServiceError::NumberTaken
        | ServiceError::DocumentExists(_)
        | ServiceError::NotNewer => Status::Conflict,
        ServiceError::Change(ChangeError::Patch(PatchError::Malformed { .. }))
        | ServiceError::Change(ChangeError::Increment(IncrementError::Operand(_))) => Status::BadRequest,
        ServiceError::Change(ChangeError::Increment(IncrementError::Inexact)) => Status::UnprocessableEntity,
        ServiceError::Change(_) | ServiceError::Operation { .. } => Status::Conflict,
        ServiceError::Throttled(_) => Status::TooManyRequests,
        ServiceError::NoTransactions => Status::NotImplemented,
        ServiceError::NotAllowed(_) | ServiceError::NotGranted => Status::Forbidden,
        ServiceError::NoAccount(_) | ServiceError::NoDocument(_) | ServiceError::NoToken(_) => Status::NotFound,
        ServiceError::Precondition(_) => Status::PreconditionFailed,
        _ => Status::BadRequest,
    }
}
