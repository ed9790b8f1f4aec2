//! The Stow API: HTTP Basic with a name and a password, or with a token as the name.
//!
//! Refusals are `{"message": …}`. Times are UTC without a zone, to the microsecond.

use rocket::http::{ContentType, Status};
use rocket::{Request, Route, State, delete, get, post, put, routes};
use serde_json::json;

use super::{Api, Result};
use crate::domain::{Document, Key, Origin, Timestamp};
use crate::http::answer::Answer;
use crate::http::body::Members;
use crate::http::doors::{Caller, Door, LookedUp, OwnPage, Registrant};
use crate::http::params::PathKey;
use crate::http::pieces::{Listed, Pieces};
use crate::http::refusal::Refusal;
use crate::http::status;
use crate::service::{self, Accounts, Documents, EveryDocument, Registration, ServiceError, Tokens};

/// This API, and the family of the client ids of its tokens.
pub(in crate::http) struct Stow;

impl Api for Stow {
    const DOORS: &'static [Door] = &[Door::Basic];
    const FORMS: bool = false;

    fn key(text: &str) -> Option<Key> {
        Key::parse(text).ok()
    }

    fn status(refusal: &Refusal) -> Status {
        status::of(refusal, Status::Unauthorized)
    }

    fn say(refusal: &Refusal, _: &Request<'_>) -> Answer {
        let status = Self::status(refusal);
        let answer = message(status, &words(refusal));
        if status == Status::Unauthorized {
            return answer.with("WWW-Authenticate", "Basic realm=\"keybin\", charset=\"UTF-8\"");
        }
        answer
    }
}

fn words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotAdmitted | Refusal::Service(ServiceError::Refused | ServiceError::AccountGone) => {
            "Unauthorized access".to_owned()
        }
        Refusal::Service(ServiceError::NotNewer) => "The stored entry is as new or newer".to_owned(),
        Refusal::Service(ServiceError::NoDocument(key)) => format!("Entry '{key}' not found"),
        other => other.to_string(),
    }
}

fn message(status: Status, text: &str) -> Answer {
    Answer::json(status, &json!({ "message": text }))
}

#[post("/api/user", data = "<body>")]
async fn register(
    _registrant: Registrant<'_, Stow>,
    body: Members<Stow>,
    accounts: &State<Accounts>,
) -> Result<Answer, Stow> {
    let (username, password) = (body.text("name")?, body.text("password")?);
    let name = username.clone();
    match accounts.register(Registration { username, password, ..Registration::default() }).await {
        Ok(_) => Ok(message(Status::Created, &format!("User '{name}' registered"))),
        Err(ServiceError::NameTaken) => Ok(message(Status::Conflict, &format!("User '{name}' already registered"))),
        Err(other) => Err(other.into()),
    }
}

#[get("/api/user")]
async fn account(caller: Caller<Stow>, accounts: &State<Accounts>) -> Result<Answer, Stow> {
    let account = accounts.of(caller.owner()?).await?;
    let created = time(account.created_at);
    Ok(Answer::json(
        Status::Ok,
        &json!({ "id": account.number, "name": account.username.as_str(), "created": created }),
    ))
}

#[delete("/api/user")]
async fn unregister(caller: Caller<Stow>, accounts: &State<Accounts>) -> Result<Answer, Stow> {
    accounts.erase(caller.owner()?).await?;
    Ok(message(Status::Ok, "User deleted"))
}

#[get("/api/token")]
async fn token(_own_page: OwnPage<Stow>, caller: Caller<Stow>, tokens: &State<Tokens>) -> Result<Answer, Stow> {
    let fresh = tokens.issue_another(&caller, Origin::Stow).await?;
    Ok(Answer::json(Status::Ok, &json!({ "token": fresh.token.expose(), "duration": fresh.expire_seconds })))
}

#[put("/api/stow/<_>", data = "<body>")]
async fn put(
    caller: Caller<Stow>,
    key: PathKey<Stow>,
    body: Members<Stow>,
    documents: &State<Documents>,
) -> Result<Answer, Stow> {
    let json = body.json("value")?;
    match body.optional_text("modified")? {
        None => documents.put(&caller, &key, json).await?,
        Some(text) => documents.put_newer(&caller, &key, json, parse_time(&text)?).await?,
    }
    Ok(message(Status::Ok, "Entry stored successfully"))
}

#[get("/api/stow/<_>")]
fn get(lookup: LookedUp<Stow>, documents: &State<Documents>) -> Result<Answer, Stow> {
    let mut body = Vec::new();
    write_entry(&documents.looked_up(lookup.0)?.1, &mut body)?;
    Ok(Answer::new(Status::Ok, ContentType::JSON, body))
}

#[get("/api/stow")]
async fn list(caller: Caller<Stow>, documents: &State<Documents>) -> Result<Listed, Stow> {
    Ok(Listed::begin("{\"entries\":{", Entries(documents.every_document(&caller)), "}}").await?)
}

#[delete("/api/stow/<_>")]
async fn delete(caller: Caller<Stow>, key: PathKey<Stow>, documents: &State<Documents>) -> Result<Answer, Stow> {
    documents.delete(&caller, &key).await?;
    Ok(message(Status::Ok, "Entry deleted"))
}

/// The routes of this API.
pub(in crate::http) fn routes() -> Vec<Route> {
    routes![register, account, unregister, token, put, get, list, delete]
}

/// All entries of somebody, each behind its key.
struct Entries(EveryDocument);

#[rocket::async_trait]
impl Pieces for Entries {
    async fn next(&mut self) -> service::Result<Option<Vec<u8>>> {
        let Some(documents) = self.0.next().await? else { return Ok(None) };
        let mut out = Vec::new();
        for (key, document) in &documents {
            out.extend_from_slice(if out.is_empty() { b"" } else { b"," });
            out.extend_from_slice(json!(key.as_str()).to_string().as_bytes());
            out.push(b':');
            write_entry(document, &mut out)?;
        }
        Ok(Some(out))
    }
}

/// `{"value", "modified", "created"}`.
fn write_entry(document: &Document, out: &mut Vec<u8>) -> service::Result<()> {
    out.extend_from_slice(b"{\"value\":");
    document.value.write_json(out)?;
    let (modified, created) = (time(document.modified_at), time(document.created_at));
    out.extend_from_slice(format!(",\"modified\":\"{modified}\",\"created\":\"{created}\"}}").as_bytes());
    Ok(())
}

/// `2018-03-10T10:25:35.576296`.
fn time(time: Timestamp) -> String {
    let mut text = time.with_micros();
    text.pop();
    text
}

/// The same back. A zone, where there is one, counts; a fraction may be missing.
fn parse_time(text: &str) -> std::result::Result<Timestamp, Refusal> {
    let read = Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}Z")));
    read.ok_or(Refusal::Wrong("modified", "must be a time like 2018-03-10T10:25:35.576296"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_back_to_the_microsecond() {
        for text in ["2018-03-10T10:25:35.576296", "1969-12-31T23:59:59.999999", "2018-03-10T10:25:35.000000"] {
            assert_eq!(parse_time(text).map(time).ok().as_deref(), Some(text));
        }
        assert_eq!(parse_time("2018-03-10T10:25:35").ok(), parse_time("2018-03-10T12:25:35+02:00").ok());
        for bad in ["", "yesterday", "2018-03-10", "2018-02-30T00:00:00", "1520677535", "+10000-01-01T00:00:00"] {
            assert!(parse_time(bad).is_err(), "{bad}");
        }
    }
}
