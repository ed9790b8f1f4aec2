//! Coming in and going out: the welcome page, registering, logging in, logging out.

use askama::Template;
use rocket::http::Status;
use rocket::{Route, State, get, post, routes};

use super::form::Form;
use super::notice::Notice;
use super::page::{Frame, Pages, own_path};
use super::visitor::{Session, Visit, Visitor};
use super::{Result, account};
use crate::auth::{AuthError, Proof};
use crate::domain::Origin;
use crate::http::answer::Answer;
use crate::http::doors::{Guesser, OwnPage, Registrant};
use crate::http::refusal::Refusal;
use crate::http::session;
use crate::http::web::Web;
use crate::service::{Accounts, Registration, ServiceError, Tokens};

#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LogIn<'p> {
    frame: Frame,
    form_token: &'p str,
    username: &'p str,
    next: &'p str,
    refused: bool,
}

#[derive(Template)]
#[template(path = "register.html")]
struct Register<'p> {
    frame: Frame,
    form_token: &'p str,
    username: &'p str,
    email: &'p str,
    problem: Option<Problem>,
}

impl Register<'_> {
    /// What is wrong with a field.
    fn wrong(&self, field: &str) -> Option<&str> {
        self.problem.as_ref().filter(|problem| problem.field == field).map(|problem| problem.what.as_str())
    }
}

/// What is wrong with a field of a form.
pub(super) struct Problem {
    /// The name of the field.
    pub(super) field: &'static str,
    /// What is wrong.
    pub(super) what: String,
}

impl Problem {
    pub(super) fn new(field: &'static str, what: impl Into<String>) -> Self {
        Self { field, what: what.into() }
    }

    /// The field that a service complains of, if it complains of one.
    pub(super) fn of(error: ServiceError) -> std::result::Result<Self, ServiceError> {
        let (field, what) = match &error {
            ServiceError::NameTaken => ("username", "This name is taken. Choose another one.".to_owned()),
            ServiceError::Username(what) => ("username", what.to_string()),
            ServiceError::EmailTaken => ("email", "Another account has this e-mail address.".to_owned()),
            ServiceError::Email(what) => ("email", what.to_string()),
            ServiceError::Password(what) => ("password", what.to_string()),
            ServiceError::Profile => ("full_name", error.to_string()),
            ServiceError::ClientId(what) => ("client_id", what.to_string()),
            _ => return Err(error),
        };
        Ok(Self { field, what })
    }
}

#[get("/")]
fn welcome(pages: Pages, visitor: Visitor) -> Answer {
    match visitor.0 {
        Some(_) => pages.go("/dashboard"),
        None => pages.show(Status::Ok, &Welcome { frame: pages.bare_frame("Welcome") }),
    }
}

#[get("/login?<next>")]
fn log_in_form(pages: Pages, visitor: Visitor, visit: Visit, next: Option<&str>) -> Answer {
    match visitor.0 {
        Some(_) => pages.go(own_path(next.unwrap_or_default())),
        None => log_in_page(&pages, &visit, Status::Ok, "", next.unwrap_or_default()),
    }
}

fn log_in_page(pages: &Pages, visit: &Visit, status: Status, username: &str, next: &str) -> Answer {
    let page = LogIn {
        frame: pages.bare_frame("Log in"),
        form_token: visit.form_token.as_str(),
        username,
        next,
        refused: status != Status::Ok,
    };
    with_visit(pages.show(status, &page), visit)
}

#[post("/login", data = "<form>")]
async fn log_in(
    _own_page: OwnPage<Web>,
    pages: Pages,
    visit: Visit,
    form: Form,
    guesser: Guesser<'_>,
    tokens: &State<Tokens>,
) -> Result {
    let (username, password) = (form.text("username"), form.text("password"));
    match guesser.verify(username, password).await {
        Ok(proof) => begin(&pages, tokens, &proof, own_path(form.text("next"))).await,
        Err(AuthError::Refused) => Ok(log_in_page(&pages, &visit, Status::Forbidden, username, form.text("next"))),
        Err(other) => Err(Refusal::from(other).into()),
    }
}

/// Begins a session for somebody who just gave the password, and leads on.
pub(super) async fn begin(pages: &Pages, tokens: &Tokens, proof: &Proof, path: &str) -> Result {
    let fresh = tokens.log_in(proof, Origin::Web).await?;
    Ok(pages.go(path).with("Set-Cookie", session::begin(&fresh, &pages.reader)))
}

#[get("/register")]
fn register_form(pages: Pages, visitor: Visitor, visit: Visit) -> Answer {
    match visitor.0 {
        Some(_) => pages.go("/dashboard"),
        None => register_page(&pages, &visit, None, "", ""),
    }
}

fn register_page(pages: &Pages, visit: &Visit, problem: Option<Problem>, username: &str, email: &str) -> Answer {
    let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
    let page = Register {
        frame: pages.bare_frame("Register"),
        form_token: visit.form_token.as_str(),
        username,
        email,
        problem,
    };
    with_visit(pages.show(status, &page), visit)
}

/// Not at `/register`, where the Keybin API takes its registrations.
#[post("/register/account", data = "<form>")]
async fn register(
    _own_page: OwnPage<Web>,
    registrant: Registrant<'_, Web>,
    pages: Pages,
    visit: Visit,
    form: Form,
    accounts: &State<Accounts>,
    tokens: &State<Tokens>,
) -> Result {
    let (username, email) = (form.text("username"), form.text("email"));
    let problem = match account::new_password(&form, username) {
        Err(problem) => problem,
        Ok(password) => match accounts.register(registration(username, email, password)).await {
            Ok(_) => {
                let proof = registrant.verify(username, password).await.map_err(Refusal::from)?;
                return begin(&pages, tokens, &proof, "/dashboard").await;
            }
            Err(error) => Problem::of(error)?,
        },
    };
    Ok(register_page(&pages, &visit, Some(problem), username, email))
}

fn registration(username: &str, email: &str, password: &str) -> Registration {
    Registration {
        username: username.to_owned(),
        password: password.to_owned(),
        email: Some(email.trim().to_owned()).filter(|email| !email.is_empty()),
        ..Registration::default()
    }
}

/// Where a form was refused, its address is that of no page. Whoever loads it again means the page with the form.
#[get("/register/account")]
fn register_again(pages: Pages) -> Answer {
    pages.go("/register")
}

#[post("/logout", data = "<_form>")]
async fn log_out(pages: Pages, session: Session, _form: Form, tokens: &State<Tokens>) -> Result {
    tokens.log_out(&session.principal).await?;
    Ok(pages.go_with("/login", &Notice::LoggedOut).with("Set-Cookie", session::end(&pages.reader)))
}

fn with_visit(answer: Answer, visit: &Visit) -> Answer {
    match &visit.fresh {
        Some(cookie) => answer.with("Set-Cookie", cookie.clone()),
        None => answer,
    }
}

pub(super) fn routes() -> Vec<Route> {
    routes![welcome, log_in_form, log_in, register_form, register, register_again, log_out]
}
