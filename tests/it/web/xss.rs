//! What people write is shown as they wrote it, and never runs.

use serde_json::json;

use super::{PASSWORD, log_in};
use crate::harness::ask::{percent, post};
use crate::harness::browser::Browser;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.browsed: what_looks_like_markup_is_shown_literally);
}

/// Texts that would do something if they were taken for markup, for a script, for a style or for an address.
const CORPUS: [&str; 16] = [
    "<script>alert(1)<\\script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=\"alert(1)",
    "<iframe srcdoc='<script>alert(1)'>",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>x",
    "</textarea><script>alert(1)",
    "</title><script>alert(1)",
    "<!--",
    "]]>",
    "&lt;script&gt;alert(1)&lt;&#47;script&gt;",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "<style>*{display:none}",
    "<base href=x><meta http-equiv=refresh content=0>",
];

/// How much there is on a page that somebody could have smuggled in.
const SMUGGLED: &str = "return document.querySelectorAll('script:not([src^=\"/assets/\"]), img:not([src^=\"/assets/\"]), \
    iframe, style, base, meta[http-equiv], svg [onload], [onerror], [onmouseover], [onfocus], [onload], \
    a[href^=\"javascript\"]').length";

async fn what_looks_like_markup_is_shown_literally(server: &mut TestServer<'_>, browser: &mut Browser) {
    // A name, with everything that a name may have, and keys and values of an account with that name.
    let name = CORPUS[2];
    log_in(server, browser, name).await;
    super::accounts::promote(server, name).await;
    for (n, text) in CORPUS.iter().enumerate() {
        let key = text.replace('/', "\\");
        let value = if n % 2 == 0 { json!(text) } else { json!({ *text: [text] }) };
        let path = format!("/keyvaluepairs/{}", percent(&key));
        let token = server.token_for(name, PASSWORD, text).await;
        let body = json!({ "key_name": key, "value_name": value });
        let made = post("/keyvaluepairs/").bearer(&token).json(body).ask(server).await;
        assert_eq!(made.status, 201, "{path}: {made:?}");
        let other = text.replace(':', ";");
        if other != name {
            server.register(&other, PASSWORD).await;
        }
    }
    for page in ["/dashboard", "/devices", "/glance", "/accounts", "/account"] {
        browser.open(page).await;
        browser.see(name).await;
        innocent(browser, page).await;
    }
    for page in ["/dashboard", "/devices", "/accounts"] {
        browser.open(page).await;
        for text in CORPUS.iter().filter(|text| !text.contains(['/', ':'])) {
            browser.see(text).await;
        }
    }
    for (n, text) in CORPUS.iter().enumerate() {
        let key = text.replace('/', "\\");
        for page in ["view", "edit"] {
            browser.open(&format!("/documents/{page}?key={}", percent(&key))).await;
            browser.see(&key.split_whitespace().collect::<Vec<_>>().join(" ")).await;
            innocent(browser, text).await;
            if page == "edit" && n % 2 == 0 {
                assert_eq!(browser.value("Value").await, *text);
            }
        }
        // And back to the person who typed it, from a form that was refused.
        browser.open("/documents/new").await;
        browser.fill("Key", &format!("{text}/")).await;
        browser.fill("Value", text).await;
        browser.click("Save").await;
        browser.see("Key must be 1 to 255 bytes").await;
        assert_eq!(browser.value("Value").await, *text);
        innocent(browser, text).await;
        let query = percent(text);
        browser.open(&format!("/dashboard?prefix={query}%2F")).await;
        browser.see("No key begins with").await;
        innocent(browser, text).await;
        browser.open(&format!("/no/{query}")).await;
        browser.see("Not found").await;
        innocent(browser, text).await;
    }
    browser.open("/dashboard").await;
    browser.click("Log out").await;
    for text in CORPUS {
        browser.open(&format!("/login?next={}", percent(text))).await;
        browser.fill("Username", text).await;
        browser.fill("Password", text).await;
        browser.click("Log in").await;
        browser.see("Name or password is not right.").await;
        assert_eq!(browser.value("Username").await, text);
        innocent(browser, text).await;
    }
}

/// That nothing ran, and that there is nothing that could.
async fn innocent(browser: &Browser, what: &str) {
    assert_eq!(browser.dialog().await, None, "{what}");
    assert_eq!(browser.script(SMUGGLED).await, json!(0), "{what}");
}
