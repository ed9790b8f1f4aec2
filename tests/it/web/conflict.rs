//! Two people write the same document: nothing is lost.

use serde_json::json;

use super::{log_in, stored, token};
use crate::harness::browser::Browser;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.browsed:
        the_second_of_two_is_shown_both_versions,
        a_key_that_is_there_already_is_not_overwritten,
        what_was_deleted_meanwhile_can_be_written_again,
    );
}

async fn the_second_of_two_is_shown_both_versions(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let token = token(server, "ann").await;
    server.put(&token, "list", r#"["milk"]"#).await;
    for overwrites in [false, true] {
        browser.open("/documents/edit?key=list").await;
        browser.fill("Value", r#"["milk","bread"]"#).await;
        // Somebody else is faster, twice.
        server.put(&token, "list", r#"["milk","tea"]"#).await;
        browser.click("Save").await;
        browser.see("Nothing of yours is saved yet").await;
        browser.see("\"tea\"").await;
        assert_eq!(browser.value("Value").await, "[\"milk\",\"bread\"]");
        assert_eq!(stored(server, &token, "list").await, Some(json!(["milk", "tea"])));
        if !overwrites {
            browser.click("Keep what is there").await;
            browser.arrive("/documents/view?key=list").await;
            browser.see("\"tea\"").await;
            continue;
        }
        server.put(&token, "list", r#"["milk","wine"]"#).await;
        browser.click("Save mine instead").await;
        browser.see("\"wine\"").await;
        browser.fill("Value", r#"["milk","bread","wine"]"#).await;
        browser.click("Save mine instead").await;
        browser.arrive("/documents/view?key=list").await;
        assert_eq!(stored(server, &token, "list").await, Some(json!(["milk", "bread", "wine"])));
    }
}

async fn a_key_that_is_there_already_is_not_overwritten(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let token = token(server, "ann").await;
    server.put(&token, "note", r#""theirs""#).await;
    browser.open("/documents/new").await;
    browser.fill("Key", "note").await;
    browser.choose("Plain text").await;
    browser.fill("Value", "mine").await;
    browser.click("Save").await;
    browser.see("Somebody else saved this document").await;
    browser.see("theirs").await;
    assert_eq!(browser.value("Value").await, "mine");
    assert!(browser.is_chosen("Plain text").await);
    assert_eq!(stored(server, &token, "note").await, Some(json!("theirs")));
    browser.click("Save mine instead").await;
    browser.arrive("/documents/view?key=note").await;
    assert_eq!(stored(server, &token, "note").await, Some(json!("mine")));
}

async fn what_was_deleted_meanwhile_can_be_written_again(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let token = token(server, "ann").await;
    server.put(&token, "note", "1").await;
    browser.open("/documents/edit?key=note").await;
    browser.fill("Value", "2").await;
    let body = json!({ "key": "note" });
    let gone = crate::harness::ask::post("/api/data/delete").bearer(&token).json(body).ask(server).await;
    assert_eq!(gone.status, 200);
    browser.click("Save").await;
    browser.see("Somebody else deleted this document").await;
    assert_eq!(stored(server, &token, "note").await, None);
    browser.click("Save mine instead").await;
    browser.arrive("/documents/view?key=note").await;
    assert_eq!(stored(server, &token, "note").await, Some(json!(2)));
}
