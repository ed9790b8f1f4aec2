//! Request bodies: a JSON object, or on some APIs a form, taken apart into its members.

#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;

use std::collections::HashMap;
use std::io::ErrorKind::TimedOut;
use std::marker::PhantomData;
use std::time::Duration;

use rocket::data::{Data, FromData, Outcome, ToByteUnit};
use rocket::http::{ContentType, RawStr};
use rocket::request::Request;
use rocket::tokio::io::{AsyncRead, AsyncReadExt, copy, sink};
use rocket::tokio::time::timeout;

use super::api::{Api, refuse};
use super::as_sent::broke_off;
use super::doors::{FORM_TOKEN, FormToken};
use super::paced::Paced;
use super::refusal::Refusal;
use crate::domain::{Key, ValueError, value};

/// The largest body that is read, in bytes.
pub(super) struct Limit(pub(super) usize);

/// How much of a body beyond the limit is read and thrown away, so that the sender, which is still sending, gets to
/// read the refusal. Beyond that, and after this time, the connection is closed.
const DRAIN_BYTES: u64 = 64 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// The members of a JSON object, or the fields of a form, each as JSON text.
pub(super) struct Members<A> {
    members: HashMap<String, Vec<u8>>,
    api: PhantomData<A>,
}

impl<A: Api> Members<A> {
    /// The member as JSON.
    pub(super) fn json(&self, name: &'static str) -> Result<&[u8], Refusal> {
        self.members.get(name).map(Vec::as_slice).ok_or(Refusal::Missing(name))
    }

    /// The member, which must be a string.
    pub(super) fn text(&self, name: &'static str) -> Result<String, Refusal> {
        string(name, self.json(name)?)
    }

    /// The member, where it is there and not `null`; then it must be a string.
    pub(super) fn optional_text(&self, name: &'static str) -> Result<Option<String>, Refusal> {
        match self.members.get(name).map(Vec::as_slice) {
            None | Some(b"null") => Ok(None),
            Some(json) => string(name, json).map(Some),
        }
    }

    /// The member, where it is there and not `null`; then it must be a whole number that fits.
    pub(super) fn optional_whole(&self, name: &'static str) -> Result<Option<u32>, Refusal> {
        let digits = |json: &&[u8]| json.iter().all(u8::is_ascii_digit);
        let whole = |json: &[u8]| {
            let text = Some(json).filter(digits).and_then(|json| std::str::from_utf8(json).ok());
            text.and_then(|text| text.parse().ok()).ok_or(Refusal::Wrong(name, "must be a whole number"))
        };
        match self.members.get(name).map(Vec::as_slice) {
            None | Some(b"null") => Ok(None),
            Some(json) => whole(json).map(Some),
        }
    }

    /// The member `key`, which must be a key of this API.
    pub(super) fn key(&self) -> Result<Key, Refusal> {
        self.key_named("key")
    }

    /// The member, which must be a key of this API.
    pub(super) fn key_named(&self, name: &'static str) -> Result<Key, Refusal> {
        A::key(&self.text(name)?).ok_or(Refusal::Key)
    }

    /// The member as JSON, where it is there and not `null`.
    pub(super) fn optional_json(&self, name: &'static str) -> Option<&[u8]> {
        self.members.get(name).map(Vec::as_slice).filter(|json| *json != b"null")
    }

    /// No members at all.
    pub(super) fn none() -> Self {
        Self { members: HashMap::new(), api: PhantomData }
    }

    /// The members of a JSON object.
    pub(super) fn of_json(text: &str) -> Result<Self, Refusal> {
        Ok(Self { members: of_json(text)?, api: PhantomData })
    }

    pub(super) fn read(text: &[u8], content_type: Option<&ContentType>) -> Result<Self, Refusal> {
        let text = std::str::from_utf8(text).map_err(|_| Refusal::Body)?;
        let members = match content_type {
            Some(given) if is_json(given) => of_json(text)?,
            Some(given) if A::FORMS && given.is_form() => of_form(text)?,
            _ => return Err(Refusal::Body),
        };
        Ok(Self { members, api: PhantomData })
    }
}

/// `application/json` or `application/…+json`, as the original Keybin asks for.
fn is_json(given: &ContentType) -> bool {
    given.top() == "application" && (given.sub() == "json" || given.sub().as_str().ends_with("+json"))
}

