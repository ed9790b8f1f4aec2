//! Shapes: what JSON looks like (JSON Schema, as OpenAPI 3.1 has it), in as few words as a table of routes can bear.

use serde_json::Value as Json;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, KnownFormat, Object, ObjectBuilder, SchemaFormat, SchemaType,
    Type,
};
use utoipa::openapi::{Ref, RefOr, Schema};

/// What something looks like.
pub(super) type Shape = RefOr<Schema>;

/// Anything.
pub(super) fn any() -> Shape {
    typeless().into()
}

/// A shape that is described once for all, under this name.
pub(super) fn named(name: &str) -> Shape {
    Ref::from_schema_name(name).into()
}

/// Any text.
pub(super) fn text() -> Shape {
    typed(Type::String).into()
}

/// A text of so many characters that matches a regular expression, which is to say that all of it does.
pub(super) fn text_like(pattern: &str, least: usize, most: usize) -> Shape {
    typed(Type::String).pattern(Some(pattern)).min_length(Some(least)).max_length(Some(most)).into()
}

/// A text of any length that matches.
pub(super) fn matching(pattern: &str) -> Shape {
    typed(Type::String).pattern(Some(pattern)).into()
}

/// A text of a format that has a name.
pub(super) fn formatted(format: &str) -> Shape {
    let format = match format {
        "date-time" => SchemaFormat::KnownFormat(KnownFormat::DateTime),
        other => SchemaFormat::Custom(other.to_owned()),
    };
    typed(Type::String).format(Some(format)).into()
}

/// One of these words.
pub(super) fn word(words: &[&str]) -> Shape {
    typed(Type::String).enum_values(Some(words.iter().copied())).into()
}

/// A whole number, from here on.
pub(super) fn whole(least: i64) -> Shape {
    typed(Type::Integer).minimum(Some(least)).into()
}

/// A whole number between these.
pub(super) fn whole_up_to(least: i64, most: i64) -> Shape {
    typed(Type::Integer).minimum(Some(least)).maximum(Some(most)).into()
}

/// Any number.
pub(super) fn number() -> Shape {
    typed(Type::Number).into()
}

/// `true` or `false`.
pub(super) fn flag() -> Shape {
    typed(Type::Boolean).into()
}

/// A list.
pub(super) fn list(items: Shape) -> Shape {
    ArrayBuilder::new().items(items).into()
}

/// A list of at most so many.
pub(super) fn list_up_to(items: Shape, most: usize) -> Shape {
    ArrayBuilder::new().items(items).max_items(Some(most)).into()
}

/// A list of one or more, up to so many.
pub(super) fn some(items: Shape, most: usize) -> Shape {
    ArrayBuilder::new().items(items).min_items(Some(1)).max_items(Some(most)).into()
}

/// One of these.
pub(super) fn either(shapes: impl IntoIterator<Item = Shape>) -> Shape {
    shapes.into_iter().fold(AnyOfBuilder::new().schema_type(SchemaType::AnyValue), AnyOfBuilder::item).into()
}

/// An object with these members, and perhaps others. The name of one that may be missing ends with `?`.
pub(super) fn object<const N: usize>(members: [(&str, Shape); N]) -> Shape {
    members.into_iter().fold(typed(Type::Object), member).into()
}

/// The same object with one more member.
pub(super) fn and(shape: Shape, name: &str, of: Shape) -> Shape {
    with(shape, |object| *object = member(ObjectBuilder::from(std::mem::take(object)), (name, of)).build())
}

/// An object with these members and no others.
pub(super) fn exactly<const N: usize>(members: [(&str, Shape); N]) -> Shape {
    let none_else = AdditionalProperties::<Schema>::FreeForm(false);
    members.into_iter().fold(typed(Type::Object), member).additional_properties(Some(none_else)).into()
}

/// The same object as a form has it: whatever else is in it is text.
pub(super) fn as_form(shape: Shape) -> Shape {
    with(shape, |object| object.additional_properties = Some(Box::new(AdditionalProperties::RefOr(text()))))
}

/// The same object, with one member at least.
pub(super) fn not_empty(shape: Shape) -> Shape {
    with(shape, |object| object.min_properties = Some(1))
}

/// An object with a member of one shape for each of any number of names.
pub(super) fn by_name(of_each: Shape) -> Shape {
    typed(Type::Object).additional_properties(Some(of_each)).into()
}

/// An object with members whose names match, and some of whose shapes are known.
pub(super) fn with_names_like<const N: usize>(pattern: &str, members: [(&str, Shape); N]) -> Shape {
    let names = Schema::Object(typed(Type::String).pattern(Some(pattern)).build());
    members.into_iter().fold(typed(Type::Object), member).property_names(Some(names)).into()
}

/// The same, or `null`.
pub(super) fn or_null(shape: Shape) -> Shape {
    let has_words = |object: &Object| object.enum_values.is_some();
    match shape {
        RefOr::T(Schema::Object(mut object)) if !has_words(&object) => {
            if let SchemaType::Type(one) = object.schema_type {
                object.schema_type = [one, Type::Null].into_iter().collect();
            }
            RefOr::T(Schema::Object(object))
        }
        other => either([other, typed(Type::Null).into()]),
    }
}

/// The same, with what it means.
pub(super) fn meaning(shape: Shape, what: &str) -> Shape {
    match shape {
        RefOr::Ref(mut reference) => {
            what.clone_into(&mut reference.description);
            reference.into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.description = Some(what.to_owned());
            RefOr::T(Schema::Array(array))
        }
        RefOr::T(Schema::AnyOf(mut any)) => {
            any.description = Some(what.to_owned());
            RefOr::T(Schema::AnyOf(any))
        }
        other => with(other, |object| object.description = Some(what.to_owned())),
    }
}

/// The same, with what is meant where it is missing.
pub(super) fn usually(shape: Shape, value: impl Into<Json>) -> Shape {
    with(shape, |object| object.default = Some(value.into()))
}

fn with(mut shape: Shape, change: impl FnOnce(&mut Object)) -> Shape {
    if let RefOr::T(Schema::Object(object)) = &mut shape {
        change(object);
    }
    shape
}

fn member(object: ObjectBuilder, (name, shape): (&str, Shape)) -> ObjectBuilder {
    match name.strip_suffix('?') {
        Some(name) => object.property(name, shape),
        None => object.property(name, shape).required(name),
    }
}

fn typed(one: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(one)
}

fn typeless() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue)
}
