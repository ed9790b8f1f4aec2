//! Pages that say that something does not work.

use super::log_in;
use crate::harness::ask::get;
use crate::harness::browser::Browser;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.browsed:
        what_is_not_there_is_told_in_the_same_dress,
        a_database_that_is_away_is_told_as_that,
    );
    cases!(trials.served: programs_are_answered_as_ever);
}

async fn what_is_not_there_is_told_in_the_same_dress(server: &mut TestServer<'_>, browser: &mut Browser) {
    browser.open("/no/such/page").await;
    browser.see("Not found").await;
    browser.see("There is nothing at this address.").await;
    log_in(server, browser, "ann").await;
    for page in ["view", "edit", "raw"] {
        browser.open(&format!("/documents/{page}?key=%3Cnone%3E")).await;
        browser.see("There is no document “<none>”.").await;
    }
    for bad in ["/documents/view", "/documents/view?key=a/b", "/documents/view?key=a&key=b", "/documents/view?key=%FF"]
    {
        browser.open(bad).await;
        browser.see("That did not work").await;
    }
    browser.click("To your documents").await;
    browser.arrive("/dashboard").await;
    // The addresses of forms lead to the page that the form is on.
    for (form, page) in
        [("/documents/delete", "/dashboard"), ("/devices/revoke", "/devices"), ("/account/password", "/account")]
    {
        browser.open(form).await;
        browser.arrive(page).await;
    }
    // A person who opens one that takes nothing but a form is told so.
    browser.open("/logout").await;
    browser.see("This address can only be used through its form.").await;
}

async fn a_database_that_is_away_is_told_as_that(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    server.store().close().await;
    for page in ["/dashboard", "/devices", "/account", "/"] {
        browser.open(page).await;
        browser.see("The database is away").await;
        browser.see("Your documents are safe.").await;
    }
}

async fn programs_are_answered_as_ever(server: &mut TestServer<'_>) {
    let answer = get("/no/such/page").ask(server).await;
    assert_eq!((answer.status, answer.code().as_deref()), (404, Some("not_found")));
    let answer = get("/no/such/page").for_a_page().ask(server).await;
    assert_eq!((answer.status, answer.header("content-type")), (404, Some("text/html; charset=utf-8")));
    // Where there is no such form there is nothing, whatever its path looks like.
    let answer = get("/account/none").ask(server).await;
    assert_eq!((answer.status, answer.header("allow")), (404, None));
    let answer = get("/logout").ask(server).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    let answer = get("/logout").for_a_page().ask(server).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    server.store().close().await;
    let answer = get("/dashboard").session("00000000-0000-4000-8000-000000000000").for_a_page().ask(server).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
}
