//! Operations: what is told of a route. Each API has a table of them.
//!
//! What a route refuses is told by the refusals themselves: their status comes from where requests get it, too.

use std::collections::BTreeMap;

use rocket::http::{Method, Status};
use serde_json::Value as Json;
use utoipa::openapi::path::ParameterIn;

use super::Documented;
use super::refusals::{self, of_body, of_faults};
use super::shape::{Shape, text};
use crate::http::doors::Door;
use crate::http::refusal::Refusal;

/// What is told of a route.
pub(super) struct Operation {
    /// The name of its API.
    pub(super) api: &'static str,
    pub(super) method: Method,
    /// The path, with its parameters in braces.
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    pub(super) about: &'static str,
    /// The doors that one must come in through; none where nobody is asked who they are.
    pub(super) doors: &'static [Door],
    pub(super) parameters: Vec<Parameter>,
    pub(super) bodies: Vec<Body>,
    /// Whether the body may be missing.
    pub(super) may_be_bodiless: bool,
    /// What it answers where it does what is asked.
    pub(super) answers: Vec<Answered>,
    /// What it refuses, by status.
    pub(super) refusals: BTreeMap<u16, Vec<Why>>,
    /// What a refusal looks like on this API.
    pub(super) refusal: fn() -> (&'static str, Shape),
    told: fn(&Refusal, &str) -> (Status, Why),
}

/// A parameter of a path or a query, or a header.
pub(super) struct Parameter {
    pub(super) place: ParameterIn,
    pub(super) name: &'static str,
    pub(super) is_required: bool,
    pub(super) about: &'static str,
    pub(super) shape: Shape,
    /// The type of what it holds, where that is no plain text.
    pub(super) content_type: Option<&'static str>,
    /// Part of the request that is the example.
    pub(super) example: Option<Json>,
}

/// What a body may be.
pub(super) struct Body {
    pub(super) content_type: &'static str,
    pub(super) shape: Shape,
    pub(super) example: Json,
}

/// What is answered.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) about: &'static str,
    /// The types that it may be of.
    pub(super) contents: Vec<(&'static str, Shape)>,
    pub(super) example: Option<Json>,
    /// The names of headers, and what they say.
    pub(super) headers: Vec<(&'static str, &'static str)>,
}

/// Why something is refused.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Why {
    /// The stable word for programs, where the API has such words.
    pub(super) code: Option<&'static str>,
    pub(super) text: String,
}

impl Operation {
    /// A route of an API, for those who come in through one of its doors.
    pub(super) fn new<A: Documented>(method: Method, path: &'static str, summary: &'static str) -> Self {
        let door = refusals::of_doors(A::DOORS, method);
        let open = Self { doors: A::DOORS, ..Self::open::<A>(method, path, summary) };
        open.with_path_token().refuses(door)
    }

    /// A route of an API, for everybody.
    pub(super) fn open<A: Documented>(method: Method, path: &'static str, summary: &'static str) -> Self {
        Self::bare::<A>(method, path, summary).refuses(of_faults())
    }

    /// A route that cannot fail.
    pub(super) fn bare<A: Documented>(method: Method, path: &'static str, summary: &'static str) -> Self {
        Self {
            api: A::NAME,
            method,
            path,
            summary,
            about: "",
            doors: &[],
            parameters: Vec::new(),
            bodies: Vec::new(),
            may_be_bodiless: false,
            answers: Vec::new(),
            refusals: BTreeMap::new(),
            refusal: A::refusal,
            told: |refusal, path| {
                (A::status(refusal), Why { code: A::code(refusal, path), text: refusals::words(refusal) })
            },
        }
    }

    /// The same route, of what is called so.
    pub(super) const fn of(mut self, api: &'static str) -> Self {
        self.api = api;
        self
    }

    /// More about it.
    pub(super) const fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    /// A parameter in the path.
    pub(super) fn segment(self, name: &'static str, about: &'static str, shape: Shape, example: &str) -> Self {
        self.parameter(Parameter {
            place: ParameterIn::Path,
            name,
            is_required: true,
            about,
            shape,
            content_type: None,
            example: Some(example.into()),
        })
    }

    /// A parameter of the query that may be missing.
    pub(super) fn asks(self, name: &'static str, about: &'static str, shape: Shape) -> Self {
        self.optional(ParameterIn::Query, name, about, shape)
    }

    /// The same, as part of the example.
    pub(super) fn asks_like(
        self,
        name: &'static str,
        about: &'static str,
        shape: Shape,
        example: impl Into<Json>,
    ) -> Self {
        let mut operation = self.asks(name, about, shape);
        if let Some(parameter) = operation.parameters.last_mut() {
            parameter.example = Some(example.into());
        }
        operation
    }

