//! Every request that is an example is answered as it is told: with success, and in the shape that is promised.

use serde_json::Value;

use super::told::{Document, Operation, example_of};
use super::world::World;
use crate::harness::ask::{Ask, percent};
use crate::harness::http::Answer;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served: every_example_is_answered_as_it_is_told);
}

async fn every_example_is_answered_as_it_is_told(server: &mut TestServer<'_>) {
    let document = Document::of(server).await;
    let mut sent = 0;
    for operation in document.operations() {
        let doors = operation.doors();
        let doors: Vec<_> = if doors.is_empty() { vec![None] } else { doors.into_iter().map(Some).collect() };
        let bodies: Vec<_> = operation.bodies().map(Some).collect();
        let bodies = if bodies.is_empty() { vec![None] } else { bodies };
        for door in doors {
            for body in &bodies {
                // A browser that sends JSON is none, and what it sends needs no form token.
                let world = World::make(server, &operation, door).await;
                let ask = world.dress(request(&operation, *body, &world));
                check(&document, &operation, &ask, &ask.ask(server).await);
                sent += 1;
            }
        }
    }
    assert!(sent > 90, "{sent}");
}

/// The request.
fn request(operation: &Operation<'_>, body: Option<(&String, &Value)>, world: &World) -> Ask {
    let (mut path, mut query) = (operation.path.to_owned(), Vec::new());
    for parameter in operation.parameters() {
        let (name, place) = (parameter["name"].as_str().expect("a name"), parameter["in"].as_str().expect("a place"));
        let Some(example) = example_of(parameter) else {
            assert_ne!(parameter["required"], true, "{}: {name} has no example", operation.name());
            continue;
        };
        let example = percent(&plain(example));
        match place {
            "path" => path = path.replace(&format!("{{{name}}}"), &example),
            "query" => query.push(format!("{name}={example}")),
            _ => panic!("no example has a header so far"),
        }
    }
    if !query.is_empty() {
        path = format!("{path}?{}", query.join("&"));
    }
    let ask = Ask::new(&operation.method, path);
    let Some((content_type, told)) = body else { return ask };
    let example = world.made_true(&told["examples"]["example"]["value"]);
    match content_type.as_str() {
        "application/x-www-form-urlencoded" => ask.form(&fields(&example).iter().map(borrowed).collect::<Vec<_>>()),
        "multipart/form-data" => multipart(ask, &fields(&example)),
        "application/x-ndjson" => ask.body(content_type, plain(&example)),
        _ => ask.body(content_type, example.to_string()),
    }
}

fn plain(example: &Value) -> String {
    example.as_str().map_or_else(|| example.to_string(), str::to_owned)
}

fn fields(example: &Value) -> Vec<(String, String)> {
    let fields = example.as_object().expect("fields").iter();
    fields.map(|(name, value)| (name.clone(), plain(value))).collect()
}

fn borrowed((name, value): &(String, String)) -> (&str, &str) {
    (name, value)
}

/// The file comes last.
fn multipart(ask: Ask, fields: &[(String, String)]) -> Ask {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(name, _)| name == "file");
    let part = |(name, value): &&(String, String)| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts: String = fields.iter().map(part).collect();
    ask.body("multipart/form-data; boundary=edge", format!("{parts}--edge--\r\n"))
}

/// That an answer is one that was told, and a good one.
#[track_caller]
fn check(document: &Document, operation: &Operation<'_>, ask: &Ask, answer: &Answer) {
    let status = answer.status.to_string();
    assert!(answer.status < 400, "{ask}: {answer:?}");
    let told = operation.told["responses"].get(&status).unwrap_or_else(|| panic!("{ask}: {answer:?}"));
    for name in told["headers"].as_object().into_iter().flat_map(|headers| headers.keys()) {
        // What is there only at times.
        if !["Link", "Keybin-Expires", "Set-Cookie"].contains(&name.as_str()) {
            assert!(answer.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)), "{ask}: no {name}");
        }
    }
    let Some(contents) = told["content"].as_object() else {
        assert!(answer.body.is_empty(), "{ask}: {answer:?}");
        return;
    };
    let given = answer.header("content-type").and_then(|given| given.split(';').next()).unwrap_or_default();
    let content = contents.get(given).unwrap_or_else(|| panic!("{ask}: {given} is not told"));
    if given == "application/json" {
        document.assert_fits(&content["schema"], &answer.json(), &ask.to_string());
    }
}
