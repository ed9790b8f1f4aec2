//! The account of whoever looks: profile, password, and its end.

use askama::Template;
use rocket::http::Status;
use rocket::{Route, State, get, post, routes};

use super::Result;
use super::entrance::{Problem, begin};
use super::form::Form;
use super::notice::Notice;
use super::page::{Frame, Pages, Place};
use super::text::Presence;
use super::visitor::Session;
use crate::auth::AuthError;
use crate::domain::Profile;
use crate::http::answer::Answer;
use crate::http::doors::Guesser;
use crate::http::refusal::Refusal;
use crate::http::session;
use crate::service::{Accounts, Change, Tokens};

/// The fewest characters of a password that is chosen here.
const PASSWORD_CHARACTERS: usize = 8;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    username: String,
    number: u64,
    created: Presence,
    profile: Fields,
    problem: Option<Problem>,
}

/// The profile as it stands in its form.
struct Fields {
    email: String,
    full_name: String,
    age: String,
    gender: String,
}

impl AccountPage {
    /// What is wrong with a field.
    fn wrong(&self, field: &str) -> Option<&str> {
        self.problem.as_ref().filter(|problem| problem.field == field).map(|problem| problem.what.as_str())
    }
}

#[get("/account")]
fn account(pages: Pages, session: Session) -> Answer {
    show(&pages, &session, fields(&session), None)
}

fn show(pages: &Pages, session: &Session, profile: Fields, problem: Option<Problem>) -> Answer {
    let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
    let frame = pages.frame(session, Place::Account, "Account");
    let page = AccountPage {
        username: session.account.username.as_str().to_owned(),
        number: session.account.number,
        created: frame.time(session.account.created_at),
        profile,
        problem,
        frame,
    };
    pages.show(status, &page)
}

fn fields(session: &Session) -> Fields {
    let Profile { full_name, age, gender } = session.account.profile.clone();
    Fields {
        email: session.account.email.as_ref().map_or_else(String::new, |email| email.as_str().to_owned()),
        full_name: full_name.unwrap_or_default(),
        age: age.map_or_else(String::new, |age| age.to_string()),
        gender: gender.unwrap_or_default(),
    }
}

#[post("/account/profile", data = "<form>")]
async fn save_profile(pages: Pages, session: Session, form: Form, accounts: &State<Accounts>) -> Result {
    let text = |name: &str| form.text(name).trim().to_owned();
    let typed =
        || Fields { email: text("email"), full_name: text("full_name"), age: text("age"), gender: text("gender") };
    let age = match form.filled("age").map(str::parse) {
        None => None,
        Some(Ok(age)) if age > 0 => Some(age),
        Some(_) => {
            let problem = Problem::new("age", "An age is a whole number of years, above zero.");
            return Ok(show(&pages, &session, typed(), Some(problem)));
        }
    };
    let owned = |name: &str| form.filled(name).map(str::to_owned);
    let profile = Profile { full_name: owned("full_name"), age, gender: owned("gender") };
    let change = Change { email: Some(text("email")), profile: Some(profile), ..Change::default() };
    match accounts.change(session.owner()?, change).await {
        Ok(_) => Ok(pages.go_with("/account", &Notice::ProfileSaved)),
        Err(error) => Ok(show(&pages, &session, typed(), Some(Problem::of(error)?))),
    }
}

#[post("/account/password", data = "<form>")]
async fn change_password(
    pages: Pages,
    session: Session,
    form: Form,
    guesser: Guesser<'_>,
    accounts: &State<Accounts>,
    tokens: &State<Tokens>,
) -> Result {
    let username = session.account.username.as_str();
    let password = match new_password(&form, username) {
        Ok(password) => password.to_owned(),
        Err(problem) => return Ok(show(&pages, &session, fields(&session), Some(problem))),
    };
    let proof = match guesser.verify(username, form.text("current")).await {
        Ok(proof) => proof,
        Err(AuthError::Refused) => {
            let problem = Problem::new("current", "This is not your present password.");
            return Ok(show(&pages, &session, fields(&session), Some(problem)));
        }
        Err(other) => return Err(Refusal::from(other).into()),
    };
    let proof = match accounts.change_password(proof, password).await {
        Ok(proof) => proof,
        Err(error) => return Ok(show(&pages, &session, fields(&session), Some(Problem::of(error)?))),
    };
    // The present session has ended with all others; this begins the next one.
    let answer = begin(&pages, tokens, &proof, "/account").await?;
    Ok(answer.with("Set-Cookie", Notice::PasswordChanged.carry(&pages.reader)))
}

/// The password that somebody chose, if it keeps the rule of the web interface.
pub(super) fn new_password<'f>(form: &'f Form, username: &str) -> std::result::Result<&'f str, Problem> {
    let password = form.text("password");
    let problem = |what: &str| Err(Problem::new("password", what));
    if password.chars().count() < PASSWORD_CHARACTERS {
        return problem("A password has at least 8 characters.");
    }
    if password == username {
        return problem("A password is not the username.");
    }
    if password != form.text("repeated") {
        return Err(Problem::new("repeated", "The two passwords are not the same."));
    }
    Ok(password)
}

#[post("/account/delete", data = "<form>")]
async fn delete(pages: Pages, session: Session, form: Form, accounts: &State<Accounts>) -> Result {
    let username = session.account.username.as_str();
    if form.text("name") != username {
        let problem = Problem::new("name", "This is not the name of the account. Nothing was deleted.");
        return Ok(show(&pages, &session, fields(&session), Some(problem)));
    }
    accounts.erase(session.owner()?).await?;
    let notice = Notice::AccountDeleted(username.to_owned());
    Ok(pages.go_with("/login", &notice).with("Set-Cookie", session::end(&pages.reader)))
}

/// The addresses of forms, for whoever loads them again.
#[get("/account/<form>", rank = 2)]
fn again(pages: Pages, form: &str) -> Option<Answer> {
    ["profile", "password", "delete", "import"].contains(&form).then(|| pages.go("/account"))
}

pub(super) fn routes() -> Vec<Route> {
    routes![account, save_profile, change_password, delete, again]
}
