//! The metrics of the program itself: where they are told, and that all that is written about them is true.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::client::Client;
use crate::harness::exposition::{Exposition, Family};
use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_both: the_documents_tell_of_what_is_told);
    cases!(trials.in_embedded:
        the_metrics_are_told_at_an_address_of_their_own,
        an_address_that_is_taken_is_told,
    );
}

/// A file of the repository.
fn document(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the document can be read")
}

/// The metrics in both formats, once they tell how much there is.
async fn scraped(client: &Client) -> (Exposition, Exposition) {
    let start = Instant::now();
    loop {
        let text = client.send(Method::GET, "/metrics", None).await.body;
        let plain = Exposition::prometheus(&text);
        if plain.0.contains_key("keybin_documents") {
            let asked = client.request(Method::GET, "/metrics").header("Accept", "application/openmetrics-text");
            let text = client.try_request(asked).await.expect("an answer").body;
            return (plain, Exposition::open_metrics(&text));
        }
        assert!(start.elapsed() < Duration::from_secs(30), "nobody looks how much there is");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn the_documents_tell_of_what_is_told(installation: &mut Installation) {
    installation.set("KEYBIN_METRICS_AMOUNTS_SECONDS", "1");
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let token = client.newcomer("ann").await;
    client.put(&token, "k", &json!({ "n": 1 })).await.good();
    client.get(&token, "k").await.good();
    client.send(Method::POST, &format!("/user/{token}/increment/n"), Some(&json!({}))).await.good();
    client.send(Method::GET, "/nowhere", None).await;
    let (plain, open_metrics) = scraped(&client).await;
    let store = if installation.database().is_some() { "MongoDB" } else { "embedded" };
    assert_store(&plain, store);
    assert_dashboard(&plain, store);
    assert_table(&plain, store);
    // The same in both formats.
    let names = |told: &Exposition| told.samples().map(|sample| sample.name.clone()).collect::<BTreeSet<_>>();
    assert_eq!(names(&plain), names(&open_metrics));
}

/// What the requests have left at the store.
fn assert_store(told: &Exposition, store: &str) {
    let done = |of| told.sum("keybin_store_group_size_sum", &[("of", of)]);
    if store == "MongoDB" {
        for of in ["lookups", "updates", "changes"] {
            assert!(done(of) >= 1.0, "{of}");
        }
        assert!(told.sum("keybin_mongodb_connections", &[]) >= 1.0);
        assert!(told.sum("keybin_mongodb_checkout_seconds_count", &[]) >= 5.0);
        assert_eq!(told.sum("keybin_mongodb_checkouts_failed_total", &[]), 0.0);
    } else {
        assert!(done("writes") >= 4.0);
        assert!(told.sum("keybin_embedded_commit_seconds_count", &[]) >= 4.0);
    }
    assert_eq!(told.sum("keybin_store_waiting", &[]), 0.0);
}

/// Every metric that the dashboard asks for is there, if it is not one of the other store's.
fn assert_dashboard(told: &Exposition, store: &str) {
    let dashboard: Value = serde_json::from_str(&document("deploy/grafana/keybin.json")).expect("JSON");
    let mut asked = BTreeSet::new();
    expressions(&dashboard, &mut |expression| {
        let words = expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        asked.extend(words.filter(|word| is_metric(word)).map(str::to_owned));
    });
    assert!(asked.len() > 25, "{asked:?}");
    let there: BTreeSet<_> = told.samples().map(|sample| sample.name.as_str()).collect();
    let other = if store == "MongoDB" { "keybin_embedded_" } else { "keybin_mongodb_" };
    let missing: Vec<_> =
        asked.iter().filter(|name| !name.starts_with(other) && !there.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?} are not there on {store}");
}

fn is_metric(word: &str) -> bool {
    word.starts_with("keybin_") || word.starts_with("process_")
}

/// Every expression and every query of a variable.
fn expressions(json: &Value, take: &mut impl FnMut(&str)) {
    match json {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if ["expr", "query", "definition"].contains(&name.as_str()) => take(text),
                    other => expressions(other, take),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| expressions(item, take)),
        _ => {}
    }
}

/// The table of docs/METRICS.md and what is told are the same.
fn assert_table(told: &Exposition, store: &str) {
    let text = document("docs/METRICS.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")).map(|row| format!("`{row}"));
    let cells = |row: String| row.trim_end_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    let rows: Vec<Vec<String>> = rows.map(cells).collect();
    let here = |row: &&Vec<String>| row[3].is_empty() || row[3] == store;
    let written: BTreeMap<_, _> =
        rows.iter().filter(here).map(|row| (row[0].clone(), [&row[1], &row[2], &row[4]].map(String::clone))).collect();
    let is: BTreeMap<_, _> = told.0.iter().map(|(name, family)| (format!("`{name}`"), row(family))).collect();
    for (name, cells) in &is {
        assert_eq!(written.get(name), Some(cells), "docs/METRICS.md: {name}");
    }
    assert_eq!(written.len(), is.len(), "docs/METRICS.md tells of more: {:?}", written.keys());
}

fn row(family: &Family) -> [String; 3] {
    let labels: BTreeSet<_> = family.samples.iter().flat_map(|sample| sample.labels.keys()).collect();
    let labels = labels.into_iter().filter(|label| *label != "le").map(|label| format!("`{label}`"));
    [family.kind.clone(), labels.collect::<Vec<_>>().join(" "), family.help.clone()]
}

async fn the_metrics_are_told_at_an_address_of_their_own(installation: &mut Installation) {
    installation.set("KEYBIN_METRICS_LISTEN", "127.0.0.1:0");
    let program = installation.serve().await;
    let said = program.stdout();
    let line = said.lines().nth(1).expect("a second line");
    let address = line.strip_prefix("Metrics are told on http://").and_then(|rest| rest.strip_suffix("/metrics"));
    let address: SocketAddr = address.expect(line).parse().expect("an address");
    let (main, aside) = (Client::new(program.address()), Client::new(address));
    main.newcomer("ann").await;
    let status = async |client: &Client, path: &str| client.send(Method::GET, path, None).await.status;
    assert_eq!([status(&main, "/metrics").await, status(&aside, "/metrics").await], [404, 200]);
    // Nothing else is there.
    for path in ["/", "/healthz", "/user/-/keys", "/metrics/more"] {
        assert_eq!(status(&aside, path).await, 404, "{path}");
    }
    let (told, _) = scraped(&aside).await;
    assert_eq!(told.sum("keybin_requests_total", &[("route", "/register"), ("status", "200")]), 1.0);
    assert!(program.terminate().await.success());
    assert!(TcpStream::connect(address).await.is_err(), "it still listens");
}

async fn an_address_that_is_taken_is_told(installation: &mut Installation) {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, _listener) = taken.expect("a port");
    installation.set("KEYBIN_METRICS_LISTEN", &address.to_string());
    let reason = installation.command(["serve", "--port", "0"]).output().await.reason();
    assert!(reason.starts_with(&format!("keybin: cannot listen on {address} for the metrics: ")), "{reason}");
}
