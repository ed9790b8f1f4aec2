//! The harness's own tests of what browsers are driven with: each way to look or to act works, and fails where it must.

use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::Path;

use fantoccini::key::Key;
use futures_util::FutureExt;
use serde_json::json;

use super::driver::find;
use super::pages::Pages;
use super::session::message;
use super::{Browser, Scheme, Scripts, Width, with_browser};
use crate::harness::{Harness, TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.plain: a_program_that_is_missing_is_named);
    cases!(trials.browsed: a_server_is_looked_at);
    cases!(trials.browsed_once: a_new_address_is_turned_to);
    cases!(trials.seated: a_browser_ends_with_its_test, browsers_know_nothing_of_each_other);
    cases!(trials.on_pages_both_ways:
        scripts_run_or_not,
        links_and_buttons_are_clicked_by_name,
        of_several_the_nearest_is_clicked,
        a_form_is_filled_in,
        a_form_is_sent_by_a_key,
        what_is_no_such_field_is_refused,
        tables_are_read,
        cookies_are_looked_at,
        a_page_that_not_everybody_can_use_is_found,
        pictures_are_taken_in_four_ways,
        the_surroundings_are_known,
    );
    cases!(trials.on_pages: what_comes_late_is_waited_for, dialogs_stay_open, complaints_are_heard);
}

impl Trials {
    /// A test on the fixed pages, with scripts.
    fn on_pages<C>(&mut self, name: &str, case: C)
    where
        C: AsyncFn(&mut Browser) + Send + 'static,
    {
        self.on_pages_with(Scripts::On, name.to_owned(), case);
    }

    /// The same with scripts and without: two trials.
    fn on_pages_both_ways<C>(&mut self, name: &str, case: C)
    where
        C: AsyncFn(&mut Browser) + Copy + Send + 'static,
    {
        for scripts in Scripts::BOTH {
            self.on_pages_with(scripts, format!("{name}::{scripts}"), case);
        }
    }

    fn on_pages_with<C>(&mut self, scripts: Scripts, name: String, case: C)
    where
        C: AsyncFn(&mut Browser) + Send + 'static,
    {
        self.seated(name.clone(), async move |harness| {
            let pages = Pages::serve().await;
            with_browser(harness.browsers(), pages.address, scripts, &name, async |browser| case(browser).await).await;
        });
    }
}

/// That something fails, and says so.
async fn assert_fails<T>(attempt: impl Future<Output = T>, reasons: &[&str]) {
    let Err(panic) = AssertUnwindSafe(attempt).catch_unwind().await else {
        panic!("it should have failed with {reasons:?}");
    };
    let said = message(panic.as_ref()).expect("a text");
    for reason in reasons {
        assert!(said.contains(reason), "{reason:?} is missing: {said}");
    }
}

fn a_program_that_is_missing_is_named() {
    let said = find("no-such-browser", "KEYBIN_TEST_NO_SUCH_BROWSER").expect_err("there is none");
    for named in ["no-such-browser", "KEYBIN_TEST_NO_SUCH_BROWSER", "cargo xtask test"] {
        assert!(said.contains(named), "{said}");
    }
}

