//! What administrators do.

use keybin::service::Change;

use super::{PASSWORD, log_in};
use crate::harness::browser::Browser;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.browsed:
        an_administrator_finds_an_account,
        an_administrator_resets_a_password,
        an_administrator_removes_an_account,
        nobody_else_gets_in,
    );
}

/// Makes an account one of an administrator.
pub(crate) async fn promote(server: &TestServer<'_>, name: &str) {
    let services = server.services();
    let account = services.accounts.find(name).await.expect("finds");
    let change = Change { admin: Some(true), ..Change::default() };
    services.operator.change(account.id, change).await.expect("changes");
}

async fn an_administrator_finds_an_account(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "root").await;
    promote(server, "root").await;
    for n in 0..30 {
        server.register(&format!("user{n:02}"), PASSWORD).await;
    }
    let token = server.token("user07", PASSWORD).await;
    server.put(&token, "one", "\"x\"").await;
    browser.open("/dashboard").await;
    browser.click("Accounts").await;
    browser.see("root administrator").await;
    assert_eq!(browser.rows().await.len(), 26);
    browser.click("Next →").await;
    browser.see("user29").await;
    assert_eq!(browser.rows().await.len(), 7);
    browser.fill("Names that begin with", "user07").await;
    browser.click("Search").await;
    browser.see("Show all").await;
    let rows = browser.rows().await;
    assert_eq!((&*rows[1][0], &*rows[1][3], rows.len()), ("user07", "1 document, 14 B", 2));
}

async fn an_administrator_resets_a_password(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "root").await;
    promote(server, "root").await;
    server.register("ann", PASSWORD).await;
    let token = server.token("ann", PASSWORD).await;
    browser.open("/accounts").await;
    browser.click("Reset password of ann").await;
    browser.see("it is shown this once").await;
    let password = browser.value("Password").await;
    assert_eq!(server.get(&format!("/user/{token}/keys")).await.status, 403);
    server.token("ann", &password).await;
    browser.click("Done").await;
    browser.arrive("/accounts").await;
}

async fn an_administrator_removes_an_account(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "root").await;
    promote(server, "root").await;
    server.register("ann", PASSWORD).await;
    browser.open("/accounts").await;
    browser.click("Remove ann").await;
    browser.see("Remove ann?").await;
    browser.fill("Type the name of the account to remove it", "root").await;
    browser.click("Remove account").await;
    browser.see("Nothing was removed.").await;
    assert!(server.services().accounts.find("ann").await.is_ok());
    browser.fill("Type the name of the account to remove it", "ann").await;
    browser.click("Remove account").await;
    browser.see("The account “ann” and everything in it is deleted.").await;
    assert!(server.services().accounts.find("ann").await.is_err());
    assert_eq!(browser.rows().await.len(), 2);
}

async fn nobody_else_gets_in(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    browser.dont_see("Accounts").await;
    browser.open("/accounts").await;
    browser.see("this is for administrators").await;
    // Whoever is one no more is one no more, in the same session.
    promote(server, "ann").await;
    browser.open("/accounts").await;
    browser.see("ann administrator").await;
    let services = server.services();
    let account = services.accounts.find("ann").await.expect("finds");
    services.operator.change(account.id, Change { admin: Some(false), ..Change::default() }).await.expect("changes");
    browser.open("/accounts").await;
    browser.see("this is for administrators").await;
}