fn string(name: &'static str, json: &[u8]) -> Result<String, Refusal> {
    if json.first() != Some(&b'"') {
        return Err(Refusal::WrongType(name));
    }
    value::string(json).map_err(|_| Refusal::Body)
}

fn of_json(text: &str) -> Result<HashMap<String, Vec<u8>>, Refusal> {
    let members = value::members(text).map_err(|error| match error {
        ValueError::Syntax(_) => Refusal::Body,
        ValueError::DuplicateMember(name) => Refusal::Repeated(name),
        other => other.into(),
    })?;
    Ok(members.into_iter().map(|(name, place)| (name, text.as_bytes()[place].to_vec())).collect())
}

/// `application/x-www-form-urlencoded` (WHATWG URL, 5.1). Every field is a string.
fn of_form(text: &str) -> Result<HashMap<String, Vec<u8>>, Refusal> {
    let mut members = HashMap::new();
    let decode = |text| RawStr::new(text).url_decode().map(std::borrow::Cow::into_owned).map_err(|_| Refusal::Body);
    for field in text.split('&').filter(|field| !field.is_empty()) {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        let value = decode(value)?;
        insert(&mut members, decode(name)?, serde_json::to_vec(&value).unwrap_or_default())?;
    }
    Ok(members)
}

fn insert(members: &mut HashMap<String, Vec<u8>>, name: String, json: Vec<u8>) -> Result<(), Refusal> {
    match members.insert(name.clone(), json) {
        None => Ok(()),
        Some(_) => Err(Refusal::Repeated(name)),
    }
}

#[rocket::async_trait]
impl<'r, A: Api> FromData<'r> for Members<A> {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let members = text(request, data, 0).await.and_then(|text| Self::read(&text, request.content_type()));
        outcome::<A, _>(members.and_then(|members| check_form_token(members, request)), request)
    }
}

/// What a guard of a body answers.
pub(super) fn outcome<'r, A: Api, T>(read: Result<T, Refusal>, request: &'r Request<'_>) -> Outcome<'r, T>
where
    T: FromData<'r, Error = ()>,
{
    match read {
        Ok(read) => Outcome::Success(read),
        Err(refusal) => match refuse::<A, ()>(&refusal, request) {
            rocket::request::Outcome::Error(error) => Outcome::Error(error),
            _ => Outcome::Error((rocket::http::Status::InternalServerError, ())),
        },
    }
}

/// The whole body, which may have so many bytes more than is usual.
pub(super) async fn text(request: &Request<'_>, data: Data<'_>, more: usize) -> Result<Vec<u8>, Refusal> {
    let limit = request.rocket().state::<Limit>().map_or(0, |limit| limit.0) + more;
    read(request, data.open((limit as u64 + DRAIN_BYTES).bytes()), limit).await
}

fn check_form_token<A: Api>(members: Members<A>, request: &Request<'_>) -> Result<Members<A>, Refusal> {
    let Some(expected) = FormToken::expected_by(request) else { return Ok(members) };
    match members.optional_text(FORM_TOKEN)? {
        Some(given) if given == expected.as_str() => Ok(members),
        _ => Err(Refusal::FormToken),
    }
}

/// Reads a body of at most `limit` bytes to its end.
pub(super) async fn read(
    request: &Request<'_>,
    stream: impl AsyncRead + Unpin,
    limit: usize,
) -> Result<Vec<u8>, Refusal> {
    let (mut text, mut stream) = (Vec::new(), Paced::new(request, stream));
    let taken = (&mut stream).take(limit as u64 + 1).read_to_end(&mut text).await;
    taken.map_err(|error| if error.kind() == TimedOut { Refusal::BodyTooSlow } else { Refusal::Body })?;
    if broke_off(request) {
        return Err(Refusal::Body);
    }
    if text.len() <= limit {
        return Ok(text);
    }
    drain(stream).await;
    Err(Refusal::BodyTooLarge(limit))
}

/// Reads the rest of a body that nobody wants to know, so that the sender gets to read the answer.
pub(super) async fn drain(stream: impl AsyncRead + Unpin) {
    let _closed_otherwise = timeout(DRAIN_TIME, copy(&mut stream.take(DRAIN_BYTES), &mut sink())).await;
}