async fn a_server_is_looked_at(server: &mut TestServer<'_>, browser: &mut Browser) {
    server.register("ann", "secret").await;
    let token = server.token("ann", "secret").await;
    server.post(&format!("/user/{token}/store/greeting"), r#"{"value":"good morning"}"#).await;
    browser.open(&format!("/user/{token}/store/greeting")).await;
    browser.see("good morning").await;
}

async fn a_new_address_is_turned_to(server: &mut TestServer<'_>, browser: &mut Browser) {
    server.restart_with("").await;
    browser.turn_to(server.address());
    browser.open("/user/nobody/store/nothing").await;
    browser.see("403").await;
}

async fn a_browser_ends_with_its_test(harness: &Harness) {
    let pages = Pages::serve().await;
    let mut session = None;
    let mut profile = None;
    let failing =
        with_browser(harness.browsers(), pages.address, Scripts::On, "a test that fails on purpose", async |browser| {
            browser.open("/").await;
            session = browser.client.session_id().await.expect("answers");
            profile = Some(browser.directory.path().to_owned());
            super::session::fail("as it should".to_owned());
        });
    assert_fails(failing, &["as it should", "target/screenshots/failed/a-test-that-fails-on-purpose.png"]).await;
    let driver = harness.browsers().driver().await.expect("runs");
    let sessions = reqwest::get(format!("{}/sessions", driver.url())).await.expect("answers");
    let sessions = sessions.text().await.expect("answers");
    assert!(sessions.contains(r#""value":["#), "{sessions}");
    assert!(!sessions.contains(&session.expect("it was noted")), "{sessions}");
    assert!(!profile.expect("it was noted").exists());
}

async fn browsers_know_nothing_of_each_other(harness: &Harness) {
    let pages = Pages::serve().await;
    for name in ["the first", "the second"] {
        with_browser(harness.browsers(), pages.address, Scripts::On, name, async |browser| {
            browser.open("/").await;
            assert!(browser.cookie("taste").await.is_none());
            browser.open("/sent").await;
            assert!(browser.cookie("taste").await.is_some());
        })
        .await;
    }
}

async fn scripts_run_or_not(browser: &mut Browser) {
    for page in ["/", "/strict"] {
        browser.open(page).await;
        let with_scripts = page == "/" && browser.scripts() == Scripts::On;
        let heading = if with_scripts { "A page that a script changed" } else { "A page as it was sent" };
        browser.see(heading).await;
        if browser.scripts() == Scripts::Off {
            browser.see("No scripts here").await;
        } else {
            browser.dont_see("No scripts here").await;
            let refused = browser.complaints().await;
            assert_eq!(
                refused.iter().any(|complaint| complaint.source == "security"),
                page == "/strict",
                "{refused:?}"
            );
        }
        assert_eq!(browser.script("return 6 * 7").await, json!(42));
    }
}

async fn links_and_buttons_are_clicked_by_name(browser: &mut Browser) {
    browser.open("/").await;
    browser.click("The form").await;
    browser.arrive("/form").await;
    assert_eq!(browser.title().await, "Form");
    browser.back().await;
    browser.arrive("/").await;
    browser.be_impatient();
    assert_fails(browser.click("More"), &["“More”", "2 of that name", "Home", "Two words"]).await;
    assert_fails(browser.click("Never"), &["not found", "“Warn me”"]).await;
    assert_fails(browser.click("Not yet"), &["disabled"]).await;
    assert_fails(browser.arrive("/form"), &["to be at /form: at /"]).await;
}

async fn of_several_the_nearest_is_clicked(browser: &mut Browser) {
    for (row, path) in [("apple", "/asked?apple"), ("sour", "/asked?apple"), ("apple pie", "/asked?pie")] {
        browser.open("/").await;
        browser.click_beside(row, "Eat").await;
        browser.arrive(path).await;
    }
    browser.open("/").await;
    browser.be_impatient();
    assert_fails(browser.click_beside("Fruit", "Eat"), &["2 of that name"]).await;
    assert_fails(browser.click_beside("pear", "Eat"), &["nothing on the page reads “pear”"]).await;
}

async fn a_form_is_filled_in(browser: &mut Browser) {
    browser.open("/form").await;
    assert_eq!(browser.value("Name").await, "nobody");
    browser.fill("Name", "Ann & Bob").await;
    browser.fill("Story", "First\nThen 😀").await;
    browser.fill("Birthday", "2001-02-03").await;
    browser.select("Colour", "light green").await;
    browser.choose_beside("Tea", "Yes").await;
    browser.choose_beside("Milk", "No").await;
    browser.choose("Sugar").await;
    browser.untick("Ice").await;
    browser.attach("Picture", "cat.png", b"meow").await;
    assert_eq!(
        (browser.value("Name").await, browser.value("Story").await),
        ("Ann & Bob".into(), "First\nThen 😀".into())
    );
    assert!(browser.value("Picture").await.ends_with("cat.png"));
    assert!(browser.is_chosen("Sugar").await && !browser.is_chosen("Ice").await);
    browser.click("Send it").await;
    browser.arrive("/sent").await;
    let sent = "name=Ann+%26+Bob&story=First%0D%0AThen+%F0%9F%98%80&birthday=2001-02-03&colour=g&tea=y&milk=n&sugar=on";
    assert_eq!(browser.text().await, sent);
}

async fn a_form_is_sent_by_a_key(browser: &mut Browser) {
    browser.open("/form").await;
    browser.fill("Name", "").await;
    browser.key(Key::Tab).await;
    browser.fill("Name", "Ann").await;
    browser.submit().await;
    browser.see("name=Ann&story=Once+upon+a+time").await;
}

async fn what_is_no_such_field_is_refused(browser: &mut Browser) {
    browser.open("/form").await;
    browser.be_impatient();
    assert_fails(browser.fill("Surname", "x"), &["“Surname”", "not found", "“Name”, “Story”"]).await;
    assert_fails(browser.fill("Sugar", "x"), &["no field to type in"]).await;
    assert_fails(browser.choose("Yes"), &["2 of that name"]).await;
    assert_fails(browser.choose("Name"), &["no radio or checkbox"]).await;
    assert_fails(browser.select("Colour", "blue"), &["no such option", "“light green”"]).await;
    assert_fails(browser.select("Name", "blue"), &["no select-one"]).await;
    assert_fails(browser.attach("Name", "cat.png", b"meow"), &["no file"]).await;
}

async fn tables_are_read(browser: &mut Browser) {
    browser.open("/").await;
    let expected = [["Name", "Taste", ""], ["apple", "sour", "Eat"], ["apple pie", "sweet", "Eat"]];
    assert_eq!(browser.rows().await, expected);
    browser.open("/form").await;
    assert_eq!(browser.rows().await, Vec::<Vec<String>>::new());
}

async fn cookies_are_looked_at(browser: &mut Browser) {
    browser.open("/sent").await;
    let cookie = browser.cookie("taste").await.expect("it was set");
    assert_eq!((cookie.value(), cookie.http_only()), ("sweet", Some(true)));
    assert!(browser.cookie("colour").await.is_none());
}

async fn a_page_that_not_everybody_can_use_is_found(browser: &mut Browser) {
    browser.open("/clean").await;
    browser.assert_accessible("clean").await;
    browser.assert_quiet().await;
    browser.open("/careless").await;
    let found = ["careless", "image-alt: ", "<img src=", "html-has-lang: ", "landmark-one-main: "];
    assert_fails(browser.assert_accessible("careless"), &found).await;
    // It had to let scripts run for a moment.
    scripts_run_or_not(browser).await;
}

async fn pictures_are_taken_in_four_ways(browser: &mut Browser) {
    let folder = format!("harness/{}", browser.scripts());
    browser.open("/clean").await;
    browser.portray(&format!("{folder}/clean")).await;
    let picture = |way: &str| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        fs::read(root.join(format!("target/screenshots/{folder}/clean-{way}.png"))).expect("it was taken")
    };
    for (way, expected) in [("light-wide", 1280), ("light-narrow", 360), ("dark-wide", 1280), ("dark-narrow", 360)] {
        let picture = picture(way);
        assert!(picture.starts_with(b"\x89PNG\r\n"), "{way}");
        let number = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().expect("four bytes"));
        assert_eq!(number(16), expected, "{way}");
        assert!(number(20) > 2000, "{way} is cut off at {}", number(20));
    }
    assert_ne!(picture("light-wide"), picture("dark-wide"));

    browser.open("/careless").await;
    browser.assert_fits("careless").await;
    browser.resize(Width::Narrow).await;
    assert_fails(browser.assert_fits("careless"), &["careless", "> 360", "<img"]).await;
}

async fn the_surroundings_are_known(browser: &mut Browser) {
    browser.open("/asked?who").await;
    assert_eq!(browser.path().await, "/asked?who");
    browser.see("GET /asked?who HTTP/1.1").await;
    browser.see("Accept-Language: en-GB").await;
    let about = "return [new Date(0).getHours(), navigator.language, new Date(0).toLocaleDateString(), innerWidth,
        matchMedia('(prefers-color-scheme: dark)').matches]";
    assert_eq!(browser.script(about).await, json!([5, "en-GB", "01/01/1970", 1280, false]));
    browser.resize(Width::Narrow).await;
    browser.prefer(Scheme::Dark).await;
    browser.open("/clean").await;
    assert_eq!(browser.script(about).await, json!([5, "en-GB", "01/01/1970", 360, true]));
}

