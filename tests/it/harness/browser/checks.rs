//! The harness's own tests of what browsers are driven with: each way to look or to act works, and fails where it must.

use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.browsed: a_page_is_opened);
}

async fn a_page_is_opened(_: &mut crate::harness::TestServer<'_>, browser: &mut super::Browser) {
    let pages = super::pages::Pages::serve().await;
    browser.turn_to(pages.address);
    browser.open("/form").await;
    browser.fill("Name", "Ann").await;
    browser.click("Send it").await;
    browser.see("name=Ann").await;
}
