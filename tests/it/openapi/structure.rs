//! That the document is what it says it is: OpenAPI 3.1, whose shapes are JSON Schema, and whose examples have them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::told::{Document, example_of, shape_of};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        it_is_openapi,
        every_shape_is_json_schema_and_every_example_has_it,
        whatever_is_answered_is_told_whole,
    );
}

async fn it_is_openapi(server: &mut TestServer<'_>) {
    let document = Document::of(server).await;
    let Document(whole) = &document;
    assert_eq!(whole["openapi"], "3.1.0");
    assert_eq!(whole["info"]["title"], "Keybin");
    assert_eq!(whole["info"]["version"], env!("CARGO_PKG_VERSION"));
    let known: Vec<_> = whole.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(known, ["components", "info", "openapi", "paths", "servers", "tags"]);
    let schemes = whole["components"]["securitySchemes"].as_object().expect("schemes");
    let tags: Vec<_> = whole["tags"].as_array().expect("tags").iter().map(|tag| &tag["name"]).collect();
    let mut ids = BTreeSet::new();
    for operation in document.operations() {
        let name = operation.name();
        assert!(operation.path.starts_with('/'), "{name}");
        assert!(ids.insert(operation.told["operationId"].as_str().expect("an id").to_owned()), "{name}");
        assert!(tags.contains(&&operation.told["tags"][0]), "{name}");
        assert!(operation.told["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name}");
        assert!(operation.doors().iter().all(|door| schemes.contains_key(*door)), "{name}");
        let mut in_path = BTreeSet::new();
        let mut all = BTreeSet::new();
        for parameter in operation.parameters() {
            let (place, called) = (parameter["in"].as_str().expect("a place"), parameter["name"].as_str());
            assert!(all.insert((place, called)), "{name}: {called:?} is there twice");
            assert_eq!(parameter.get("schema").is_some(), parameter.get("content").is_none(), "{name}");
            if place == "path" {
                assert_eq!(parameter["required"], true, "{name}");
                in_path.insert(called.expect("a name"));
            }
        }
        let variables = operation.path.split('{').skip(1).map(|rest| rest.split('}').next().expect("it closes"));
        assert_eq!(in_path, variables.collect(), "{name}");
        let answers = operation.told["responses"].as_object().expect("answers");
        for (status, answer) in answers {
            assert!(status.parse().is_ok_and(|status: u16| (200..600).contains(&status)), "{name}: {status}");
            assert!(answer["description"].as_str().is_some_and(|about| !about.is_empty()), "{name}: {status}");
        }
        assert!(answers.keys().any(|status| status.starts_with('2') || status.starts_with('3')), "{name}");
    }
}

/// Every shape that stands somewhere in this.
fn shapes<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    "schema" => found.push(member),
                    "schemas" => found.extend(member.as_object().into_iter().flat_map(|named| named.values())),
                    "example" | "examples" => {}
                    _ => shapes(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| shapes(item, found)),
        _ => {}
    }
}

async fn every_shape_is_json_schema_and_every_example_has_it(server: &mut TestServer<'_>) {
    let document = Document::of(server).await;
    let mut found = Vec::new();
    shapes(&document.0, &mut found);
    assert!(found.len() > 200, "{}", found.len());
    for shape in found {
        assert!(jsonschema::draft202012::meta::is_valid(shape), "{shape}");
        // Every reference leads somewhere.
        document.validator(shape);
    }
    for operation in document.operations() {
        let name = operation.name();
        for parameter in operation.parameters() {
            if let Some(example) = example_of(parameter) {
                document.assert_fits(shape_of(parameter), example, &format!("{name}: {}", parameter["name"]));
            }
        }
        for (content_type, body) in operation.bodies() {
            let examples = body["examples"].as_object().expect("an example of every body");
            for example in examples.values() {
                document.assert_fits(&body["schema"], &example["value"], &format!("{name}: {content_type}"));
            }
        }
        for (status, content_type, content) in operation.contents() {
            if let Some(example) = content.get("example") {
                document.assert_fits(&content["schema"], example, &format!("{name}: {status} {content_type}"));
            }
        }
    }
}

/// What every route can answer, by what it needs.
async fn whatever_is_answered_is_told_whole(server: &mut TestServer<'_>) {
    let document = Document::of(server).await;
    for operation in document.operations() {
        let name = operation.name();
        let answers = operation.told["responses"].as_object().expect("answers");
        // What always says the same asks nobody, and can fail no more than that; nor can the question whether it can.
        if answers.len() == 1 || operation.path == "/readyz" {
            assert!(operation.doors().is_empty() && operation.method == "GET", "{name}");
            continue;
        }
        let has = |status: &str| answers.contains_key(status);
        assert!(has("503") && has("504") && has("500"), "{name}");
        assert!(answers["503"]["headers"].get("Retry-After").is_some(), "{name}");
        if operation.bodies().next().is_some() && operation.path != "/user/{token}/import" {
            assert!(has("400") || has("403"), "{name}");
        }
        if !operation.doors().is_empty() {
            assert!(has("401") || has("403") || has("303"), "{name}");
        }
        if let Some(refused) = answers.get("401") {
            assert!(refused["headers"].get("WWW-Authenticate").is_some(), "{name}");
        }
        if let Some(refused) = answers.get("429") {
            assert!(refused["headers"].get("Retry-After").is_some(), "{name}");
        }
    }
}
