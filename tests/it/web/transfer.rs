//! Export and import: a file with everything.

use serde_json::json;

use super::{PASSWORD, log_in, stored, token};
use crate::harness::ask::get;
use crate::harness::browser::{Browser, Scripts};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.browsed:
        what_was_exported_is_imported_elsewhere,
        an_import_leaves_or_overwrites_what_is_there,
        lines_that_are_none_are_told,
    );
}

/// What the link to the export gives.
async fn export(server: &TestServer<'_>, browser: &Browser) -> String {
    let session = browser.cookie("keybin_session").await.expect("a session");
    let answer = get("/account/export").session(session.value()).for_a_page().ask(server).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-ndjson")), "{answer:?}");
    assert!(answer.header("content-disposition").is_some_and(|how| how.starts_with("attachment; ")), "{answer:?}");
    answer.text().to_owned()
}

async fn import(browser: &Browser, file: &str) {
    browser.attach("File to import", "documents.ndjson", file.as_bytes()).await;
    browser.click("Import").await;
}

async fn what_was_exported_is_imported_elsewhere(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let ann = token(server, "ann").await;
    for n in 0..300 {
        server.put(&ann, &format!("k{n:03}"), json!({ "n": n, "text": "é".repeat(n) })).await;
    }
    server.put(&ann, "large", json!("x".repeat(300_000))).await;
    let file = export(server, browser).await;
    assert_eq!(file.lines().count(), 301);
    browser.click("Log out").await;
    browser.see("You are logged out.").await;

    server.clock().advance(60_000);
    log_in(server, browser, "bob").await;
    browser.click("Account").await;
    import(browser, &file).await;
    browser.see("301 documents imported.").await;
    assert_eq!(export(server, browser).await, file);
    let bob = token(server, "bob").await;
    assert_eq!(stored(server, &bob, "k007").await, Some(json!({ "n": 7, "text": "é".repeat(7) })));
}

async fn an_import_leaves_or_overwrites_what_is_there(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let token = token(server, "ann").await;
    server.put(&token, "a", "1").await;
    let file = "{\"key\":\"a\",\"value\":2}\n\n{\"key\":\"b\",\"value\":3}";
    browser.click("Account").await;
    import(browser, file).await;
    browser.see("1 document imported, 1 document left as they are.").await;
    assert_eq!(stored(server, &token, "a").await, Some(json!(1)));
    assert_eq!(stored(server, &token, "b").await, Some(json!(3)));
    browser.choose("Overwrite").await;
    import(browser, file).await;
    browser.see("2 documents imported.").await;
    assert_eq!(stored(server, &token, "a").await, Some(json!(2)));
}

async fn lines_that_are_none_are_told(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let token = token(server, "ann").await;
    browser.click("Account").await;
    import(
        browser,
        "{\"key\":\"a\",\"value\":1}\n<b>no</b>\n{\"key\":\"x/y\",\"value\":1}\n{\"key\":\"b\",\"value\":2}\n",
    )
    .await;
    browser.see("2 documents imported, 2 lines not taken.").await;
    browser.see("Key must be 1 to 255 bytes").await;
    if browser.scripts() == Scripts::On {
        browser.see("Line 2: not JSON").await;
    } else {
        let rows = browser.rows().await;
        assert_eq!((&*rows[1][0], &*rows[2][0]), ("2", "3"));
        browser.click("Back").await;
        browser.arrive("/account").await;
    }
    assert_eq!(server.keys(&token).await, ["a", "b"]);
    assert_eq!(server.keys(&server.token("ann", PASSWORD).await).await, ["a", "b"]);
}
