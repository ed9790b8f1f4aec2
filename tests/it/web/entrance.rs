//! Registering, logging in, logging out, and being asked to.

use super::{PASSWORD, log_in, type_in};
use crate::harness::browser::{Browser, Scripts};
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.browsed:
        a_person_registers_logs_out_and_logs_in,
        what_is_wrong_is_said_beside_its_field,
        an_unknown_name_and_a_wrong_password_look_alike,
        an_ended_session_leads_to_the_log_in_and_back,
    );
    cases!(trials.browsed_once: the_rule_for_passwords_is_told_while_one_types);
}

async fn fill_in(browser: &Browser, name: &str, password: &str, repeated: &str) {
    browser.fill("Username", name).await;
    browser.fill("New password", password).await;
    browser.fill("Repeat the password", repeated).await;
    browser.click("Register").await;
}

async fn a_person_registers_logs_out_and_logs_in(server: &mut TestServer<'_>, browser: &mut Browser) {
    browser.open("/").await;
    browser.click("Register").await;
    browser.fill("E-mail (optional)", "Ann@example.org").await;
    fill_in(browser, "ann", PASSWORD, PASSWORD).await;
    browser.arrive("/dashboard").await;
    browser.see("There is nothing here yet").await;
    let first = browser.cookie("keybin_session").await.expect("a session");

    browser.click("Log out").await;
    browser.arrive("/login").await;
    browser.see("You are logged out.").await;
    assert_eq!(browser.cookie("keybin_session").await.map(|cookie| cookie.value().to_owned()), None);
    // A message is shown once.
    browser.open("/login").await;
    browser.dont_see("You are logged out.").await;
    // The session is over, not just forgotten.
    let answer = server.get(&format!("/user/{}/keys", first.value())).await;
    assert_eq!(answer.status, 403);

    type_in(browser, "ann").await;
    browser.arrive("/dashboard").await;
    let second = browser.cookie("keybin_session").await.expect("a session");
    assert_ne!(first.value(), second.value());
    // It is an account like any other.
    let token = server.token("ann", PASSWORD).await;
    assert_eq!(server.keys(&token).await, [""; 0]);
    let account = server.services().accounts.find("ann").await.expect("finds");
    assert_eq!(account.email.map(|email| email.as_str().to_owned()).as_deref(), Some("ann@example.org"));
    // Whoever is there already is not asked again.
    for page in ["/", "/login", "/register", "/home"] {
        browser.open(page).await;
        browser.see("Documents").await;
        browser.see("Log out").await;
    }
}

async fn what_is_wrong_is_said_beside_its_field(server: &mut TestServer<'_>, browser: &mut Browser) {
    server.register("taken", PASSWORD).await;
    let long = "é".repeat(40);
    for (name, password, repeated, said) in [
        ("taken", PASSWORD, PASSWORD, "This name is taken."),
        ("ann", PASSWORD, "another password", "The two passwords are not the same."),
        ("ann-ann-ann", "ann-ann-ann", "ann-ann-ann", "A password is not the username."),
        ("ann", &long, &long, "72 bytes"),
    ] {
        browser.open("/register").await;
        fill_in(browser, name, password, repeated).await;
        browser.see(said).await;
        assert_eq!(browser.value("Username").await, name);
        // Nothing of a password comes back.
        assert_eq!(browser.value("New password").await, "");
    }
    // What the browser itself would not send is refused as well.
    browser.script("document.querySelector('form').noValidate = true").await;
    fill_in(browser, "ann", "short", "short").await;
    browser.see("A password has at least 8 characters.").await;
    let found = server.services().accounts.find("ann").await;
    assert!(found.is_err(), "{found:?}");
    // The form goes on from there.
    fill_in(browser, "ann", PASSWORD, PASSWORD).await;
    browser.arrive("/dashboard").await;
}

async fn an_unknown_name_and_a_wrong_password_look_alike(server: &mut TestServer<'_>, browser: &mut Browser) {
    server.register("ann", PASSWORD).await;
    let mut pages = Vec::new();
    for (name, password) in [("ann", "wrong horse"), ("bob", "wrong horse"), ("ann", &PASSWORD[1..]), ("", "x")] {
        browser.open("/login").await;
        browser.script("document.querySelector('form').noValidate = true").await;
        browser.fill("Username", name).await;
        browser.fill("Password", password).await;
        browser.click("Log in").await;
        browser.see("Name or password is not right.").await;
        assert_eq!(
            (browser.value("Username").await, browser.value("Password").await),
            (name.to_owned(), String::new())
        );
        assert_eq!(browser.cookie("keybin_session").await.map(|cookie| cookie.value().to_owned()), None);
        pages.push(browser.text().await);
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:?}");
}

async fn an_ended_session_leads_to_the_log_in_and_back(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let token = server.token("ann", PASSWORD).await;
    server.put(&token, "one", "1").await;
    browser.open("/documents/view?key=one").await;
    server.clock().advance(43_200_000);

    // From a page, and from a form.
    browser.click("Edit").await;
    browser.see("Your session has ended.").await;
    browser.fill("Username", "ann").await;
    browser.fill("Password", PASSWORD).await;
    browser.click("Log in").await;
    browser.arrive("/documents/edit?key=one").await;
    assert_eq!(browser.value("Value").await, "1");

    server.clock().advance(43_200_000);
    browser.click("Save").await;
    browser.see("Your session has ended.").await;
    browser.fill("Username", "ann").await;
    browser.fill("Password", PASSWORD).await;
    browser.click("Log in").await;
    browser.arrive("/documents/edit?key=one").await;

    // Whoever never had one is asked without a reproach, and comes back as well.
    browser.click("Log out").await;
    browser.see("You are logged out.").await;
    browser.open("/devices").await;
    browser.dont_see("Your session has ended.").await;
    browser.fill("Username", "ann").await;
    browser.fill("Password", PASSWORD).await;
    browser.click("Log in").await;
    browser.arrive("/devices").await;
}

async fn the_rule_for_passwords_is_told_while_one_types(_: &mut TestServer<'_>, browser: &mut Browser) {
    assert_eq!(browser.scripts(), Scripts::On);
    browser.open("/register").await;
    browser.fill("Username", "ann-ann-ann").await;
    for (password, met, unmet) in
        [("short", 2, 1), ("long enough", 3, 0), ("ann-ann-ann", 2, 1), (&*"é".repeat(37), 2, 1)]
    {
        browser.fill("New password", password).await;
        let count = async |class: &str| {
            browser.script(&format!("return document.querySelectorAll('.rule .{class}').length")).await
        };
        assert_eq!((count("met").await, count("unmet").await), (met.into(), unmet.into()), "{password:?}");
    }
}
