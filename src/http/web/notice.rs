//! Notices: a message for the next page, carried over a redirect in a cookie.
//!
//! The cookie says which message, and about what. It is no more than a message: whatever stands in it is shown, and
//! escaped like everything else.

use std::fmt;

use crate::http::reader::Reader;
use crate::http::session::cookie;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The name of the cookie.
pub(super) const NOTICE: &str = "keybin_notice";

/// How long a notice waits for the next page, in seconds.
const SECONDS: u32 = 60;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    LoggedOut,
    SessionEnded,
    Saved(String),
    Deleted(String),
    Ended(String),
    EndedOthers(String),
    ProfileSaved,
    PasswordChanged,
    AccountDeleted(String),
    Imported(String),
}

impl Notice {
    /// The `Set-Cookie` that carries it.
    pub(super) fn carry(&self, reader: &Reader) -> String {
        let (name, about) = self.spelled();
        let value = format!("{name}.{}", URL_SAFE_NO_PAD.encode(about));
        cookie(NOTICE, value, Some(SECONDS), reader)
    }

    /// The `Set-Cookie` that takes a notice back once it was shown.
    pub(super) fn shown(reader: &Reader) -> String {
        cookie(NOTICE, String::new(), Some(0), reader)
    }

    /// The notice that a cookie carries.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let (name, about) = value.split_once('.')?;
        let about = String::from_utf8(URL_SAFE_NO_PAD.decode(about).ok()?).ok()?;
        Some(match name {
            "logged-out" => Self::LoggedOut,
            "session-ended" => Self::SessionEnded,
            "saved" => Self::Saved(about),
            "deleted" => Self::Deleted(about),
            "ended" => Self::Ended(about),
            "ended-others" => Self::EndedOthers(about),
            "profile-saved" => Self::ProfileSaved,
            "password-changed" => Self::PasswordChanged,
            "account-deleted" => Self::AccountDeleted(about),
            "imported" => Self::Imported(about),
            _ => return None,
        })
    }

    fn spelled(&self) -> (&'static str, &str) {
        match self {
            Self::LoggedOut => ("logged-out", ""),
            Self::SessionEnded => ("session-ended", ""),
            Self::Saved(key) => ("saved", key),
            Self::Deleted(what) => ("deleted", what),
            Self::Ended(client_id) => ("ended", client_id),
            Self::EndedOthers(count) => ("ended-others", count),
            Self::ProfileSaved => ("profile-saved", ""),
            Self::PasswordChanged => ("password-changed", ""),
            Self::AccountDeleted(name) => ("account-deleted", name),
            Self::Imported(what) => ("imported", what),
        }
    }
}

/// What people read.
impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoggedOut => f.write_str("You are logged out."),
            Self::SessionEnded => f.write_str("Your session has ended. Log in to go on where you were."),
            Self::Saved(key) => write!(f, "“{key}” is saved."),
            Self::Deleted(what) => write!(f, "{what} deleted."),
            Self::Ended(client_id) => write!(f, "The token of “{client_id}” is revoked."),
            Self::EndedOthers(count) => write!(f, "{count} revoked. Only this browser is still logged in."),
            Self::ProfileSaved => f.write_str("Your profile is saved."),
            Self::PasswordChanged => f.write_str("Your password is changed. All other sessions and tokens have ended."),
            Self::AccountDeleted(name) => write!(f, "The account “{name}” and everything in it is deleted."),
            Self::Imported(what) => f.write_str(what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_survives_its_cookie() {
        let texts = ["", "a;b=c", "<é>\"\n"].map(str::to_owned);
        for text in texts {
            for notice in [Notice::Saved(text.clone()), Notice::Deleted(text.clone()), Notice::Ended(text.clone())] {
                let (name, about) = notice.spelled();
                let value = format!("{name}.{}", URL_SAFE_NO_PAD.encode(about));
                assert_eq!(Notice::parse(&value), Some(notice));
            }
        }
        for bad in ["", "saved", "saved.%", "other.YQ", "saved._w"] {
            assert_eq!(Notice::parse(bad), None, "{bad}");
        }
    }
}
