//! Request bodies: a JSON object, taken apart into its members.

use std::collections::HashMap;
use std::time::Duration;

use jiter::Jiter;
use rocket::data::{Data, FromData, Outcome, ToByteUnit};
use rocket::http::ContentType;
use rocket::request::Request;
use rocket::tokio::io::{AsyncRead, AsyncReadExt, copy, sink};
use rocket::tokio::time::timeout;

use super::problem::Problem;

/// The largest body that is read, in bytes.
pub(super) struct Limit(pub(super) usize);

/// How much of a body beyond the limit is read and thrown away, so that the sender, which is still sending, gets to
/// read the refusal. Beyond that, and after this time, the connection is closed.
const DRAIN_BYTES: u64 = 64 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// The members of a JSON object, each as the JSON text it was sent as.
pub(super) struct Members {
    text: Vec<u8>,
    places: HashMap<String, std::ops::Range<usize>>,
}

impl Members {
    /// Takes an object apart.
    fn parse(text: Vec<u8>) -> Result<Self, Problem> {
        // Skipping over a member does not look at its characters.
        std::str::from_utf8(&text).map_err(|_| Problem::no_json())?;
        let places = places(&text)?;
        Ok(Self { text, places })
    }

    /// The member as JSON.
    pub(super) fn json(&self, name: &str) -> Result<&[u8], Problem> {
        let place = self.places.get(name).ok_or_else(|| Problem::missing_parameter(name))?;
        Ok(&self.text[place.clone()])
    }

    /// The member, which must be a string.
    pub(super) fn text(&self, name: &str) -> Result<String, Problem> {
        string(name, self.json(name)?)
    }

    /// The member, where it is there and not `null`; then it must be a string.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<String>, Problem> {
        match self.places.get(name).map(|place| &self.text[place.clone()]) {
            None | Some(b"null") => Ok(None),
            Some(json) => string(name, json).map(Some),
        }
    }
}

fn string(name: &str, json: &[u8]) -> Result<String, Problem> {
    if json.first() != Some(&b'"') {
        return Err(Problem::not_a_string(name));
    }
    Jiter::new(json).next_str().map(str::to_owned).map_err(|_| Problem::no_json())
}

fn places(text: &[u8]) -> Result<HashMap<String, std::ops::Range<usize>>, Problem> {
    let mut json = Jiter::new(text);
    let mut places = HashMap::new();
    let owned = |name: Option<&str>| name.map(str::to_owned);
    let mut next = json.next_object().map(owned).map_err(|_| Problem::no_json())?;
    while let Some(name) = next {
        let peek = json.peek().map_err(|_| Problem::no_json())?;
        let start = json.current_index();
        json.known_skip(peek).map_err(|_| Problem::no_json())?;
        if places.insert(name.clone(), start..json.current_index()).is_some() {
            return Err(Problem::repeated_parameter(&name));
        }
        next = json.next_key().map(owned).map_err(|_| Problem::no_json())?;
    }
    json.finish().map_err(|_| Problem::no_json())?;
    Ok(places)
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Members {
    type Error = Problem;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let limit = request.rocket().state::<Limit>().map_or(0, |limit| limit.0);
        let read = read(data.open((limit as u64 + DRAIN_BYTES).bytes()), limit).await;
        let members = match read {
            Ok(_) if !is_json(request.content_type()) => Err(Problem::no_json()),
            Ok(text) => Self::parse(text),
            Err(problem) => Err(problem),
        };
        match members {
            Ok(members) => Outcome::Success(members),
            Err(problem) => match problem.refuse::<Self>(request) {
                rocket::request::Outcome::Error(error) => Outcome::Error(error),
                _ => Outcome::Error((rocket::http::Status::InternalServerError, Problem::no_json())),
            },
        }
    }
}

/// `application/json` or `application/…+json`, as the original Keybin asks for. Forms can therefore not reach a handler
/// from a foreign page.
fn is_json(content_type: Option<&ContentType>) -> bool {
    content_type.is_some_and(|given| {
        given.top() == "application" && (given.sub() == "json" || given.sub().as_str().ends_with("+json"))
    })
}

async fn read(mut stream: impl AsyncRead + Unpin, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut text = Vec::new();
    let taken = (&mut stream).take(limit as u64 + 1).read_to_end(&mut text).await;
    taken.map_err(|_| Problem::no_json())?;
    if text.len() <= limit {
        return Ok(text);
    }
    let _closed_otherwise = timeout(DRAIN_TIME, copy(&mut stream, &mut sink())).await;
    Err(Problem::too_large(limit))
}
