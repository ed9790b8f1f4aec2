//! What a stranger finds who has read `/openapi.json` and tries whatever it allows, and what it does not: no failure of the
//! server, no status that is not told, no answer of another shape.

use serde_json::json;

use super::client::Client;
use crate::harness::program::Installation;
use crate::harness::{Trials, cases, schemathesis};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_both: every_answer_is_as_it_is_told);
}

/// What the hooks of the run log in with.
const PASSWORD: &str = "Passw0rd!";

async fn every_answer_is_as_it_is_told(installation: &mut Installation) {
    let add = installation.command(["user", "add", "root", "--admin"]).stdin(&format!("{PASSWORD}\n"));
    add.output().await.good();
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let given = json!({ "username": "root", "password": PASSWORD });
    let token = client.send(reqwest::Method::POST, "/token", Some(&given)).await.good();
    let token = token["token"]["token"].as_str().expect("a token").to_owned();
    for (key, value) in [
        ("cities", json!(["Paris", "Rome"])),
        ("settings", json!({ "colour": "red", "size": 1 })),
        ("visits", json!(40)),
        ("note.1", json!({ "title": "Groceries", "done": false })),
    ] {
        client.put(&token, key, &value).await.good();
    }
    // The same requests each time, so that it fails for whoever broke something.
    let arguments = ["--max-examples", "4", "--seed", "1", "--request-timeout", "30"];
    schemathesis::run(installation.directory(), program.address(), "root", &arguments).await;
    assert!(program.terminate().await.success());
    let said = installation.said();
    assert!(!said.contains("panicked"), "{said}");
}
