//! From tables to what the page shows.

use std::fmt::Write;
use std::sync::Arc;

use rocket::http::Status;
use serde_json::Value as Json;
use utoipa::openapi::path::ParameterIn;
use utoipa::openapi::schema::{AdditionalProperties, AnyOf, Array, ArrayItems, Object, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::operation::{Body, Operation, Parameter};
use super::render::headers_of;
use super::shape::Shape;
use super::{Chapter, common};
use crate::http::doors::Door;
use crate::http::web::assets::Assets;
use crate::http::web::docs;

pub(super) use docs::answer;

/// The page.
pub(super) fn page(chapters: &[Chapter], assets: &Arc<Assets>) -> Vec<u8> {
    let chapters = chapters.iter().map(|chapter| docs::Chapter {
        id: chapter.name.to_ascii_lowercase().replace(' ', "-"),
        name: chapter.name,
        about: chapter.about,
        operations: chapter.operations.iter().map(shown).collect(),
    });
    docs::html(assets, chapters.collect())
}

fn shown(operation: &Operation) -> docs::Operation {
    docs::Operation {
        id: operation.id(),
        method: operation.method.as_str(),
        path: operation.path,
        summary: operation.summary,
        about: operation.about,
        doors: operation.doors.iter().map(|door| door_words(*door)).collect::<Vec<_>>().join(", or "),
        parameters: operation.parameters.iter().map(parameter).collect(),
        bodies: operation.bodies.iter().map(body).collect(),
        example: example(operation),
        answers: operation.statuses().into_iter().map(|status| answered(operation, status)).collect(),
    }
}

const fn door_words(door: Door) -> &'static str {
    match door {
        Door::Path => "a token in the path",
        Door::Basic => "Authorization: Basic",
        Door::Bearer => "Authorization: Bearer",
        Door::Jwt => "Authorization: JWT",
        Door::Session => "the session cookie",
    }
}

fn parameter(parameter: &Parameter) -> docs::Row {
    docs::Row {
        name: parameter.name.to_owned(),
        place: match parameter.place {
            ParameterIn::Path => "in the path",
            ParameterIn::Query | ParameterIn::QueryString => "in the query",
            ParameterIn::Header => "header",
            ParameterIn::Cookie => "cookie",
        },
        is_required: parameter.is_required,
        shape: words(&parameter.shape),
        about: parameter.about.to_owned(),
    }
}

fn body(body: &Body) -> docs::Body {
    let members = match &body.shape {
        RefOr::T(Schema::Object(object)) => object.properties.iter().map(|(name, shape)| member(object, name, shape)),
        _ => return docs::Body { content_type: body.content_type, shape: words(&body.shape), members: Vec::new() },
    };
    docs::Body { content_type: body.content_type, shape: String::new(), members: members.collect() }
}

fn member(object: &Object, name: &str, shape: &Shape) -> docs::Row {
    let about = match shape {
        RefOr::Ref(reference) => Some(reference.description.clone()).filter(|about| !about.is_empty()),
        RefOr::T(Schema::Object(object)) => object.description.clone(),
        RefOr::T(Schema::Array(array)) => array.description.clone(),
        RefOr::T(Schema::AnyOf(any)) => any.description.clone(),
        RefOr::T(_) => None,
    };
    docs::Row {
        name: name.to_owned(),
        place: "",
        is_required: object.required.iter().any(|required| required == name),
        shape: words(shape),
        about: about.unwrap_or_default(),
    }
}

/// The request that is the example.
fn example(operation: &Operation) -> String {
    let mut text = format!("{} {}", operation.method, operation.example_path());
    for body in &operation.bodies {
        let is_text = body.content_type != "application/x-www-form-urlencoded" && !body.example.is_string();
        let written = match &body.example {
            Json::String(lines) => lines.clone(),
            Json::Object(fields) if !is_text => fields.iter().map(field).collect::<Vec<_>>().join("&"),
            json => json.to_string(),
        };
        // Writing to a text cannot fail.
        let _ = write!(text, "\nContent-Type: {}\n\n{written}\n", body.content_type);
    }
    text
}

