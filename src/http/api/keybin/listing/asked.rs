//! What a listing is asked for: the parameters of its query.

#[cfg(any(test, fuzzing))]
pub(in crate::http) mod fuzzing;

use std::ops::Deref;

use rocket::request::{FromRequest, Outcome, Request};

use super::super::Keybin;
use crate::domain::{Fields, Filter, Key, Order};
use crate::http::api::refuse;
use crate::http::params::{parameter, whole_query};
use crate::http::refusal::Refusal;
use crate::service::Wanted;

/// The longest page.
const MOST: usize = 1000;

/// How long a page of documents is where nothing is said.
const USUAL: usize = 100;

/// What a listing is asked for.
pub(super) struct Asked {
    pub(super) wanted: Wanted,
    pub(super) fields: Option<Fields>,
    limit: Option<usize>,
    /// The parameters as they were given, without the one that says where to begin.
    given: Vec<(&'static str, String)>,
}

impl Asked {
    /// What every listing can be asked for.
    fn read(query: &str) -> Result<Self, Refusal> {
        let mut asked = Self { wanted: Wanted::default(), fields: None, limit: None, given: Vec::new() };
        if let Some(text) = asked.take(query, "prefix")? {
            asked.wanted.prefix = text;
        }
        if let Some(text) = asked.take(query, "limit")? {
            asked.limit = Some(limit(&text).ok_or(Refusal::Wrong("limit", "must be 1 to 1000"))?);
        }
        if let Some(text) = asked.take(query, "order")? {
            asked.wanted.order = order(&text).ok_or(Refusal::Wrong("order", "must be asc or desc"))?;
        }
        // Nothing to come after is the beginning, for those who send what they have.
        if let Some(text) = parameter(query, "after")?.filter(|text| !text.is_empty()) {
            asked.wanted.after = Some(Key::parse(text).map_err(|_| Refusal::Wrong("after", "must be a key"))?);
        }
        Ok(asked)
    }

    /// What a listing of documents can be asked for besides.
    fn read_more(mut self, query: &str) -> Result<Self, Refusal> {
        if let Some(text) = self.take(query, "fields")? {
            let wrong = Refusal::Wrong("fields", "must be paths like a.b, separated by commas");
            self.fields = Some(Fields::parse(&text).map_err(|_| wrong)?);
        }
        if let Some(text) = self.take(query, "where")? {
            self.wanted.filter = Some(Filter::parse(&text).map_err(Refusal::Filter)?);
        }
        Ok(self)
    }

    fn take(&mut self, query: &str, name: &'static str) -> Result<Option<String>, Refusal> {
        let text = parameter(query, name)?;
        self.given.extend(text.clone().map(|text| (name, text)));
        Ok(text)
    }

    /// Whether nothing is said.
    pub(super) fn is_bare(&self) -> bool {
        self.given.is_empty() && self.wanted.after.is_none()
    }

    /// The length of a page of keys, which are small.
    pub(super) fn limit_of_keys(&self) -> usize {
        self.limit.unwrap_or(MOST)
    }

    /// The length of a page of documents.
    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(USUAL)
    }

    /// A reference to the page after a key. It is one to another query of the same path, so that no token that stands
    /// there is repeated.
    pub(super) fn following(&self, next: &Key) -> String {
        let mut reference = format!("?after={}", encoded(next.as_str()));
        for (name, text) in &self.given {
            reference.push_str(&format!("&{name}={}", encoded(text)));
        }
        reference
    }
}

fn limit(text: &str) -> Option<usize> {
    let limit = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    limit.filter(|limit| (1..=MOST).contains(limit))
}

fn order(text: &str) -> Option<Order> {
    match text {
        "asc" => Some(Order::Ascending),
        "desc" => Some(Order::Descending),
        _ => None,
    }
}

/// A text as it stands in a query, and in a header: everything escaped that may mean something in one of them.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// What a listing of keys is asked for.
pub(super) struct OfKeys(Asked);

/// What a listing of documents is asked for.
pub(super) struct OfDocuments(Asked);

impl Deref for OfKeys {
    type Target = Asked;

    fn deref(&self) -> &Asked {
        &self.0
    }
}

impl Deref for OfDocuments {
    type Target = Asked;

    fn deref(&self) -> &Asked {
        &self.0
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for OfKeys {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match Asked::read(whole_query(request)) {
            Ok(asked) => Outcome::Success(Self(asked)),
            Err(refusal) => refuse::<Keybin, _>(&refusal, request),
        }
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for OfDocuments {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let query = whole_query(request);
        match Asked::read(query).and_then(|asked| asked.read_more(query)) {
            Ok(asked) => Outcome::Success(Self(asked)),
            Err(refusal) => refuse::<Keybin, _>(&refusal, request),
        }
    }
}
