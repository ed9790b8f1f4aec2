//! From tables to an OpenAPI document.

use rocket::http::Method;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::{OperationBuilder, Parameter as Told, ParameterBuilder, PathItem, PathsBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, ComponentsBuilder, Content, ContentBuilder, HeaderBuilder, HttpMethod, InfoBuilder, OpenApiBuilder,
    OpenApiVersion, Paths, RefOr, Required, Server,
};

use super::operation::{Answered, Body, Operation, Parameter, Why};
use super::shape::{Shape, text};
use super::{Chapter, common};
use crate::http::doors::Door;
use crate::http::session::SESSION;

const ABOUT: &str = "Documents under keys, for accounts and their devices; five APIs over the same data. Every answer \
                     carries `Cache-Control: no-store`. 2xx: it is done and durable. 4xx and 503: it was not done. \
                     504: nobody knows. Where a path is known and only the method is wrong, the answer is 405, with \
                     the methods in `Allow`.";

/// The document in JSON.
pub(super) fn document(chapters: &[Chapter]) -> Vec<u8> {
    let tags = chapters.iter().map(|chapter| TagBuilder::new().name(chapter.name).description(Some(chapter.about)));
    let info = InfoBuilder::new().title("Keybin").version(env!("CARGO_PKG_VERSION")).description(Some(ABOUT));
    let document = OpenApiBuilder::new()
        .openapi(OpenApiVersion::Version31)
        .info(info)
        .servers(Some([Server::new("/")]))
        .tags(Some(tags.map(TagBuilder::build)))
        .paths(paths(chapters))
        .components(Some(components()));
    // Texts and numbers under names always have a JSON form.
    serde_json::to_vec(&document.build()).unwrap_or_default()
}

fn paths(chapters: &[Chapter]) -> Paths {
    let operations = chapters.iter().flat_map(|chapter| &chapter.operations);
    let items = operations.map(|operation| (operation.path, PathItem::new(method(operation), told(operation))));
    items.fold(PathsBuilder::new(), |paths, (path, item)| paths.path(path, item)).build()
}

fn components() -> Components {
    let shapes = ComponentsBuilder::new().schemas_from_iter(common::components());
    [Door::Basic, Door::Bearer, Door::Jwt, Door::Session]
        .into_iter()
        .fold(shapes, |components, door| components.security_scheme(name(door), scheme(door)))
        .build()
}

/// What a door is called among the security schemes.
pub(super) const fn name(door: Door) -> &'static str {
    match door {
        Door::Path => "path",
        Door::Basic => "basic",
        Door::Bearer => "bearer",
        Door::Jwt => "jwt",
        Door::Session => "session",
    }
}

fn scheme(door: Door) -> SecurityScheme {
    let http = |scheme, about: &str| HttpBuilder::new().scheme(scheme).description(Some(about)).build().into_scheme();
    match door {
        Door::Basic => http(HttpAuthScheme::Basic, "Name and password, or a token in place of the name."),
        Door::Path | Door::Bearer => http(HttpAuthScheme::Bearer, "A token or a JWT."),
        Door::Jwt => SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
            "Authorization",
            "`JWT`, a blank, and a JWT.",
        ))),
        Door::Session => SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            SESSION,
            "The session that a log-in begins.",
        ))),
    }
}

/// A scheme of HTTP's own.
trait IntoScheme {
    fn into_scheme(self) -> SecurityScheme;
}

impl IntoScheme for utoipa::openapi::security::Http {
    fn into_scheme(self) -> SecurityScheme {
        SecurityScheme::Http(self)
    }
}

fn method(operation: &Operation) -> HttpMethod {
    match operation.method {
        Method::Put => HttpMethod::Put,
        Method::Post => HttpMethod::Post,
        Method::Patch => HttpMethod::Patch,
        Method::Delete => HttpMethod::Delete,
        Method::Head => HttpMethod::Head,
        _ => HttpMethod::Get,
    }
}

fn told(operation: &Operation) -> OperationBuilder {
    let told = OperationBuilder::new()
        .tag(operation.api)
        .operation_id(Some(operation.id()))
        .summary(Some(operation.summary))
        .description(Some(operation.about).filter(|about| !about.is_empty()))
        .parameters(Some(operation.parameters.iter().map(parameter)))
        .request_body(body(operation));
    let doors = operation.doors.iter().filter(|door| **door != Door::Path);
    let told = doors.fold(told, |told, door| told.security(SecurityRequirement::new(name(*door), [""; 0])));
    operation.statuses().into_iter().fold(told, |told, status| {
        let answered = operation.answers.iter().find(|answered| answered.status == status);
        told.response(status.to_string(), response(operation, status, answered))
    })
}

