//! The web interface, as people use it: in a real browser, with scripts and without, on both stores. What they did is
//! looked at through the API afterwards.

mod account;
mod accounts;
mod conflict;
mod devices;
mod documents;
mod entrance;
mod failures;
mod forms;
mod glance;
mod headers;
mod pictures;
mod transfer;
mod xss;

pub(crate) use accounts::promote;
use serde_json::Value;

use crate::harness::ask::percent;
use crate::harness::browser::Browser;
use crate::harness::{TestServer, Trials};

pub(crate) fn register(trials: &mut Trials) {
    entrance::register(trials);
    documents::register(trials);
    conflict::register(trials);
    devices::register(trials);
    account::register(trials);
    transfer::register(trials);
    glance::register(trials);
    accounts::register(trials);
    failures::register(trials);
    xss::register(trials);
    pictures::register(trials);
    forms::register(trials);
    headers::register(trials);
}

/// A password that the web interface takes.
const PASSWORD: &str = "correct horse";

/// Registers an account, and logs in as a person does.
async fn log_in(server: &TestServer<'_>, browser: &Browser, name: &str) {
    server.register(name, PASSWORD).await;
    type_in(browser, name).await;
    browser.arrive("/dashboard").await;
}

/// Types name and password into the page that asks for them.
async fn type_in(browser: &Browser, name: &str) {
    browser.open("/login").await;
    browser.fill("Username", name).await;
    browser.fill("Password", PASSWORD).await;
    browser.click("Log in").await;
}

/// A token to look at things with, for a client id of its own.
async fn token(server: &TestServer<'_>, name: &str) -> String {
    server.token_for(name, PASSWORD, "looking").await
}

/// The value under a key, if there is one.
async fn stored(server: &TestServer<'_>, token: &str, key: &str) -> Option<Value> {
    let answer = server.get(&format!("/user/{token}/store/{}", percent(key))).await;
    match answer.status {
        200 => Some(answer.json()["value"].clone()),
        404 => None,
        _ => panic!("{answer:?}"),
    }
}
