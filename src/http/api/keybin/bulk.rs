//! Many documents in one request: several operations, and removing by prefix.

use rocket::data::{Data, FromData, Outcome};
use rocket::http::{ContentType, Status};
use rocket::request::Request;
use rocket::{Route, State, delete, post, routes};
use serde_json::json;

use super::task::{self, Items};
use super::{Keybin, Result};
use crate::http::answer::Answer;
use crate::http::body::{self, Members};
use crate::http::doors::Caller;
use crate::http::params::DeletedPrefix;
use crate::http::problem::Said;
use crate::http::refusal::Refusal;
use crate::service::{Documents, Done, ServiceError};

/// How much larger a body may be than that of a single request, and how much is read at once for one answer.
const BYTES: usize = 16 * 1024 * 1024;

#[post("/user/<_>/bulk", data = "<bulk>")]
async fn bulk(caller: Caller<Keybin>, bulk: Bulk, documents: &State<Documents>) -> Result<Answer, Keybin> {
    let results = match bulk.atomic {
        true => together(&caller, &bulk.items, documents).await?,
        false => each(&caller, &bulk.items, documents).await,
    };
    let body = [&b"{\"results\":["[..], &results.join(&b','), b"]}"].concat();
    Ok(Answer::new(Status::Ok, ContentType::JSON, body))
}

#[delete("/user/<_>/documents")]
async fn delete_prefix(
    caller: Caller<Keybin>,
    which: DeletedPrefix<Keybin>,
    documents: &State<Documents>,
) -> Result<Answer, Keybin> {
    let deleted = documents.delete_prefix(&caller, &which.prefix, which.dry_run).await?;
    Ok(Answer::json(Status::Ok, &json!({ "deleted": deleted })))
}

/// Does what can be understood, and answers each operation by itself.
async fn each(caller: &Caller<Keybin>, items: &Items, documents: &Documents) -> Vec<Vec<u8>> {
    let read: Vec<_> = items.iter().map(|item| task::read(item, documents.now())).collect();
    let tasks: Vec<_> = read.iter().flatten().cloned().collect();
    let mut done = documents.each(caller, &tasks, BYTES).await.into_iter();
    let results = read.into_iter().map(|task| match task {
        Ok(_) => match done.next() {
            Some(Ok(done)) => success(&done).unwrap_or_else(|refusal| failure(&refusal)),
            Some(Err(error)) => failure(&error.into()),
            None => failure(&ServiceError::Unavailable("an operation was forgotten".to_owned()).into()),
        },
        Err(refusal) => failure(&refusal),
    });
    results.collect()
}

/// Does all of it or nothing.
async fn together(
    caller: &Caller<Keybin>,
    items: &Items,
    documents: &Documents,
) -> std::result::Result<Vec<Vec<u8>>, Refusal> {
    let tasks = items.iter().enumerate().map(|(index, item)| {
        task::read(item, documents.now()).map_err(|reason| Refusal::Operation(index, Box::new(reason)))
    });
    let tasks: Vec<_> = tasks.collect::<std::result::Result<_, _>>()?;
    documents.together(caller, &tasks).await?.iter().map(success).collect()
}

/// `{"status":200,"value":…,"revision":…}`.
fn success(done: &Done) -> std::result::Result<Vec<u8>, Refusal> {
    Ok(match done {
        Done::Read(document) | Done::Counted(document) => {
            let mut result = b"{\"status\":200,\"value\":".to_vec();
            document.value.write_json(&mut result)?;
            result.extend_from_slice(format!(",\"revision\":\"{}\"}}", document.revision).as_bytes());
            result
        }
        Done::Saved(saved) => {
            let status = if saved.is_new { 201 } else { 200 };
            format!("{{\"status\":{status},\"revision\":\"{}\"}}", saved.revision).into_bytes()
        }
        Done::Deleted => b"{\"status\":200}".to_vec(),
    })
}

/// `{"status":404,"code":…,"detail":…}`, and the present revision where a condition does not hold.
fn failure(refusal: &Refusal) -> Vec<u8> {
    let Said { status, code, detail } = Said::of(refusal);
    let mut result = json!({ "status": status.code, "code": code, "detail": detail });
    if let Refusal::Service(ServiceError::Precondition(Some(present))) = refusal {
        result["revision"] = present.revision.to_string().into();
    }
    result.to_string().into_bytes()
}

/// Operations, each as JSON text.
struct Bulk {
    atomic: bool,
    items: Items,
}

impl Bulk {
    fn of(text: &[u8], content_type: Option<&ContentType>) -> std::result::Result<Self, Refusal> {
        let members = Members::<Keybin>::read(text, content_type)?;
        let atomic = match members.optional_json("atomic") {
            None | Some(b"false") => false,
            Some(b"true") => true,
            Some(_) => return Err(Refusal::Wrong("atomic", "must be true or false")),
        };
        Ok(Self { atomic, items: Items::read(members.json("operations")?)? })
    }
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Bulk {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let text = body::text(request, data, BYTES).await;
        body::outcome::<Keybin, _>(text.and_then(|text| Self::of(&text, request.content_type())), request)
    }
}

pub(super) fn routes() -> Vec<Route> {
    routes![bulk, delete_prefix]
}
