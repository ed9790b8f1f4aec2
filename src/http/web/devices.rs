//! Devices: the live tokens of an account, one for each client id.

use askama::Template;
use rocket::http::Status;
use rocket::{Route, State, get, post, routes};

use super::Result;
use super::entrance::Problem;
use super::form::Form;
use super::notice::Notice;
use super::page::{Frame, Pages, Place};
use super::text::{Presence, count};
use super::visitor::Session;
use crate::domain::{ClientId, Grant, IssuedToken, Origin, Scope};
use crate::http::answer::Answer;
use crate::service::{ServiceError, Tokens};

#[derive(Template)]
#[template(path = "devices.html")]
struct Devices<'p> {
    frame: Frame,
    rows: Vec<Row>,
    client_id: &'p str,
    problem: Option<Problem>,
}

struct Row {
    client_id: String,
    /// What the token is limited to, if it is.
    limits: Option<String>,
    origin: &'static str,
    created: Presence,
    expires: Presence,
    is_this_browser: bool,
}

#[derive(Template)]
#[template(path = "token.html")]
struct Issued {
    frame: Frame,
    client_id: String,
    token: String,
    expires: Presence,
}

#[derive(Template)]
#[template(path = "revoke_others.html")]
struct AskOthers {
    frame: Frame,
    what: String,
}

#[get("/devices")]
async fn devices(pages: Pages, session: Session, tokens: &State<Tokens>) -> Result {
    list(&pages, &session, tokens, "", None).await
}

async fn list(pages: &Pages, session: &Session, tokens: &Tokens, client_id: &str, problem: Option<Problem>) -> Result {
    let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
    let live = tokens.list(session.owner()?).await?;
    let frame = pages.frame(session, Place::Devices, "Devices");
    let rows = live.into_iter().map(|token| row(&frame, session, &token)).collect();
    Ok(pages.show(status, &Devices { frame, rows, client_id, problem }))
}

fn row(frame: &Frame, session: &Session, token: &IssuedToken) -> Row {
    Row {
        client_id: token.client_id.as_str().to_owned(),
        limits: limits(&token.grant),
        origin: origin(token.origin),
        created: frame.time(token.created_at),
        expires: frame.time(token.expires_at),
        is_this_browser: is_own(session, &token.client_id),
    }
}

fn is_own(session: &Session, client_id: &ClientId) -> bool {
    session.principal.client_id() == Some(client_id)
}

/// What a token is limited to, as people read it.
fn limits(grant: &Grant) -> Option<String> {
    let what = if grant.scope == Scope::Read { "reads" } else { "reads and writes" };
    match (grant.is_full(), &*grant.prefix) {
        (true, _) => None,
        (false, "") => Some(format!("only {what}")),
        (false, prefix) => Some(format!("only {what} {prefix}*")),
    }
}

const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Keybin => "Keybin API",
        Origin::Stow => "Stow API",
        Origin::Forms => "Forms API",
        Origin::Pairs => "Pairs API",
        Origin::Users => "Users API",
        Origin::Web => "Web interface",
        Origin::Operator => "Command line",
    }
}

#[post("/devices/issue", data = "<form>")]
async fn issue(pages: Pages, session: Session, form: Form, tokens: &State<Tokens>) -> Result {
    let text = form.text("client_id");
    let client_id = match ClientId::parse(text) {
        Ok(client_id) if is_own(&session, &client_id) => {
            Err(Problem::new("client_id", "This is the browser you are using."))
        }
        Ok(client_id) => Ok(client_id),
        Err(error) => Err(Problem::of(ServiceError::from(error))?),
    };
    let client_id = match client_id {
        Ok(client_id) => client_id,
        Err(problem) => return list(&pages, &session, tokens, text, Some(problem)).await,
    };
    let fresh = tokens.issue_further(session.owner()?, client_id, Origin::Web).await?;
    let frame = pages.frame(&session, Place::Devices, "New token");
    let page = Issued {
        client_id: text.to_owned(),
        token: fresh.token.expose(),
        expires: frame.time(fresh.expires_at()),
        frame,
    };
    Ok(pages.show(Status::Ok, &page))
}

#[post("/devices/revoke", data = "<form>")]
async fn revoke(pages: Pages, session: Session, form: Form, tokens: &State<Tokens>) -> Result {
    let client_id = ClientId::parse(form.text("client_id")).map_err(ServiceError::from)?;
    tokens.revoke(session.owner()?, &client_id).await?;
    Ok(pages.go_with("/devices", &Notice::Ended(client_id.as_str().to_owned())))
}

#[post("/devices/revoke-others", data = "<form>")]
async fn revoke_others(pages: Pages, session: Session, form: Form, tokens: &State<Tokens>) -> Result {
    if form.text("confirmed") != "yes" {
        let live = tokens.list(session.owner()?).await?;
        let others = live.iter().filter(|token| !is_own(&session, &token.client_id)).count();
        let what = count(others as u64, "token");
        let frame = pages.frame(&session, Place::Devices, format!("Revoke {what}?"));
        return Ok(pages.show(Status::Ok, &AskOthers { frame, what }));
    }
    let ended = tokens.revoke_others(session.owner()?).await?;
    Ok(pages.go_with("/devices", &Notice::EndedOthers(count(ended, "token"))))
}

/// The addresses of forms, for whoever loads them again.
#[get("/devices/<form>")]
fn again(pages: Pages, form: &str) -> Option<Answer> {
    ["issue", "revoke", "revoke-others"].contains(&form).then(|| pages.go("/devices"))
}

pub(super) fn routes() -> Vec<Route> {
    routes![devices, issue, revoke, revoke_others, again]
}
