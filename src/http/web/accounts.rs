//! For administrators: the accounts of all, with what each of them keeps.

use askama::Template;
use rocket::http::Status;
use rocket::{Route, State, get, post, routes};

use super::Result;
use super::entrance::Problem;
use super::form::Form;
use super::notice::Notice;
use super::page::{Frame, Pages, Place};
use super::text::{Presence, count, in_query, size};
use super::visitor::Session;
use crate::domain::{Account, NameRange, Username};
use crate::http::answer::Answer;
use crate::service::{Accounts, Administration};

/// Accounts on one page.
const ROWS: usize = 25;

#[derive(Template)]
#[template(path = "accounts.html")]
struct List<'p> {
    frame: Frame,
    prefix: &'p str,
    rows: Vec<Row>,
    is_start: bool,
    next: Option<String>,
}

struct Row {
    username: String,
    email: String,
    documents: String,
    size: String,
    created: Presence,
    is_admin: bool,
    is_own: bool,
}

#[derive(Template)]
#[template(path = "password_reset.html")]
struct PasswordReset {
    frame: Frame,
    username: String,
    password: String,
}

#[derive(Template)]
#[template(path = "remove_account.html")]
struct AskRemove {
    frame: Frame,
    username: String,
    problem: Option<Problem>,
}

#[get("/accounts?<prefix>&<after>")]
async fn accounts(
    pages: Pages,
    session: Session,
    administration: &State<Administration>,
    prefix: Option<&str>,
    after: Option<&str>,
) -> Result {
    let administrator = administration.enter(&session.account)?;
    let prefix = prefix.unwrap_or_default();
    let after = after.and_then(|after| Username::parse(after).ok());
    let range = NameRange { prefix: prefix.to_owned(), after, limit: ROWS };
    let page = administration.page(administrator, &range).await?;
    let last = page.items.last().filter(|_| page.more);
    let next = last.map(|(account, _)| {
        format!("/accounts?prefix={}&after={}", in_query(prefix), in_query(account.username.as_str()))
    });
    let frame = pages.frame(&session, Place::Accounts, "Accounts");
    let rows = page.items.into_iter().map(|(account, usage)| Row {
        is_own: account.id == session.account.id,
        documents: count(usage.documents, "document"),
        size: size(usage.bytes),
        created: frame.time(account.created_at),
        is_admin: account.admin,
        email: account.email.map_or_else(String::new, |email| email.as_str().to_owned()),
        username: account.username.as_str().to_owned(),
    });
    let rows = rows.collect();
    Ok(pages.show(Status::Ok, &List { frame, prefix, rows, is_start: range.after.is_none(), next }))
}

#[post("/accounts/password", data = "<form>")]
async fn reset_password(
    pages: Pages,
    session: Session,
    form: Form,
    accounts: &State<Accounts>,
    administration: &State<Administration>,
) -> Result {
    let administrator = administration.enter(&session.account)?;
    let account = accounts.find(form.text("username")).await?;
    let password = administration.reset_password(administrator, account.id).await?;
    let frame = pages.frame(&session, Place::Accounts, "New password");
    let username = account.username.as_str().to_owned();
    Ok(pages.show(Status::Ok, &PasswordReset { frame, username, password }))
}

#[post("/accounts/remove", data = "<form>")]
async fn remove(
    pages: Pages,
    session: Session,
    form: Form,
    accounts: &State<Accounts>,
    administration: &State<Administration>,
) -> Result {
    let administrator = administration.enter(&session.account)?;
    let account: Account = accounts.find(form.text("username")).await?;
    let username = account.username.as_str().to_owned();
    let typed = Some(form.text("name")).filter(|typed| !typed.is_empty());
    if typed != Some(&*username) {
        let problem = typed.map(|_| Problem::new("name", "This is not the name of the account. Nothing was removed."));
        let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
        let frame = pages.frame(&session, Place::Accounts, format!("Remove {username}?"));
        return Ok(pages.show(status, &AskRemove { frame, username, problem }));
    }
    administration.remove(administrator, account.id).await?;
    Ok(pages.go_with("/accounts", &Notice::AccountDeleted(username)))
}

/// The addresses of forms, for whoever loads them again.
#[get("/accounts/<form>")]
fn again(pages: Pages, form: &str) -> Option<Answer> {
    ["password", "remove"].contains(&form).then(|| pages.go("/accounts"))
}

pub(super) fn routes() -> Vec<Route> {
    routes![accounts, reset_password, remove, again]
}
