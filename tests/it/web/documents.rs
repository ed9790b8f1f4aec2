//! Writing, finding, changing and deleting documents.

use serde_json::json;

use super::{log_in, stored, token};
use crate::harness::browser::{Browser, Scripts};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.browsed:
        a_document_is_written_viewed_changed_and_deleted,
        a_text_stays_as_it_was_typed,
        what_cannot_be_kept_is_said_and_stays_in_the_form,
        an_expiry_is_chosen_and_kept,
        keys_are_found_by_what_they_begin_with,
        pages_lead_forth_and_back,
        several_are_deleted_at_once,
        odd_keys_are_just_keys,
    );
    cases!(trials.browsed_once: json_is_checked_while_one_types);
}

async fn a_document_is_written_viewed_changed_and_deleted(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let token = token(server, "ann").await;
    browser.click("New document").await;
    browser.fill("Key", "settings.theme").await;
    browser.fill("Value", r#"{"colour":"green","sizes":[1,2.50,12345678901234567890]}"#).await;
    browser.click("Save").await;
    browser.arrive("/documents/view?key=settings.theme").await;
    browser.see("“settings.theme” is saved.").await;
    browser.see("\"colour\": \"green\",").await;
    browser.see("12345678901234567890").await;
    let value = json!({ "colour": "green", "sizes": [1, 2.5, 12_345_678_901_234_567_890_u64] });
    assert_eq!(stored(server, &token, "settings.theme").await, Some(value));

    browser.click("Edit").await;
    assert_eq!(
        browser.value("Value").await,
        "{\n  \"colour\": \"green\",\n  \"sizes\": [\n    1,\n    2.5,\n    12345678901234567890\n  ]\n}"
    );
    browser.fill("Value", "[null, false]").await;
    browser.click("Save").await;
    browser.arrive("/documents/view?key=settings.theme").await;
    assert_eq!(stored(server, &token, "settings.theme").await, Some(json!([null, false])));

    browser.click("Documents").await;
    let rows = browser.rows().await;
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!((&*rows[1][1], &*rows[1][2], &*rows[1][5]), ("settings.theme", "[null,false]", "never"));

    browser.click("settings.theme").await;
    browser.click("Delete…").await;
    browser.see("Delete 1 document?").await;
    browser.click("Keep").await;
    browser.arrive("/dashboard").await;
    assert!(stored(server, &token, "settings.theme").await.is_some());
    browser.click("settings.theme").await;
    browser.click("Delete…").await;
    browser.click("Delete 1 document").await;
    browser.arrive("/dashboard").await;
    browser.see("1 document deleted.").await;
    assert_eq!(stored(server, &token, "settings.theme").await, None);
}

async fn a_text_stays_as_it_was_typed(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let token = token(server, "ann").await;
    for (n, text) in
        ["plain", "", "\nfirst line is empty", "two\nlines\n", "\ttabs and  blanks ", "{\"a\":1}", "é😀<b>&amp;"]
            .into_iter()
            .enumerate()
    {
        let key = format!("text{n}");
        browser.open("/documents/new").await;
        browser.fill("Key", &key).await;
        browser.choose("Plain text").await;
        browser.fill("Value", text).await;
        browser.click("Save").await;
        browser.arrive(&format!("/documents/view?key={key}")).await;
        assert_eq!(stored(server, &token, &key).await, Some(json!(text)));
        // Saving it again changes nothing.
        browser.click("Edit").await;
        assert!(browser.is_chosen("Plain text").await);
        assert_eq!(browser.value("Value").await, text);
        browser.click("Save").await;
        browser.arrive(&format!("/documents/view?key={key}")).await;
        assert_eq!(stored(server, &token, &key).await, Some(json!(text)));
    }
    // What a form would change is shown as JSON.
    for (key, value) in [("crlf", json!("a\r\nb")), ("nul", json!("a\0b"))] {
        server.put(&token, key, &value).await;
        browser.open(&format!("/documents/edit?key={key}")).await;
        assert!(browser.is_chosen("JSON").await);
        browser.click("Save").await;
        browser.arrive(&format!("/documents/view?key={key}")).await;
        assert_eq!(stored(server, &token, key).await, Some(value));
    }
}

async fn what_cannot_be_kept_is_said_and_stays_in_the_form(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let token = token(server, "ann").await;
    browser.open("/documents/new").await;
    browser.fill("Key", "one/two").await;
    browser.fill("Value", "1").await;
    browser.click("Save").await;
    browser.see("Key must be 1 to 255 bytes").await;
    assert_eq!((browser.value("Key").await, browser.value("Value").await), ("one/two".to_owned(), "1".to_owned()));
    browser.fill("Key", "one").await;
    for (text, said) in [
        ("{\"a\": }", "This is not JSON"),
        ("hello", "This is not JSON"),
        ("", "This is not JSON"),
        ("{\"a\":1,\"a\":2}", "occurs twice"),
        ("0.1000000000000000055511151231257827021181583404541015625", "cannot be kept exactly"),
    ] {
        browser.fill("Value", text).await;
        browser.click("Save").await;
        browser.see(said).await;
        assert_eq!((browser.value("Key").await, browser.value("Value").await), ("one".to_owned(), text.to_owned()));
    }
    assert_eq!(stored(server, &token, "one").await, None);
    browser.choose("Plain text").await;
    browser.click("Save").await;
    browser.arrive("/documents/view?key=one").await;
}

async fn an_expiry_is_chosen_and_kept(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let token = token(server, "ann").await;
    browser.open("/documents/new").await;
    browser.fill("Key", "short").await;
    browser.fill("Value", "1").await;
    browser.select("Expires", "in an hour").await;
    browser.click("Save").await;
    browser.arrive("/documents/view?key=short").await;
    browser.see("in 1 h 0 min").await;
    server.clock().advance(1_800_000);
    // Whoever changes the value leaves it as it was.
    browser.click("Edit").await;
    browser.fill("Value", "2").await;
    browser.click("Save").await;
    browser.see("in 30 min 0 s").await;
    browser.click("Edit").await;
    browser.select("Expires", "in a day").await;
    browser.click("Save").await;
    browser.see("in 1 d 0 h").await;
    server.clock().advance(86_400_000 - 1);
    let late = server.token("ann", super::PASSWORD).await;
    assert_eq!(stored(server, &late, "short").await, Some(json!(2)));
    server.clock().advance(1);
    assert_eq!(stored(server, &late, "short").await, None);
    drop(token);
}

async fn keys_are_found_by_what_they_begin_with(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let token = token(server, "ann").await;
    for key in ["a", "a.1", "a.2", "b.1", "%", "A.1"] {
        server.services();
        browser.open("/documents/new").await;
        browser.fill("Key", key).await;
        browser.fill("Value", "1").await;
        browser.click("Save").await;
        browser.see("is saved.").await;
    }
    browser.open("/home").await;
    for (prefix, found) in [("a", &["a", "a.1", "a.2"][..]), ("a.", &["a.1", "a.2"]), ("%", &["%"])] {
        browser.fill("Keys that begin with", prefix).await;
        browser.click("Search").await;
        browser.see("Show all").await;
        assert_eq!(browser.value("Keys that begin with").await, prefix);
        assert_eq!(keys(browser).await, found);
    }
    browser.fill("Keys that begin with", "<c>").await;
    browser.submit().await;
    browser.see("No key begins with “<c>”.").await;
    browser.click("Show all").await;
    browser.arrive("/dashboard").await;
    assert_eq!(keys(browser).await.len(), 6);
    drop(token);
}

/// The keys in the table.
async fn keys(browser: &Browser) -> Vec<String> {
    browser.rows().await.into_iter().skip(1).map(|row| row[1].clone()).collect()
}

async fn pages_lead_forth_and_back(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let token = token(server, "ann").await;
    let all: Vec<String> = (0..120).map(|n| format!("k{n:03}")).collect();
    for key in &all {
        server.put(&token, key, "1").await;
    }
    server.put(&token, "other", "1").await;
    browser.open("/dashboard?prefix=k").await;
    browser.dont_see("← Previous").await;
    assert_eq!(keys(browser).await, all[..50]);
    browser.click("Next →").await;
    browser.see("k050").await;
    assert_eq!(keys(browser).await, all[50..100]);
    browser.click("Next →").await;
    browser.see("k100").await;
    assert_eq!(keys(browser).await, all[100..]);
    browser.dont_see("Next →").await;
    browser.click("← Previous").await;
    browser.see("k050").await;
    assert_eq!(keys(browser).await, all[50..100]);
    browser.click("← Previous").await;
    browser.see("k000").await;
    assert_eq!(keys(browser).await, all[..50]);
    browser.dont_see("← Previous").await;
}

async fn several_are_deleted_at_once(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let token = token(server, "ann").await;
    for key in ["a", "b", "c", "d"] {
        server.put(&token, key, "1").await;
    }
    browser.open("/dashboard").await;
    browser.click("Delete selected…").await;
    browser.see("Nothing is selected").await;
    browser.click("Back").await;
    browser.choose("Select b").await;
    browser.choose("Select d").await;
    browser.click("Delete selected…").await;
    browser.see("Delete 2 documents?").await;
    assert_eq!(server.keys(&token).await, ["a", "b", "c", "d"]);
    browser.click("Delete 2 documents").await;
    browser.see("2 documents deleted.").await;
    assert_eq!(server.keys(&token).await, ["a", "c"]);
    if browser.scripts() == Scripts::On {
        browser.choose("Select all").await;
        browser.click("Delete selected…").await;
        browser.click("Delete 2 documents").await;
        browser.see("There is nothing here yet.").await;
        assert_eq!(server.keys(&token).await, [""; 0]);
    }
}

async fn odd_keys_are_just_keys(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    for key in ["a b", "a&b=c", "a?b#c", "é😀", "100%", "a+b", "..."] {
        browser.open("/documents/new").await;
        browser.fill("Key", key).await;
        browser.fill("Value", "1").await;
        browser.click("Save").await;
        browser.see(&format!("“{key}” is saved.")).await;
        browser.click("Edit").await;
        browser.see(&format!("Edit {key}")).await;
        browser.fill("Value", "2").await;
        browser.click("Save").await;
        browser.see(&format!("“{key}” is saved.")).await;
        browser.click("Documents").await;
        browser.click(key).await;
        browser.click("Delete…").await;
        browser.click("Delete 1 document").await;
        browser.see("There is nothing here yet.").await;
    }
}

async fn json_is_checked_while_one_types(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    browser.open("/documents/new").await;
    browser.fill("Value", "{\"a\":").await;
    browser.see("Not JSON yet").await;
    browser.fill("Value", "{\"a\":1}").await;
    browser.see("This is valid JSON.").await;
    browser.choose("Plain text").await;
    browser.dont_see("This is valid JSON.").await;
}
