//! Texts to values. An error is the way out: what would have been right.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZero;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::thread;

use ipnet::IpNet;
use url::Url;

use super::{Directory, LogFormat, LogLevel};
use crate::domain::ClientId;
use crate::store::{InvalidLocation, Location};

/// Replaces a value when the text was right.
pub(super) fn put<T>(slot: &mut T, parsed: Result<T, String>) -> Result<(), String> {
    *slot = parsed?;
    Ok(())
}

/// A whole number within bounds, in plain digits.
pub(super) fn number<T: TryFrom<u64>>(text: &str, bounds: RangeInclusive<u64>) -> Result<T, String> {
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|number| plain && bounds.contains(number));
    number
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| format!("must be a whole number from {} to {}", bounds.start(), bounds.end()))
}

/// How long a token lives.
pub(super) fn seconds(text: &str) -> Result<u32, String> {
    number(text, 1..=u32::MAX.into()).map_err(|advice| format!("{advice} (seconds)"))
}

/// Networks, with commas between; an address is a network of one.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let network = |part: &str| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
    let networks: Result<Vec<_>, _> = parts.map(network).collect();
    networks.map_err(|_| "must be IP addresses or networks such as 10.0.0.0/8, with commas between".to_owned())
}

/// Origins as browsers spell them (RFC 6454, 6.2), with commas between.
pub(super) fn origins(text: &str) -> Result<Vec<String>, String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.iter().all(|part| is_origin(part)) {
        Ok(parts.into_iter().map(str::to_owned).collect())
    } else {
        let example = "https://app.example.org or http://localhost:3000";
        Err(format!("must be origins such as {example}, in lower case and without a path, with commas between"))
    }
}

fn is_origin(text: &str) -> bool {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    is_web && Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text)
}

/// Yes or no, in the words that INI files know.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" | "1" => Ok(true),
        "off" | "false" | "no" | "0" => Ok(false),
        _ => Err("must be on or off (or true or false, yes or no, 1 or 0)".to_owned()),
    }
}

/// An address to listen on.
pub(super) fn address(text: &str) -> Result<IpAddr, String> {
    if text.eq_ignore_ascii_case("localhost") {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    text.parse().map_err(|_| "must be localhost or an IP address such as 127.0.0.1, 0.0.0.0 or ::".to_owned())
}

/// An address to listen on with its port; empty for none.
pub(super) fn listener(text: &str) -> Result<Option<SocketAddr>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let named = text.strip_prefix("localhost:").map(|port| format!("{}:{port}", Ipv4Addr::LOCALHOST));
    let address = named.as_deref().unwrap_or(text).parse();
    address.map(Some).map_err(|_| "must be an IP address and a port such as 127.0.0.1:9464 or [::1]:9464".to_owned())
}

/// Where the store is.
pub(super) fn location(text: &str) -> Result<Location, String> {
    text.parse().map_err(|error: InvalidLocation| error.to_string())
}

/// A name that MongoDB takes for a database.
pub(super) fn database(text: &str) -> Result<String, String> {
    let bad = |c: char| c.is_control() || c.is_whitespace() || "/\\.\"$*<>:|?".contains(c);
    let fits = (1..=63).contains(&text.len()) && !text.chars().any(bad);
    fits.then(|| text.to_owned())
        .ok_or_else(|| "must be 1 to 63 bytes without blanks and without any of / \\ . \" $ * < > : | ?".to_owned())
}

/// A name that MongoDB takes for a collection.
pub(super) fn collection(text: &str) -> Result<String, String> {
    let bad = |c: char| c.is_control() || c.is_whitespace() || c == '$';
    let dots = text.starts_with('.') || text.ends_with('.') || text.contains("..");
    // A namespace, which is database and collection with a dot between them, has at most 255 bytes.
    let fits = (1..=128).contains(&text.len()) && !text.starts_with("system.") && !dots && !text.chars().any(bad);
    fits.then(|| text.to_owned()).ok_or_else(|| {
        "must be 1 to 128 bytes without blanks and $, must not begin with system. and must not have a dot at an end \
         or two in a row"
            .to_owned()
    })
}

/// Whom the list of users shows.
pub(super) fn directory(text: &str) -> Result<Directory, String> {
    [Directory::Own, Directory::Everyone]
        .into_iter()
        .find(|directory| directory.as_str().eq_ignore_ascii_case(text))
        .ok_or_else(|| "must be self or everyone".to_owned())
}

/// How much is logged.
pub(super) fn level(text: &str) -> Result<LogLevel, String> {
    LogLevel::ALL
        .into_iter()
        .find(|level| level.as_str().eq_ignore_ascii_case(text))
        .ok_or_else(|| "must be error, warn, info, debug, trace or off".to_owned())
}

/// What a line of the log looks like.
pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    LogFormat::ALL
        .into_iter()
        .find(|format| format.as_str().eq_ignore_ascii_case(text))
        .ok_or_else(|| "must be text or json".to_owned())
}

/// The name of a file; empty for none.
pub(super) fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| text.into())
}

/// Where spans go; empty for nowhere.
pub(super) fn collector(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "http" && url.has_host() && url.path() == "/");
    let plain = url.filter(|url| url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
    plain.map(|url| Some(url.as_str().trim_end_matches('/').to_owned())).ok_or_else(|| {
        "must be the URL of a collector without a path, such as http://127.0.0.1:4318 (no https: it is meant to be near)"
            .to_owned()
    })
}

/// How many threads; 0 leaves one core to everything else.
pub(super) fn threads(text: &str) -> Result<usize, String> {
    let cores = || thread::available_parallelism().map_or(1, NonZero::get);
    let threads = number(text, 0..=1024)?;
    Ok(if threads == 0 { cores().saturating_sub(1).max(1) } else { threads })
}

/// The key of the JWTs; empty for none.
pub(super) fn jwt_secret(text: &str) -> Result<Option<String>, String> {
    match text.len() {
        0 => Ok(None),
        // As many bits as the hash has (RFC 7518, 3.2).
        32.. => Ok(Some(text.to_owned())),
        _ => Err("must be at least 32 bytes long, or empty for one that is made and kept in the store".to_owned()),
    }
}

/// The name of an entry of `[TOKEN_EXPIRATION]`.
pub(super) fn client_id(text: &str) -> Result<String, String> {
    ClientId::parse(text).map(|id| id.to_string()).map_err(|error| error.to_string())
}
