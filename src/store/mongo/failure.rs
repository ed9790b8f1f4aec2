//! Errors of the driver, by what they mean for the caller. Judged by kind and code, never by the text of a message.

use mongodb::error::{Error, ErrorKind, WriteFailure};

use super::super::StoreError;

// Codes of the server: `src/mongo/base/error_codes.yml` of MongoDB.

/// A second entry in a unique index.
pub(super) const DUPLICATE_KEY: i32 = 11000;

/// A field is not of the type that an update wants (TypeMismatch).
pub(super) const TYPE_MISMATCH: i32 = 14;

/// BSONObjectTooLarge, and the same refusal by the update stage.
const TOO_LARGE: [i32; 2] = [10334, 17419];

/// Refused before anything was done: Unauthorized, AuthenticationFailed, BadValue, FailedToParse, NamespaceNotFound,
/// CommandNotFound, InvalidOptions, DocumentValidationFailure.
const REFUSED: [i32; 8] = [13, 18, 2, 9, 26, 59, 72, 121];

/// Whether the write would have made a second entry in a unique index.
pub(super) fn is_duplicate(error: &Error) -> bool {
    code_of(error) == Some(DUPLICATE_KEY)
}

/// What a failed read means: whatever went wrong, nothing was changed.
pub(super) fn of_read(error: &Error) -> StoreError {
    match *error.kind {
        ErrorKind::Bson(_) | ErrorKind::BsonDeserialization(_) => StoreError::Damaged(describe(error)),
        _ => StoreError::Unavailable(describe(error)),
    }
}

/// What a failed write means. Where it is not certain that nothing was done, the outcome is unknown.
pub(super) fn of_write(error: &Error) -> StoreError {
    let what = describe(error);
    if error.contains_label("NoWritesPerformed") {
        return StoreError::Unavailable(what);
    }
    match (&*error.kind, code_of(error)) {
        (_, Some(code)) if TOO_LARGE.contains(&code) => StoreError::TooLarge,
        (_, Some(code)) if REFUSED.contains(&code) => StoreError::Unavailable(what),
        (ErrorKind::Write(WriteFailure::WriteError(_)), _)
        | (
            ErrorKind::ServerSelection { .. }
            | ErrorKind::Authentication { .. }
            | ErrorKind::InvalidArgument { .. }
            | ErrorKind::Bson(_)
            | ErrorKind::BsonSerialization(_)
            | ErrorKind::DnsResolve { .. }
            | ErrorKind::InvalidTlsConfig { .. }
            | ErrorKind::Shutdown,
            _,
        ) => StoreError::Unavailable(what),
        _ => StoreError::Unknown(what),
    }
}

/// What it means that the server refused one of several writes, and told this code.
pub(super) fn of_refusal(code: i32) -> StoreError {
    if TOO_LARGE.contains(&code) {
        return StoreError::TooLarge;
    }
    StoreError::Unavailable(format!("write refused (code {code})"))
}

/// What a failed step after the first of several means: something was done already.
pub(super) fn of_later_step(error: &Error) -> StoreError {
    StoreError::Unknown(describe(error))
}

pub(super) fn code_of(error: &Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(command) => Some(command.code),
        ErrorKind::Write(WriteFailure::WriteError(write)) => Some(write.code),
        _ => None,
    }
}

/// A description for the log. The server's own messages are left out where they quote stored values.
pub(super) fn describe(error: &Error) -> String {
    match &*error.kind {
        ErrorKind::Command(command) => format!("command refused: {} (code {})", command.code_name, command.code),
        ErrorKind::Write(WriteFailure::WriteError(write)) => format!("write refused (code {})", write.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => {
            format!("not confirmed by a majority: {} (code {})", concern.code_name, concern.code)
        }
        other => other.to_string(),
    }
}
