//! Refusals: why a request was not done, before any API has put it into words of its own.

use crate::domain::{Key, ValueError};
use crate::service::ServiceError;

/// Why a request was not done.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No good credential was presented: none at all, or a token that is not live.
    NotAdmitted,
    /// More than one credential was presented; which of them counts is not for us to guess.
    SeveralCredentials,
    /// The credential is one that browsers add by themselves, and the request comes from a page of another site.
    ForeignPage,
    /// The body is not what this API reads: no JSON object, or no form.
    Body,
    /// The body is larger than so many bytes.
    BodyTooLarge(usize),
    /// A parameter is not there.
    Missing(&'static str),
    /// A parameter is of another type than it must be.
    WrongType(&'static str),
    /// A parameter is there twice.
    Repeated(String),
    /// The key is not allowed on this API.
    Key,
    /// A service refused.
    Service(ServiceError),
}

/// What kinds of refusals have in common, for the APIs to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// 503: not done, try again.
    Unavailable,
    /// 504: nobody knows.
    Unknown,
    /// 500: ours.
    Internal,
}

impl Fault {
    /// What people are told.
    pub(super) const fn detail(self) -> &'static str {
        match self {
            Self::Unavailable => "The service is not available at the moment; nothing was changed, please try again",
            Self::Unknown => {
                "The answer of the database did not come in time; it may or may not have done what was asked"
            }
            Self::Internal => "Something went wrong here; it was not your fault",
        }
    }
}

impl Refusal {
    /// The refusal as a fault of the server, if that is what it is.
    pub(super) const fn fault(&self) -> Option<Fault> {
        match self {
            Self::Service(ServiceError::Unavailable(_)) => Some(Fault::Unavailable),
            Self::Service(ServiceError::Unknown(_)) => Some(Fault::Unknown),
            Self::Service(ServiceError::Damaged(_) | ServiceError::Value(ValueError::Damaged(_))) => {
                Some(Fault::Internal)
            }
            _ => None,
        }
    }

    /// The key under which nothing was found, if that is what it is.
    pub(super) const fn no_document(&self) -> Option<&Key> {
        match self {
            Self::Service(ServiceError::NoDocument(key)) => Some(key),
            _ => None,
        }
    }
}

impl<E: Into<ServiceError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Service(error.into())
    }
}