async fn what_comes_late_is_waited_for(browser: &mut Browser) {
    browser.open("/").await;
    browser.see("Two words").await;
    browser.dont_see("A hidden thing").await;
    browser.click("Take your time").await;
    browser.see("Here at last").await;
    browser.click("Clear away").await;
    browser.dont_see("More").await;
    browser.be_impatient();
    assert_fails(browser.see("A hidden thing"), &["“A hidden thing”", "not found"]).await;
    assert_fails(browser.dont_see("Two words"), &["“Two words”", "it is there"]).await;
}

async fn dialogs_stay_open(browser: &mut Browser) {
    browser.open("/").await;
    assert_eq!(browser.dialog().await, None);
    browser.click("Warn me").await;
    assert_eq!(browser.dialog().await.as_deref(), Some("Mind the gap"));
    browser.dismiss().await;
    assert_eq!(browser.dialog().await, None);
    browser.click("Warn me").await;
    browser.accept().await;
    browser.be_impatient();
    assert_fails(browser.accept(), &["to accept a dialog"]).await;
    browser.click("Warn me").await;
    assert_fails(browser.see("Two words"), &["a dialog is open: “Mind the gap”"]).await;
    browser.dismiss().await;
}

async fn complaints_are_heard(browser: &mut Browser) {
    browser.open("/").await;
    browser.assert_quiet().await;
    browser.click("Complain").await;
    assert_fails(browser.assert_quiet(), &["console-api", "Oh dear"]).await;
    browser.assert_quiet().await;
    browser.click("Complain").await;
    assert_fails(browser.assert_calm(), &["console-api", "Oh dear"]).await;
    browser.open("/strict").await;
    assert_fails(browser.assert_calm(), &["security", "script-src"]).await;
    browser.open("/missing").await;
    browser.assert_calm().await;
    browser.open("/missing").await;
    assert_fails(browser.assert_quiet(), &["network", "404"]).await;
}
