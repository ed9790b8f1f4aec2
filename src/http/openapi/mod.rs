//! What every route takes and answers, as an OpenAPI document and as a page.
//!
//! A table of [`Operation`]s stands for each API under the name of its room in `http::api`, and says
//! what its handlers cannot say by themselves. What they refuse, and how, is asked of the API itself. A test holds the
//! tables against the routes, and sends every example.
//!
//! ```text
//! operation    what is told of a route       shape       what JSON looks like
//! refusals     what is refused, in groups    common      shapes of several APIs
//! render       tables → OpenAPI 3.1          page        tables → HTML
//! keybin, stow, forms, pairs, users, web, here     the tables
//! ```

mod common;
mod forms;
mod here;
mod keybin;
mod operation;
mod page;
mod pairs;
mod refusals;
mod render;
mod shape;
mod stow;
mod users;
mod web;

use std::sync::{Arc, OnceLock};

use rocket::http::{ContentType, Status};
use rocket::{Route, State, get, routes};

use self::operation::Operation;
use self::shape::Shape;
use super::Open;
use super::answer::Answer;
use super::api::Api;
use super::refusal::Refusal;
use super::web::assets::Assets;

/// An API that tells of itself.
trait Documented: Api {
    /// Its name.
    const NAME: &'static str;

    /// What a refusal looks like: its type, and its shape.
    fn refusal() -> (&'static str, Shape);

    /// The stable word for a refusal of this path, where the API has such words.
    fn code(_refusal: &Refusal, _path: &str) -> Option<&'static str> {
        None
    }
}

/// One API of the document.
struct Chapter {
    name: &'static str,
    about: &'static str,
    operations: Vec<Operation>,
}

/// The open APIs, in the order of [`Open`], and what is there whatever is open.
fn chapters(open: Open, tells_metrics: bool) -> Vec<Chapter> {
    let Open { keybin, stow, forms, pairs, users, web } = open;
    let all: [(bool, fn() -> Chapter); 6] = [
        (keybin, self::keybin::chapter),
        (stow, stow::chapter),
        (forms, forms::chapter),
        (pairs, pairs::chapter),
        (users, users::chapter),
        (web, web::chapter),
    ];
    let open = all.into_iter().filter(|(is_open, _)| *is_open).map(|(_, chapter)| chapter());
    open.chain([here::chapter(tells_metrics)]).collect()
}

/// The document and the page. Each is made when it is first asked for.
pub(super) struct Told {
    open: Open,
    tells_metrics: bool,
    assets: Arc<Assets>,
    document: OnceLock<Vec<u8>>,
    page: OnceLock<Vec<u8>>,
}

impl Told {
    /// Of the open APIs, and of the metrics where they are told here.
    pub(super) const fn of(open: Open, tells_metrics: bool, assets: Arc<Assets>) -> Self {
        Self { open, tells_metrics, assets, document: OnceLock::new(), page: OnceLock::new() }
    }

    fn chapters(&self) -> Vec<Chapter> {
        chapters(self.open, self.tells_metrics)
    }
}

#[get("/openapi.json")]
fn document(told: &State<Told>) -> Answer {
    let document = told.document.get_or_init(|| render::document(&told.chapters()));
    Answer::new(Status::Ok, ContentType::JSON, document.clone())
}

#[get("/docs")]
fn docs(told: &State<Told>) -> Answer {
    page::answer(told.page.get_or_init(|| page::page(&told.chapters(), &told.assets)).clone())
}

/// The routes that tell of all others.
pub(super) fn routes() -> Vec<Route> {
    routes![document, docs]
}
