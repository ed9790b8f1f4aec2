//! Refusals: why a request was not done, before any API has put it into words of its own.

use std::fmt;

use crate::auth::AuthError;
use crate::domain::{FilterError, ValueError};
use crate::service::ServiceError;

/// Why a request was not done.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No good credential was presented: none at all, or one that is not good.
    NotAdmitted,
    /// More than one credential was presented; which of them counts is not for us to guess.
    SeveralCredentials,
    /// The credential is one that browsers add by themselves, and the request comes from a page of another site.
    ForeignPage,
    /// A browser sent a form without the form token of its session.
    FormToken,
    /// The body is not what this API reads: no JSON object, or no form.
    Body,
    /// The body is larger than so many bytes.
    BodyTooLarge(usize),
    /// The body did not come fast enough.
    BodyTooSlow,
    /// The body is no patch of a type that is known.
    PatchType,
    /// This header is no condition (RFC 9110, 13.1).
    Condition(&'static str),
    /// One of several operations, all of which were to be done or none, cannot be understood.
    Operation(usize, Box<Self>),
    /// A parameter is not there.
    Missing(&'static str),
    /// A parameter that must be a string is something else.
    WrongType(&'static str),
    /// A parameter is not what it must be; with what that is.
    Wrong(&'static str, &'static str),
    /// A parameter is there twice.
    Repeated(String),
    /// The key is not allowed on this API.
    Key,
    /// The filter is none; it tells where.
    Filter(FilterError),
    /// A service refused.
    Service(ServiceError),
}

/// Faults of the server's own side.
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
}

impl<E: Into<ServiceError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Service(error.into())
    }
}

impl Refusal {
    /// What a door says of a credential that it was asked about.
    pub(super) fn from_door(error: AuthError) -> Self {
        match error {
            AuthError::Refused => Self::NotAdmitted,
            error => error.into(),
        }
    }
}

/// Plain words, for APIs that have none of their own. Nothing of the server's inside is told.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(fault) = self.fault() {
            return f.write_str(fault.detail());
        }
        match self {
            Self::NotAdmitted => f.write_str("No valid credential was presented"),
            Self::SeveralCredentials => f.write_str("More than one credential was presented"),
            Self::ForeignPage => f.write_str("The request comes from another site"),
            Self::FormToken => f.write_str("The form token is missing or wrong; load the page again"),
            Self::Body => f.write_str("Request body is not JSON or is empty"),
            Self::BodyTooLarge(limit) => write!(f, "The body must not be larger than {limit} bytes"),
            Self::BodyTooSlow => f.write_str("The body did not arrive in time"),
            Self::PatchType => f.write_str("The content type is none of the patches that are understood"),
            Self::Condition(header) => write!(f, "{header} must be * or a list of entity tags in double quotes"),
            Self::Operation(index, reason) => write!(f, "Operation {index} failed: {reason}"),
            Self::Missing(name) => write!(f, "Required parameter '{name}' is missing"),
            Self::WrongType(name) => write!(f, "Parameter '{name}' must be a string"),
            Self::Wrong(name, must) => write!(f, "Parameter '{name}' {must}"),
            Self::Repeated(name) => write!(f, "Parameter '{name}' occurs twice"),
            Self::Filter(error) => write!(f, "Filter: {error}"),
            Self::Key => write!(f, "{}", crate::domain::InvalidKey),
            Self::Service(ServiceError::Refused) => f.write_str("Invalid credentials"),
            Self::Service(ServiceError::NameTaken) => f.write_str("User already registered"),
            Self::Service(ServiceError::EmailTaken) => f.write_str("E-mail address already registered"),
            Self::Service(ServiceError::DocumentExists(key)) => write!(f, "Key '{key}' already exists"),
            Self::Service(ServiceError::NoDocument(key)) => write!(f, "Key '{key}' not found"),
            Self::Service(ServiceError::Value(ValueError::Syntax(_))) => Self::Body.fmt(f),
            Self::Service(error) => {
                let what = error.to_string();
                let mut letters = what.chars();
                let first = letters.next().map(|first| first.to_ascii_uppercase());
                write!(f, "{}{}", first.map_or_else(String::new, String::from), letters.as_str())
            }
        }
    }
}
