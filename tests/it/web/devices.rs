//! Tokens: seeing them, issuing one, revoking them.

use super::{PASSWORD, log_in};
use crate::harness::browser::{Browser, Scripts};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.browsed:
        a_token_is_issued_and_shown_once,
        every_live_token_is_listed_with_where_it_came_from,
        one_is_revoked_and_the_others_go_on,
        all_others_are_revoked_after_asking,
        a_client_id_that_is_none_is_told,
    );
    cases!(trials.browsed_once: what_expires_counts_down_and_a_token_can_be_copied);
}

async fn a_token_is_issued_and_shown_once(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    browser.click("Devices").await;
    browser.fill("Client id", "phone").await;
    browser.click("Issue a token").await;
    browser.see("it is shown this once").await;
    let first = browser.value("Token").await;
    server.put(&first, "one", "1").await;
    assert_eq!(server.keys(&first).await, ["one"]);
    browser.click("Done").await;
    browser.see("phone").await;
    assert!(!browser.text().await.contains(&first));
    // A new one takes its place.
    browser.fill("Client id", "phone").await;
    browser.click("Issue a token").await;
    browser.see("it is shown this once").await;
    let second = browser.value("Token").await;
    assert_eq!(server.get(&format!("/user/{first}/keys")).await.status, 403);
    assert_eq!(server.keys(&second).await, ["one"]);
}

async fn every_live_token_is_listed_with_where_it_came_from(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    server.token_for("ann", PASSWORD, "web/fridge").await;
    let account = server.services().accounts.find("ann").await.expect("finds");
    let client_id = keybin::domain::ClientId::parse("pipe").expect("a client id");
    server.services().tokens.issue_for(account.id, client_id).await.expect("issues");
    browser.click("Devices").await;
    let rows = browser.rows().await;
    let listed: Vec<_> = rows.iter().skip(1).map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!(listed[..1], [("pipe", "Command line")]);
    assert!(listed[1].0.starts_with("web/") && listed[1].0.ends_with(" this browser"), "{listed:?}");
    assert_eq!((listed[1].1, listed[2]), ("Web interface", ("web/fridge", "Keybin API")));
    assert_eq!(listed.len(), 3);
    // One that is limited says so.
    let body = serde_json::json!({
        "username": "ann", "password": PASSWORD, "client_id": "wall", "scope": "read", "prefix": "menu."
    });
    assert_eq!(server.post("/token", body).await.status, 200);
    browser.open("/devices").await;
    browser.see("wall only reads menu.*").await;
    // What has expired is gone.
    server.clock().advance(300_000);
    browser.open("/devices").await;
    let rows = browser.rows().await;
    assert_eq!(rows.len(), 3, "{rows:?}");
}

async fn one_is_revoked_and_the_others_go_on(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let (phone, tablet) =
        (server.token_for("ann", PASSWORD, "phone").await, server.token_for("ann", PASSWORD, "tablet").await);
    browser.click("Devices").await;
    browser.click("Revoke phone").await;
    browser.see("The token of “phone” is revoked.").await;
    assert_eq!(server.get(&format!("/user/{phone}/keys")).await.status, 403);
    assert_eq!(server.get(&format!("/user/{tablet}/keys")).await.status, 200);
    browser.see("tablet").await;
}

async fn all_others_are_revoked_after_asking(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    server.register("bob", PASSWORD).await;
    let bob = server.token("bob", PASSWORD).await;
    let tokens = [server.token_for("ann", PASSWORD, "phone").await, server.token_for("ann", PASSWORD, "tablet").await];
    browser.click("Devices").await;
    browser.click("Revoke all others…").await;
    browser.see("Revoke 2 tokens?").await;
    browser.click("Keep them").await;
    assert_eq!(server.get(&format!("/user/{}/keys", tokens[0])).await.status, 200);
    browser.click("Revoke all others…").await;
    browser.click("Revoke 2 tokens").await;
    browser.see("2 tokens revoked.").await;
    for token in tokens {
        assert_eq!(server.get(&format!("/user/{token}/keys")).await.status, 403);
    }
    assert_eq!(server.get(&format!("/user/{bob}/keys")).await.status, 200);
    browser.click("Documents").await;
    browser.see("There is nothing here yet.").await;
}

async fn a_client_id_that_is_none_is_told(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    browser.click("Devices").await;
    let own = browser.rows().await[1][0].replace(" this browser", "");
    browser.fill("Client id", &own).await;
    browser.click("Issue a token").await;
    browser.see("This is the browser you are using.").await;
    browser.fill("Client id", &"é".repeat(200)).await;
    browser.click("Issue a token").await;
    browser.see("A client_id must be 1 to 255 bytes").await;
    browser.open("/devices").await;
    assert_eq!(browser.rows().await.len(), 2);
}

async fn what_expires_counts_down_and_a_token_can_be_copied(server: &mut TestServer<'_>, browser: &mut Browser) {
    assert_eq!(browser.scripts(), Scripts::On);
    log_in(server, browser, "ann").await;
    browser.click("Devices").await;
    browser.fill("Client id", "phone").await;
    browser.click("Issue a token").await;
    browser.see("in 5 min 0 s").await;
    browser.dont_see("in 5 min 0 s").await;
    browser.see("in 4 min 5").await;
    browser.click("Copy").await;
    browser.see("Copied.").await;
}