    /// A parameter of the query that must be there.
    pub(super) fn demands(
        self,
        name: &'static str,
        about: &'static str,
        shape: Shape,
        example: impl Into<Json>,
    ) -> Self {
        let mut operation = self.asks_like(name, about, shape, example);
        if let Some(parameter) = operation.parameters.last_mut() {
            parameter.is_required = true;
        }
        operation
    }

    /// A header that may be missing.
    pub(super) fn header(self, name: &'static str, about: &'static str, shape: Shape) -> Self {
        self.optional(ParameterIn::Header, name, about, shape)
    }

    /// A parameter of its own kind.
    pub(super) fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// A JSON body.
    pub(super) fn json(self, shape: Shape, example: Json) -> Self {
        self.body("application/json", shape, example).refuses(of_body())
    }

    /// A body, which may be of several types.
    pub(super) fn body(mut self, content_type: &'static str, shape: Shape, example: impl Into<Json>) -> Self {
        self.bodies.push(Body { content_type, shape, example: example.into() });
        self
    }

    /// The body may be missing.
    pub(super) const fn or_no_body(mut self) -> Self {
        self.may_be_bodiless = true;
        self
    }

    /// A JSON answer.
    pub(super) fn answers(self, status: u16, about: &'static str, shape: Shape, example: Json) -> Self {
        self.answer(status, about, Some(("application/json", shape)), Some(example))
    }

    /// An answer of another type.
    pub(super) fn answers_as(
        self,
        status: u16,
        about: &'static str,
        content_type: &'static str,
        example: Option<&str>,
    ) -> Self {
        self.answer(status, about, Some((content_type, text())), example.map(Json::from))
    }

    /// An answer without a body, or with one that says nothing.
    pub(super) fn answers_bare(self, status: u16, about: &'static str) -> Self {
        self.answer(status, about, None, None)
    }

    /// Another type that the last answer may be of.
    pub(super) fn or(mut self, content_type: &'static str, shape: Shape) -> Self {
        if let Some(last) = self.answers.last_mut() {
            last.contents.push((content_type, shape));
        }
        self
    }

    /// A header of the last answer.
    pub(super) fn telling(mut self, name: &'static str, about: &'static str) -> Self {
        if let Some(last) = self.answers.last_mut() {
            last.headers.push((name, about));
        }
        self
    }

    /// What it refuses besides.
    pub(super) fn refuses(mut self, refusals: impl IntoIterator<Item = Refusal>) -> Self {
        for refusal in refusals {
            let (status, why) = (self.told)(&refusal, self.path);
            let reasons = self.refusals.entry(status.code).or_default();
            if !reasons.contains(&why) {
                reasons.push(why);
            }
        }
        self
    }

    /// The request that is the example: its path, with the parameters in their places.
    pub(super) fn example_path(&self) -> String {
        let (mut path, mut query) = (self.path.to_owned(), Vec::new());
        for parameter in &self.parameters {
            let Some(example) = &parameter.example else { continue };
            let plain = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
            match parameter.place {
                ParameterIn::Path => path = path.replace(&format!("{{{}}}", parameter.name), &plain),
                ParameterIn::Query => query.push(format!("{}={plain}", parameter.name)),
                _ => {}
            }
        }
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    fn answer(
        mut self,
        status: u16,
        about: &'static str,
        content: Option<(&'static str, Shape)>,
        example: Option<Json>,
    ) -> Self {
        let contents = content.into_iter().collect();
        self.answers.push(Answered { status, about, contents, example, headers: Vec::new() });
        self
    }

    fn optional(self, place: ParameterIn, name: &'static str, about: &'static str, shape: Shape) -> Self {
        const TOO_LONG: u16 = 414;
        let is_first = place == ParameterIn::Query && self.answers.iter().all(|answered| answered.status != TOO_LONG);
        let about_it = "The URL has more than 64 KiB.";
        let operation = if is_first { self.answer(TOO_LONG, about_it, None, None) } else { self };
        operation.parameter(Parameter {
            place,
            name,
            is_required: false,
            about,
            shape,
            content_type: None,
            example: None,
        })
    }

    fn with_path_token(self) -> Self {
        if !self.doors.contains(&Door::Path) {
            return self;
        }
        let about = "The token, or `-` where it stands in `Authorization`.";
        self.segment("token", about, super::common::path_token(), "-")
    }
}
