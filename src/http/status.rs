//! Statuses of refusals, where an API has none of its own.

use rocket::http::Status;

use super::refusal::{Fault, Refusal};
use crate::domain::ValueError;
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
        Refusal::Service(error) => of_service(error, stranger),
        _ => Status::BadRequest,
    }
}

fn of_service(error: &ServiceError, stranger: Status) -> Status {
    match error {
        ServiceError::Refused | ServiceError::AccountGone => stranger,
        ServiceError::Value(ValueError::TooLarge(_)) | ServiceError::TooLarge => Status::PayloadTooLarge,
        ServiceError::Value(ValueError::Syntax(_)) => Status::BadRequest,
        ServiceError::Value(_) => Status::UnprocessableEntity,
        ServiceError::NameTaken
        | ServiceError::EmailTaken
        | ServiceError::NumberTaken
        | ServiceError::DocumentExists(_)
        | ServiceError::NotNewer => Status::Conflict,
        ServiceError::NotAllowed(_) | ServiceError::NotGranted => Status::Forbidden,
        ServiceError::NoAccount(_) | ServiceError::NoDocument(_) | ServiceError::NoToken(_) => Status::NotFound,
        ServiceError::Precondition(_) => Status::PreconditionFailed,
        _ => Status::BadRequest,
    }
}