fn parameter(parameter: &Parameter) -> Told {
    let told = ParameterBuilder::new()
        .name(parameter.name)
        .parameter_in(parameter.place.clone())
        .required(if parameter.is_required { Required::True } else { Required::False })
        .description(Some(parameter.about));
    match parameter.content_type {
        None => told.schema(Some(parameter.shape.clone())).example(parameter.example.clone()),
        Some(content_type) => {
            let content = ContentBuilder::new().schema(Some(parameter.shape.clone()));
            told.content(content_type, content.example(parameter.example.clone()).build())
        }
    }
    .build()
}

fn body(operation: &Operation) -> Option<RequestBody> {
    if operation.bodies.is_empty() {
        return None;
    }
    let required = if operation.may_be_bodiless { Required::False } else { Required::True };
    let told = RequestBodyBuilder::new().required(Some(required));
    let content = |body: &Body| {
        let example = ExampleBuilder::new().value(Some(body.example.clone())).build();
        let content = ContentBuilder::new().schema(Some(body.shape.clone()));
        content.examples_from_iter([("example", RefOr::T(example))]).build()
    };
    let bodies = operation.bodies.iter();
    Some(bodies.fold(told, |told, body| told.content(body.content_type, content(body))).build())
}

fn response(operation: &Operation, status: u16, answered: Option<&Answered>) -> Response {
    let mut about = answered.map_or_else(String::new, |answered| answered.about.to_owned());
    let reasons = operation.refusals.get(&status).map_or(&[][..], Vec::as_slice);
    for reason in reasons {
        about.push_str(if about.is_empty() { "" } else { "\n\n" });
        about.push_str(&reason.words());
    }
    let mut told = ResponseBuilder::new().description(about);
    let headers = answered.map_or(&[][..], |answered| &answered.headers).iter().copied();
    for (name, about) in headers.chain(headers_of(operation, status)) {
        told = told.header(name, HeaderBuilder::new().schema(Some(text())).description(Some(about)).build());
    }
    let content = |shape: &Shape, example| ContentBuilder::new().schema(Some(shape.clone())).example(example).build();
    for (content_type, shape) in answered.into_iter().flat_map(|answered| &answered.contents) {
        told = told.content(*content_type, content(shape, answered.and_then(|answered| answered.example.clone())));
    }
    if has_body(operation, status) && !reasons.is_empty() {
        let (content_type, shape) = (operation.refusal)();
        told = told.content(content_type, Content::new(Some(shape)));
    }
    told.build()
}

/// Whether a refusal of this status has a body.
fn has_body(operation: &Operation, status: u16) -> bool {
    operation.method != Method::Head && !(300..400).contains(&status)
}

/// The headers that a refusal of this status carries.
pub(super) fn headers_of(operation: &Operation, status: u16) -> impl Iterator<Item = (&'static str, &'static str)> {
    let is_refusal = operation.refusals.contains_key(&status);
    let header = match status {
        401 => Some(("WWW-Authenticate", "How to come in.")),
        415 => Some(("Accept-Patch", "The types of patches that are understood.")),
        429 | 503 => Some(("Retry-After", "The seconds after which to try again.")),
        303 => Some(("Location", "The page to go on to.")),
        _ => None,
    };
    header.filter(|_| is_refusal).into_iter()
}

impl Why {
    /// In one sentence.
    pub(super) fn words(&self) -> String {
        match self.code {
            Some(code) => format!("`{code}`: {}.", self.text),
            None => format!("{}.", self.text),
        }
    }
}

impl Operation {
    /// Its name for programs: `get_user_token_keys`.
    pub(super) fn id(&self) -> String {
        let parts = self.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
        let method = self.method.as_str().to_ascii_lowercase();
        parts.fold(method, |id, part| format!("{id}_{part}"))
    }

    /// Every status that it can answer.
    pub(super) fn statuses(&self) -> Vec<u16> {
        let mut statuses: Vec<u16> = self.answers.iter().map(|answered| answered.status).collect();
        statuses.extend(self.refusals.keys());
        statuses.sort_unstable();
        statuses.dedup();
        statuses
    }
}
