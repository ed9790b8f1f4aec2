//! Every page in four ways, for people to look at (target/screenshots), and held against the rules of accessibility.

use serde_json::json;

use super::{PASSWORD, accounts, log_in, token};
use crate::harness::browser::{Browser, Width};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.browsed_once:
        the_way_in_can_be_used_by_everybody,
        documents_can_be_used_by_everybody,
        writing_can_be_used_by_everybody,
        devices_can_be_used_by_everybody,
        the_account_can_be_used_by_everybody,
        accounts_can_be_used_by_everybody,
        failures_can_be_read_by_everybody,
        the_apis_can_be_read_by_everybody,
        the_keyboard_is_enough,
    );
}

/// Takes the pictures, and asks whether everybody can use the page, in both widths.
async fn look(browser: &Browser, name: &str) {
    browser.portray(name).await;
    browser.assert_accessible(name).await;
    browser.resize(Width::Narrow).await;
    browser.assert_accessible(name).await;
    browser.resize(Width::Wide).await;
}

async fn the_way_in_can_be_used_by_everybody(server: &mut TestServer<'_>, browser: &mut Browser) {
    for (page, name) in [("/", "welcome"), ("/login", "log-in"), ("/register", "register")] {
        browser.open(page).await;
        look(browser, name).await;
    }
    browser.open("/login").await;
    browser.fill("Username", "ann").await;
    browser.fill("Password", "wrong horse").await;
    browser.click("Log in").await;
    browser.see("Name or password is not right.").await;
    look(browser, "log-in-refused").await;
    server.register("taken", PASSWORD).await;
    browser.open("/register").await;
    browser.fill("Username", "taken").await;
    browser.fill("New password", PASSWORD).await;
    browser.fill("Repeat the password", PASSWORD).await;
    browser.click("Register").await;
    browser.see("This name is taken.").await;
    browser.fill("New password", "short").await;
    look(browser, "register-refused").await;
}

/// What somebody keeps.
async fn furnish(server: &TestServer<'_>) {
    let token = token(server, "ann").await;
    for n in 0..60 {
        let text = "Remember the milk. ".repeat(n % 9 + 1);
        server.put(&token, &format!("notes.2040_{n:02}"), json!(text)).await;
    }
    for n in 0..12 {
        let photo = json!({ "id": n, "taken": "2039-08-01", "data": "x".repeat(n * 3000) });
        server.put(&token, &format!("photo_{n}"), photo).await;
    }
    server.put(&token, "settings", json!({ "theme": "dark", "sizes": [12, 14.5], "beta": false, "owner": null })).await;
    server.put(&token, &"long".repeat(60), json!(["a", "b"])).await;
}

async fn documents_can_be_used_by_everybody(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    look(browser, "documents-none").await;
    furnish(server).await;
    for (page, name) in [
        ("/dashboard", "documents"),
        ("/dashboard?prefix=photo_", "documents-found"),
        ("/dashboard?prefix=nothing", "documents-not-found"),
        ("/documents/view?key=settings", "document"),
        ("/documents/view?key=notes.2040_08", "document-text"),
        ("/glance", "glance"),
    ] {
        browser.open(page).await;
        look(browser, name).await;
    }
    browser.open("/dashboard").await;
    browser.choose("Select notes.2040_00").await;
    browser.choose("Select notes.2040_01").await;
    browser.click("Delete selected…").await;
    browser.see("Delete 2 documents?").await;
    look(browser, "delete").await;
    browser.click("Delete 2 documents").await;
    browser.see("2 documents deleted.").await;
    look(browser, "documents-notice").await;
}

async fn writing_can_be_used_by_everybody(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    furnish(server).await;
    browser.open("/documents/new").await;
    browser.fill("Key", "a/b").await;
    browser.fill("Value", "{\"a\": }").await;
    look(browser, "new").await;
    browser.click("Save").await;
    browser.see("Key must be").await;
    browser.fill("Key", "a").await;
    browser.click("Save").await;
    browser.see("This is not JSON").await;
    look(browser, "new-refused").await;
    browser.open("/documents/edit?key=settings").await;
    look(browser, "edit").await;
    let token = token(server, "ann").await;
    server.put(&token, "settings", json!({ "theme": "light" })).await;
    browser.click("Save").await;
    browser.see("Nothing of yours is saved yet").await;
    look(browser, "conflict").await;
}

