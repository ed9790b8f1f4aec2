//! The picture of what takes the space.

use serde_json::json;

use super::{log_in, token};
use crate::harness::browser::Browser;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.browsed: a_person_sees_what_takes_the_space);
}

async fn a_person_sees_what_takes_the_space(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    browser.click("At a glance").await;
    browser.see("0 documents").await;
    browser.see("There is nothing to see yet.").await;
    let token = token(server, "ann").await;
    for n in 0..8 {
        server.put(&token, &format!("photo.{n}"), json!("x".repeat(1000))).await;
    }
    for n in 0..20 {
        server.put(&token, &format!("note_{n}"), json!(n)).await;
    }
    browser.open("/glance").await;
    browser.see("28 documents").await;
    let rows = browser.rows().await;
    assert_eq!(rows[1][0], "photo.*");
    assert!(rows[1][1].ends_with(", 8 documents"), "{rows:?}");
    assert_eq!((&*rows[2][0], rows.len()), ("note_*", 3));
    // Whoever does not see it is told the same.
    let said = browser.script("return document.querySelector('svg desc').textContent").await;
    assert!(said.as_str().is_some_and(|said| said.contains("photo. 9") && said.contains("note_ ")), "{said}");
    browser.click("photo.*").await;
    browser.arrive("/dashboard?prefix=photo.").await;
    assert_eq!(browser.rows().await.len(), 9);
}
