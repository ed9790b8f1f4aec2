//! What `docs/OPERATING.md` shows of `keybin` is what happens: the commands of its walks are carried out, one after the other,
//! and print what stands below them.

use std::collections::HashMap;
use std::fs;

use serde_json::json;

use super::client::Client;
use super::readme::words;
use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_embedded: the_configuration_is_shown_as_it_is_written, health_is_told_as_it_is_written);
    cases!(trials.in_mongo: the_way_to_mongodb_goes_as_it_is_written);
}

const OPERATING: &str = include_str!("../../../docs/OPERATING.md");

/// The database that the document uses.
const DATABASE: &str = "mongodb://127.0.0.1:27017/?replicaSet=rs0";

/// The file that a program takes that is told nothing.
const FILE: &str = "embedded:keybin.redb";

/// The commands of the first walk in a chapter, each with what it prints.
fn walk(chapter: &str) -> Vec<(&'static str, String)> {
    let (_, rest) = OPERATING.split_once(&format!("\n## {chapter}\n")).expect("a chapter");
    let chapter = rest.split("\n## ").next().unwrap_or_default();
    let (_, rest) = chapter.split_once("```console\n").expect("a walk");
    let walk = rest.split("```").next().unwrap_or_default();
    let commands = walk.split("$ ").skip(1).map(|step| step.split_once('\n').expect("a line"));
    commands.map(|(command, printed)| (command, printed.to_owned())).collect()
}

/// Carries out one of them, and gives what it printed.
async fn carried_out(installation: &Installation, command: &str, database: &str) -> String {
    let words = words(command, &HashMap::new());
    let read = |file: &String| fs::read(installation.directory().join(file)).expect("the file is there");
    match words[0].as_str() {
        "keybin" => {
            let words = words[1..].iter().map(|word| if word == DATABASE { database } else { word.as_str() });
            let output = installation.command(words).output().await;
            assert!(output.status.success(), "{command}: {output:?}");
            output.stdout + &output.stderr
        }
        "cmp" => {
            assert!(read(&words[1]) == read(&words[2]), "{command}");
            String::new()
        }
        _ => panic!("{command}: it is not known what that does"),
    }
}

async fn the_configuration_is_shown_as_it_is_written(installation: &mut Installation) {
    let walk = walk("Configure it");
    let [(command, written)] = &walk[..] else { panic!("{walk:?}") };
    let shown = carried_out(installation, command, DATABASE).await;
    let beginning = written.strip_suffix("…\n").expect("it goes on");
    assert!(shown.starts_with(beginning), "{shown}");
}

async fn health_is_told_as_it_is_written(installation: &mut Installation) {
    let program = installation.serve().await;
    installation.set("KEYBIN_APP_PORT", &program.address().port().to_string());
    for (command, written) in walk("See how it is") {
        assert_eq!(carried_out(installation, command, DATABASE).await, written, "{command}");
    }
}

async fn the_way_to_mongodb_goes_as_it_is_written(installation: &mut Installation) {
    let database = installation.command(["check-config"]).output().await.good();
    let database = database.lines().find_map(|line| line.strip_prefix("[STORE] host = ")?.split(' ').next());
    let database = database.expect("a database").to_owned();
    installation.set("KEYBIN_STORE_HOST", FILE);
    let mut program = installation.launch();
    let client = Client::new(program.listen().await);
    let token = client.newcomer("ann").await;
    client.put(&token, "greeting", &json!({ "text": "hello" })).await.good();
    assert!(program.terminate().await.success());

    let walk = walk("From the embedded file to MongoDB");
    assert!(walk.len() > 4, "{walk:?}");
    for (command, written) in walk {
        assert_eq!(carried_out(installation, command, &database).await, written, "{command}");
    }
}
