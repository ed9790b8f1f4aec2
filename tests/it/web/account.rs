//! The account: profile, password, and its end.

use super::{PASSWORD, log_in};
use crate::harness::browser::Browser;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.browsed:
        a_profile_is_changed,
        what_is_wrong_in_a_profile_is_said_and_stays_in_the_form,
        a_new_password_ends_all_other_sessions,
        an_account_ends_when_its_name_is_typed,
    );
}

async fn a_profile_is_changed(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    browser.click("Account").await;
    browser.fill("E-mail", "ann@example.org").await;
    browser.fill("Full name", "Ann <O'Hara>").await;
    browser.fill("Age", "41").await;
    browser.fill("Gender", "f").await;
    browser.click("Save profile").await;
    browser.see("Your profile is saved.").await;
    assert_eq!(browser.value("Full name").await, "Ann <O'Hara>");
    let account = server.services().accounts.find("ann").await.expect("finds");
    assert_eq!(account.email.map(|email| email.as_str().to_owned()).as_deref(), Some("ann@example.org"));
    assert_eq!((account.profile.full_name.as_deref(), account.profile.age), (Some("Ann <O'Hara>"), Some(41)));
    assert_eq!(account.profile.gender.as_deref(), Some("f"));
    // What is emptied is gone. On a page without the message, which else would be taken for the next one.
    browser.open("/account").await;
    browser.dont_see("Your profile is saved.").await;
    for field in ["E-mail", "Full name", "Age", "Gender"] {
        browser.fill(field, "").await;
    }
    browser.click("Save profile").await;
    browser.see("Your profile is saved.").await;
    let account = server.services().accounts.find("ann").await.expect("finds");
    assert_eq!((account.email, account.profile), (None, keybin::domain::Profile::default()));
}

async fn what_is_wrong_in_a_profile_is_said_and_stays_in_the_form(server: &mut TestServer<'_>, browser: &mut Browser) {
    server.register("bob", PASSWORD).await;
    let bob = server.services().accounts.find("bob").await.expect("finds");
    let change = keybin::service::Change { email: Some("bob@example.org".to_owned()), ..Default::default() };
    server.services().operator.change(bob.id, change).await.expect("changes");
    log_in(server, browser, "ann").await;
    browser.click("Account").await;
    browser.fill("Full name", "Ann").await;
    for (field, wrong, said) in [
        ("Age", "-1", "An age is a whole number"),
        ("Age", "old", "An age is a whole number"),
        ("E-mail", "bob@example.org", "Another account has this e-mail address."),
    ] {
        browser.fill("Age", "").await;
        browser.fill(field, wrong).await;
        browser.click("Save profile").await;
        browser.see(said).await;
        assert_eq!(
            (browser.value(field).await, browser.value("Full name").await),
            (wrong.to_owned(), "Ann".to_owned())
        );
    }
    let account = server.services().accounts.find("ann").await.expect("finds");
    assert_eq!(account.profile, keybin::domain::Profile::default());
}

async fn a_new_password_ends_all_other_sessions(server: &mut TestServer<'_>, browser: &mut Browser) {
    log_in(server, browser, "ann").await;
    let phone = server.token("ann", PASSWORD).await;
    let before = browser.cookie("keybin_session").await.expect("a session");
    let change = async |current: &str, password: &str, repeated: &str| {
        browser.open("/account").await;
        browser.fill("Present password", current).await;
        browser.fill("New password", password).await;
        browser.fill("Repeat the password", repeated).await;
        browser.click("Change password").await;
    };
    change("wrong horse", "battery staple", "battery staple").await;
    browser.see("This is not your present password.").await;
    change(PASSWORD, "battery staple", "battery stable").await;
    browser.see("The two passwords are not the same.").await;
    assert_eq!(server.get(&format!("/user/{phone}/keys")).await.status, 200);

    change(PASSWORD, "battery staple", "battery staple").await;
    browser.see("Your password is changed.").await;
    assert_eq!(server.get(&format!("/user/{phone}/keys")).await.status, 403);
    assert_eq!(server.get(&format!("/user/{}/keys", before.value())).await.status, 403);
    // This browser goes on, in a new session.
    browser.click("Documents").await;
    browser.see("There is nothing here yet.").await;
    assert_ne!(browser.cookie("keybin_session").await.expect("a session").value(), before.value());
    server.token("ann", "battery staple").await;
}

async fn an_account_ends_when_its_name_is_typed(server: &mut TestServer<'_>, browser: &mut Browser) {
    server.register("bob", PASSWORD).await;
    log_in(server, browser, "ann").await;
    let token = server.token("ann", PASSWORD).await;
    server.put(&token, "one", "1").await;
    browser.click("Account").await;
    browser.fill("Type the name of the account to delete it", "bob").await;
    browser.click("Delete account").await;
    browser.see("Nothing was deleted.").await;
    assert_eq!(server.keys(&token).await, ["one"]);
    browser.fill("Type the name of the account to delete it", "ann").await;
    browser.click("Delete account").await;
    browser.arrive("/login").await;
    browser.see("The account “ann” and everything in it is deleted.").await;
    assert_eq!(server.get(&format!("/user/{token}/keys")).await.status, 403);
    assert!(server.services().accounts.find("ann").await.is_err());
    assert!(server.services().accounts.find("bob").await.is_ok());
    browser.open("/dashboard").await;
    browser.see("Log in").await;
}
