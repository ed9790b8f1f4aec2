//! Changing documents: patches and increments.

use rocket::data::{Data, FromData, Outcome};
use rocket::http::{ContentType, Status};
use rocket::request::Request;
use rocket::{Route, State, patch, post, routes};

use super::{Keybin, Result, done};
use crate::http::answer::Answer;
use crate::http::body::{self, Members};
use crate::http::conditions::Conditions;
use crate::http::document;
use crate::http::doors::Caller;
use crate::http::lifetime::Lifetime;
use crate::http::params::PathKey;
use crate::http::refusal::Refusal;
use crate::service::{Documents, PatchKind, Wish};

#[patch("/user/<_>/store/<_>", data = "<patch>")]
async fn patch(
    caller: Caller<Keybin>,
    key: PathKey<Keybin>,
    when: Conditions<Keybin>,
    lifetime: Lifetime<Keybin>,
    patch: PatchBody,
    documents: &State<Documents>,
) -> Result<Answer, Keybin> {
    let end = lifetime.end(documents.now())?;
    let wish = match &patch {
        PatchBody::Patch(kind, json) => Wish::Patch(*kind, json),
        PatchBody::Nothing if end.is_some() => Wish::Keep,
        PatchBody::Nothing => return Err(Refusal::Body.into()),
    };
    let changed = documents.change(&caller, &key, wish, end, when.of_write()).await?;
    Ok(done().with("ETag", document::tag(changed.revision)))
}

#[post("/user/<_>/increment/<_>", data = "<body>")]
async fn increment(
    caller: Caller<Keybin>,
    key: PathKey<Keybin>,
    when: Conditions<Keybin>,
    lifetime: Lifetime<Keybin>,
    body: IncrementBody,
    documents: &State<Documents>,
) -> Result<Answer, Keybin> {
    let end = lifetime.end(documents.now())?;
    let wish = Wish::Increment { by: body.0.optional_json("by"), initial: body.0.optional_json("initial") };
    let changed = documents.change(&caller, &key, wish, end, when.of_write()).await?;
    let body = document::of_value(&changed).map_err(Refusal::from)?;
    Ok(Answer::new(Status::Ok, ContentType::JSON, body).with("ETag", document::tag(changed.revision)))
}

/// A key of no characters, as with documents.
#[post("/user/<_>/increment")]
fn increment_nothing(_caller: Caller<Keybin>) -> Result<Answer, Keybin> {
    Err(Refusal::Key.into())
}

/// A patch as it was sent.
enum PatchBody {
    Patch(PatchKind, Vec<u8>),
    /// No body: nothing is said about the value.
    Nothing,
}

impl PatchBody {
    fn of(json: Vec<u8>, content_type: Option<&ContentType>) -> std::result::Result<Self, Refusal> {
        let kind = content_type.filter(|given| given.top() == "application").and_then(|given| match given.sub() {
            merge if merge == "merge-patch+json" => Some(PatchKind::Merge),
            json if json == "json-patch+json" => Some(PatchKind::Json),
            _ => None,
        });
        match kind {
            _ if json.is_empty() => Ok(Self::Nothing),
            Some(kind) => Ok(Self::Patch(kind, json)),
            None => Err(Refusal::PatchType),
        }
    }
}

#[rocket::async_trait]
impl<'r> FromData<'r> for PatchBody {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let text = body::text(request, data, 0).await;
        body::outcome::<Keybin, _>(text.and_then(|text| Self::of(text, request.content_type())), request)
    }
}

/// The members of an increment. Each of them may be missing, and so may the whole body.
struct IncrementBody(Members<Keybin>);

#[rocket::async_trait]
impl<'r> FromData<'r> for IncrementBody {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let members = match body::text(request, data, 0).await {
            Ok(text) if text.is_empty() => Ok(Members::none()),
            text => text.and_then(|text| Members::read(&text, request.content_type())),
        };
        body::outcome::<Keybin, _>(members.map(Self), request)
    }
}

pub(super) fn routes() -> Vec<Route> {
    routes![patch, increment, increment_nothing]
}
