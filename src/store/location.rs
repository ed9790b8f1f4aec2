//! Where a store is: `embedded:<path>` or a MongoDB connection string.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

/// Where the data is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// In one file of this machine.
    Embedded(PathBuf),
    /// In the MongoDB that this connection string names.
    Mongo(String),
}

/// Why a text names no store. The text itself is left out: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidLocation {
    /// Neither of the schemes.
    #[error("must begin with embedded: or mongodb:// or mongodb+srv://")]
    Scheme,
    /// `embedded:` with nothing behind it.
    #[error("embedded: must be followed by the path of a file")]
    NoPath,
}

impl FromStr for Location {
    type Err = InvalidLocation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("embedded:") {
            return if path.is_empty() { Err(InvalidLocation::NoPath) } else { Ok(Self::Embedded(path.into())) };
        }
        if text.starts_with("mongodb://") || text.starts_with("mongodb+srv://") {
            return Ok(Self::Mongo(text.to_owned()));
        }
        Err(InvalidLocation::Scheme)
    }
}

impl Location {
    /// Whether something of it must not be seen, such as the password of a connection string.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        matches!(self, Self::Mongo(uri) if redact(uri) != *uri)
    }
}

/// The location without the password of the connection string.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(path) => write!(f, "embedded:{}", path.display()),
            Self::Mongo(uri) => f.write_str(&redact(uri)),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Hides what stands between the user's name and the host, every port that is no number, because a password without a
/// host behind it looks like one, and every option's value that may be a secret.
fn redact(uri: &str) -> String {
    let (scheme, rest) = uri.split_once("://").unwrap_or(("mongodb", uri));
    // The last @ before the path ends the user information, even where a password was not percent-encoded.
    let authority_end = rest.rfind('@').map_or(0, |at| at + 1);
    let (user, hosts) = rest.split_at(authority_end);
    let user = match user.trim_end_matches('@').split_once(':') {
        Some((name, _)) => format!("{name}:***@"),
        None => user.to_owned(),
    };
    let (hosts, options) = hosts.split_once('?').map_or((hosts, None), |(hosts, options)| (hosts, Some(options)));
    let (hosts, database) = hosts.split_once('/').map_or((hosts, None), |(hosts, database)| (hosts, Some(database)));
    let hosts = hosts.split(',').map(redact_port).collect::<Vec<_>>().join(",");
    let database = database.map_or_else(String::new, |database| format!("/{database}"));
    let options = options.map_or_else(String::new, |options| format!("?{}", redact_options(options)));
    format!("{scheme}://{user}{hosts}{database}{options}")
}

fn redact_port(host: &str) -> String {
    // Within the brackets of an IPv6 address, colons begin no port.
    let (brackets, rest) = host.split_at(host.find(']').map_or(0, |at| at + 1));
    match rest.split_once(':') {
        Some((name, port)) if !port.bytes().all(|b| b.is_ascii_digit()) => format!("{brackets}{name}:***"),
        _ => host.to_owned(),
    }
}

fn redact_options(options: &str) -> String {
    let secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.contains("password") || name.contains("mechanismproperties")
    };
    let shown = options.split('&').map(|option| match option.split_once('=') {
        Some((name, _)) if secret(name) => format!("{name}=***"),
        _ => option.to_owned(),
    });
    shown.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_a_file_or_a_mongodb() {
        assert_eq!("embedded:a/b.redb".parse(), Ok(Location::Embedded("a/b.redb".into())));
        assert_eq!("mongodb://h".parse(), Ok(Location::Mongo("mongodb://h".to_owned())));
        assert_eq!("embedded:".parse::<Location>(), Err(InvalidLocation::NoPath));
        assert_eq!("redis://h".parse::<Location>(), Err(InvalidLocation::Scheme));
    }

    #[test]
    fn no_secret_is_shown() {
        for (uri, shown) in [
            ("mongodb://h:1,h2:2/?replicaSet=rs0", "mongodb://h:1,h2:2/?replicaSet=rs0"),
            ("mongodb://me:canary@h/db", "mongodb://me:***@h/db"),
            ("mongodb+srv://me:can@ary@h/?w=1", "mongodb+srv://me:***@h/?w=1"),
            ("mongodb://me:canary/@h", "mongodb://me:***@h"),
            ("mongodb://me:canary?canary@h/?w=1", "mongodb://me:***@h/?w=1"),
            ("mongodb://me:canary", "mongodb://me:***"),
            ("mongodb://[::1]:27017,[::2]/db", "mongodb://[::1]:27017,[::2]/db"),
            ("mongodb://[::1]:canary,h:1/db?w=1", "mongodb://[::1]:***,h:1/db?w=1"),
            (
                "mongodb://h/?tlsCertificateKeyFilePassword=canary&w=1",
                "mongodb://h/?tlsCertificateKeyFilePassword=***&w=1",
            ),
            (
                "mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:canary",
                "mongodb://h/?authMechanismProperties=***",
            ),
        ] {
            let location: Location = uri.parse().expect("a location");
            assert_eq!(format!("{location}"), shown);
            assert_eq!(format!("{location:?}"), shown);
            assert_eq!(location.has_secret(), shown.contains("***"));
        }
    }
}
