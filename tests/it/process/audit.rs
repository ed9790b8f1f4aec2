//! The audit log: a line for whatever concerns who may come in, and none for anything else.

use reqwest::Method;
use serde_json::json;

use super::client::Client;
use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_both: who_comes_in_is_in_the_log);
}

/// What the audit log says, without the time and the request: `event="…" account=… from=… status=…`.
fn audited(said: &str) -> Vec<String> {
    let lines = said.lines().filter_map(|line| line.split_once("keybin::audit: "));
    lines.map(|(_, line)| without_request(line)).collect()
}

/// The same line without the name of its request, which is another each time.
fn without_request(line: &str) -> String {
    let (before, rest) = line.split_once("request=").expect("the name of the request");
    let (_, after) = rest.split_once(' ').expect("more after it");
    format!("{before}{after}")
}

async fn who_comes_in_is_in_the_log(installation: &mut Installation) {
    let program = installation.serve().await;
    let client = Client::new(program.address());
    let credentials = |password: &str| json!({ "username": "ann", "password": password });
    let token = async |password: &str| client.send(Method::POST, "/token", Some(&credentials(password))).await;
    client.send(Method::POST, "/register", Some(&credentials("canary1"))).await.good();
    client.send(Method::POST, "/register", Some(&credentials("canary1"))).await;
    assert_eq!(token("canary2").await.status, 403);
    let answer = token("canary1").await.good();
    let secret = answer["token"]["token"].as_str().expect("a token").to_owned();
    let user = |rest: &str| format!("/user/{secret}/{rest}");
    client.send(Method::POST, &user("store/k"), Some(&json!({ "value": 1 }))).await.good();
    let change = json!({ "current": "canary1", "new": "canary3" });
    client.send(Method::POST, &user("password"), Some(&change)).await.good();
    client.send(Method::DELETE, &user("tokens"), None).await.good();
    client.send(Method::DELETE, "/unregister", Some(&credentials("canary3"))).await.good();
    drop(client);
    assert!(program.terminate().await.success());

    let said = installation.said();
    assert!(!said.contains("canary"), "{said}");
    let lines = audited(&said);
    let account = lines[3].split_once("account=").and_then(|(_, rest)| rest.split(' ').next()).expect("an account");
    assert_eq!(account.len(), 36, "{lines:?}");
    let line = |event: &str, account: &str, status: u16| {
        format!("event=\"{event}\" account={account} from=127.0.0.1 status={status}")
    };
    let expected = [
        line("register", "-", 200),
        line("register", "-", 409),
        line("log-in", "-", 403),
        line("log-in", account, 200),
        line("password", account, 200),
        line("revoke", account, 200),
        line("unregister", account, 200),
    ];
    assert_eq!(lines, expected);
    // The access log tells whose request it was, too.
    let of_route = format!("route=\"/user/<_>/store/<_>\" account={account} ");
    let access = said.lines().find(|line| line.contains(&of_route)).map(without_request).expect("a line");
    assert!(access.contains(&format!("{of_route}status=200")), "{access}");
}