async fn devices_can_be_used_by_everybody(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    server.token_for("ann", PASSWORD, "phone").await;
    server.token_for("ann", PASSWORD, &format!("long/{}", "x".repeat(200))).await;
    browser.open("/devices").await;
    look(browser, "devices").await;
    browser.fill("Client id", "tablet").await;
    browser.click("Issue a token").await;
    browser.see("it is shown this once").await;
    look(browser, "token").await;
    browser.click("Done").await;
    browser.click("Revoke all others…").await;
    browser.see("Revoke 3 tokens?").await;
    look(browser, "revoke-others").await;
}

async fn the_account_can_be_used_by_everybody(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    browser.open("/account").await;
    look(browser, "account").await;
    browser.attach("File to import", "x.ndjson", b"nothing\n{\"key\":\"a\",\"value\":1}\n").await;
    browser.click("Import").await;
    browser.see("1 document imported").await;
    browser.fill("Age", "none").await;
    browser.click("Save profile").await;
    browser.see("An age is").await;
    look(browser, "account-refused").await;
}

async fn accounts_can_be_used_by_everybody(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    accounts::promote(server, "ann").await;
    furnish(server).await;
    for n in 0..30 {
        server.register(&format!("user{n:02}"), PASSWORD).await;
    }
    browser.open("/accounts").await;
    look(browser, "accounts").await;
    browser.click("Remove user00").await;
    browser.see("Remove user00?").await;
    look(browser, "remove-account").await;
    browser.open("/accounts").await;
    browser.click("Reset password of user00").await;
    browser.see("it is shown this once").await;
    look(browser, "password-reset").await;
}

async fn failures_can_be_read_by_everybody(server: &mut TestServer<'_>, browser: &mut Browser) {
    browser.open("/no/such/page").await;
    look(browser, "not-found").await;
    log_in(server, browser, "ann").await;
    server.clock().advance(43_200_000);
    browser.open("/devices").await;
    browser.see("Your session has ended.").await;
    look(browser, "session-ended").await;
    browser.fill("Username", "ann").await;
    browser.fill("Password", PASSWORD).await;
    browser.click("Log in").await;
    browser.arrive("/devices").await;
    server.store().close().await;
    browser.open("/devices").await;
    browser.see("The database is away").await;
    look(browser, "database-away").await;
}

async fn the_apis_can_be_read_by_everybody(_server: &mut TestServer<'_>, browser: &mut Browser) {
    browser.open("/").await;
    browser.click("over HTTP").await;
    browser.arrive("/docs").await;
    look(browser, "apis").await;
    // Some of each, because hundreds of tables take axe as many seconds.
    browser.script("document.querySelectorAll('details').forEach((one, n) => one.open = n % 9 == 0)").await;
    browser.see("POST /register").await;
    look(browser, "apis-open").await;
}

async fn the_keyboard_is_enough(server: &mut TestServer<'_>, browser: &mut Browser) {
    use fantoccini::key::Key;
    log_in(server, browser, "ann").await;
    // The first stop leads past the menu.
    browser.key(Key::Tab).await;
    let stop = async || browser.script("return document.activeElement.textContent.trim()").await;
    assert_eq!(stop().await, json!("Skip to the page"));
    let seen = browser.script("return getComputedStyle(document.activeElement).outlineStyle").await;
    assert_ne!(seen, json!("none"), "focus can be seen");
    browser.key(Key::Enter).await;
    browser.key(Key::Tab).await;
    assert_eq!(stop().await, json!("New document"));
    browser.key(Key::Enter).await;
    browser.arrive("/documents/new").await;
    browser.see("New document").await;
}
