//! The document as tests read it.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::harness::TestServer;
use crate::harness::ask::get;

/// The document.
pub(super) struct Document(pub(super) Value);

/// An operation in it.
pub(super) struct Operation<'d> {
    pub(super) path: &'d str,
    pub(super) method: String,
    pub(super) told: &'d Value,
}

impl Document {
    /// The document of a server.
    pub(super) async fn of(server: &TestServer<'_>) -> Self {
        let answer = get("/openapi.json").ask(server).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
        Self(answer.json())
    }

    pub(super) fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.0["paths"].as_object().expect("paths");
        let of_path = |(path, item): (&'_ String, &'_ Value)| -> Vec<(String, String)> {
            item.as_object().expect("operations").keys().map(|method| (path.clone(), method.clone())).collect()
        };
        let places: Vec<_> = paths.iter().flat_map(of_path).collect();
        let operation = |(path, method): (String, String)| {
            let (path, item) = paths.get_key_value(&path).expect("a path");
            Operation { path, told: &item[&method], method: method.to_ascii_uppercase() }
        };
        places.into_iter().map(operation).collect()
    }

    /// What says whether something is of this shape.
    pub(super) fn validator(&self, shape: &Value) -> Validator {
        let whole = json!({ "components": self.0["components"], "allOf": [shape] });
        jsonschema::draft202012::options().build(&whole).unwrap_or_else(|e| panic!("{e}: {shape}"))
    }

    /// That something is of this shape.
    #[track_caller]
    pub(super) fn assert_fits(&self, shape: &Value, what: &Value, place: &str) {
        if let Err(error) = self.validator(shape).validate(what) {
            panic!("{place}: {error} at {}: {what}", error.instance_path());
        }
    }
}

impl Operation<'_> {
    /// What it is called in messages.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Its parameters.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &Value> {
        self.told["parameters"].as_array().into_iter().flatten()
    }

    /// The types of its body, with what is told of each.
    pub(super) fn bodies(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.told["requestBody"]["content"].as_object().into_iter().flatten()
    }

    /// Its answers: the status, the type, what is told of it.
    pub(super) fn contents(&self) -> impl Iterator<Item = (&String, &String, &Value)> {
        let answers = self.told["responses"].as_object().into_iter().flatten();
        answers.flat_map(|(status, answer)| {
            let contents = answer["content"].as_object().into_iter().flatten();
            contents.map(move |(content_type, content)| (status, content_type, content))
        })
    }

    /// The doors that one may come in through, each by the name of its scheme.
    pub(super) fn doors(&self) -> Vec<&str> {
        let alternatives = self.told["security"].as_array().into_iter().flatten();
        alternatives.filter_map(|one| one.as_object()?.keys().next().map(String::as_str)).collect()
    }
}

/// The example of a parameter.
pub(super) fn example_of(parameter: &Value) -> Option<&Value> {
    let content = parameter["content"].as_object().and_then(|content| content.values().next());
    parameter.get("example").or_else(|| content?.get("example"))
}

/// The shape of a parameter.
pub(super) fn shape_of(parameter: &Value) -> &Value {
    let content = parameter["content"].as_object().and_then(|content| content.values().next());
    content.map_or(&parameter["schema"], |content| &content["schema"])
}