fn field((name, value): (&String, &Json)) -> String {
    format!("{name}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn answered(operation: &Operation, status: u16) -> docs::Answered {
    let answered = operation.answers.iter().find(|answered| answered.status == status);
    let reasons = operation.refusals.get(&status).map_or(&[][..], Vec::as_slice);
    let about = answered.map(|answered| answered.about.to_owned()).into_iter();
    let headers = answered.map_or(&[][..], |answered| &answered.headers);
    let refusal = (!reasons.is_empty()).then(|| (operation.refusal)().0);
    docs::Answered {
        status,
        reason: Status::new(status).reason_lossy(),
        about: about.chain(reasons.iter().map(super::operation::Why::words)).collect(),
        headers: headers.iter().copied().chain(headers_of(operation, status)).collect(),
        content_type: answered
            .map_or(refusal, |answered| answered.contents.first().map(|(content_type, _)| *content_type)),
        example: answered.and_then(|answered| answered.example.as_ref()).map(|example| match example {
            Json::String(lines) => lines.clone(),
            json => serde_json::to_string_pretty(json).unwrap_or_default(),
        }),
    }
}

/// A shape in words.
fn words(shape: &Shape) -> String {
    match shape {
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
            let found = common::components().into_iter().find(|(known, _)| *known == name);
            found.map_or_else(String::new, |(_, shape)| about(&shape))
        }
        RefOr::T(schema) => of_schema(schema),
    }
}

/// What a shape that has a name is said to be.
fn about(shape: &Shape) -> String {
    match shape {
        RefOr::T(Schema::Object(Object { description: Some(about), .. })) => about.clone(),
        other => words(other),
    }
}

fn of_schema(schema: &Schema) -> String {
    match schema {
        Schema::Object(object) => of_object(object),
        Schema::Array(Array { items: ArrayItems::RefOrSchema(items), max_items, .. }) => match max_items {
            Some(most) => format!("A list of at most {most}: {}", words(items)),
            None => format!("A list: {}", words(items)),
        },
        Schema::AnyOf(AnyOf { items, .. }) => {
            items.iter().map(words).filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" Or: ")
        }
        _ => String::new(),
    }
}

fn of_object(object: &Object) -> String {
    if let Some(known) = &object.enum_values {
        let known: Vec<_> = known.iter().map(Json::to_string).collect();
        return format!("{}.", known.join(" or "));
    }
    let of_type = |one: &Type| match one {
        Type::Object => members(object),
        Type::String => "a text".to_owned(),
        Type::Integer => "a whole number".to_owned(),
        Type::Number => "a number".to_owned(),
        Type::Boolean => "true or false".to_owned(),
        Type::Array => "a list".to_owned(),
        Type::Null => "null".to_owned(),
    };
    let mut text = match &object.schema_type {
        SchemaType::Type(one) => of_type(one),
        SchemaType::Array(several) => several.iter().map(of_type).collect::<Vec<_>>().join(" or "),
        SchemaType::AnyValue => "any JSON".to_owned(),
    };
    let bounds = [
        object.format.as_ref().and_then(|format| serde_json::to_value(format).ok()).map(|format| plain(&format)),
        object.minimum.as_ref().and_then(|least| serde_json::to_value(least).ok()).map(|n| format!("from {n}")),
        object.maximum.as_ref().and_then(|most| serde_json::to_value(most).ok()).map(|n| format!("up to {n}")),
        object.max_length.map(|most| format!("{} to {most} characters", object.min_length.unwrap_or(0))),
        object.default.as_ref().map(|usual| format!("usually {usual}")),
    ];
    for bound in bounds.into_iter().flatten() {
        // As above.
        let _ = write!(text, ", {bound}");
    }
    text.push('.');
    text
}

fn plain(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

fn members(object: &Object) -> String {
    let mut names: Vec<String> = object.properties.keys().map(|name| mark(object, name)).collect();
    match object.additional_properties.as_deref() {
        Some(AdditionalProperties::FreeForm(false)) => {}
        Some(AdditionalProperties::RefOr(of_each)) => names.push(format!("any name: {}", words(of_each))),
        _ if names.is_empty() => names.push("any names".to_owned()),
        _ => {}
    }
    format!("an object {{{}}}", names.join(", "))
}

fn mark(object: &Object, name: &str) -> String {
    let is_required = object.required.iter().any(|required| required == name);
    format!("{name}{}", if is_required { "" } else { "?" })
}
