//! What is counted of requests, and how it is told.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use crate::harness::ask::{get, post};
use crate::harness::exposition::Exposition;
use crate::harness::raw::Socket;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        requests_are_counted_by_their_route,
        what_no_route_fits_is_counted_as_one,
        nobody_is_named,
        limits_that_are_reached_are_counted,
        requests_under_way_are_told,
        passwords_are_counted,
        a_store_that_is_away_is_counted,
        how_much_there_is_is_told,
        who_asks_for_open_metrics_gets_it,
        what_is_switched_off_is_not_there,
        what_is_told_elsewhere_is_not_told_here,
    );
}

const DOCUMENT: &str = "/user/<_>/store/<_>";

async fn scrape(server: &TestServer<'_>) -> Exposition {
    let answer = get("/metrics").ask(server).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    Exposition::prometheus(answer.text())
}

async fn requests_are_counted_by_their_route(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    server.put(&token, "k", 1).await;
    for (key, status) in [("k", 200), ("k", 200), ("k", 200), ("none", 404)] {
        assert_eq!(server.get(&format!("/user/{token}/store/{key}")).await.status, status);
    }
    server.get("/api/stow").await;
    let told = scrape(server).await;
    let count = |api, route, method, status| {
        told.sum("keybin_requests_total", &[("api", api), ("route", route), ("method", method), ("status", status)])
    };
    assert_eq!(count("keybin", DOCUMENT, "GET", "200"), 3.0);
    assert_eq!(count("keybin", DOCUMENT, "GET", "404"), 1.0);
    assert_eq!(count("keybin", DOCUMENT, "POST", "200"), 1.0);
    assert_eq!(count("keybin", "/register", "POST", "200"), 1.0);
    assert_eq!(count("stow", "/api/stow", "GET", "401"), 1.0);
    let of_get = [("route", DOCUMENT), ("method", "GET")];
    assert_eq!(told.sum("keybin_request_seconds_count", &of_get), 4.0);
    let took = told.sum("keybin_request_seconds_sum", &of_get);
    assert!(0.0 < took && took < 60.0, "{took}");
    // One that is answered has been counted when the next comes.
    assert_eq!(scrape(server).await.sum("keybin_requests_total", &[("route", "/metrics"), ("status", "200")]), 1.0);
}

async fn what_no_route_fits_is_counted_as_one(server: &mut TestServer<'_>) {
    for path in ["/none", "/none/at/all", "/user//keys"] {
        get(path).ask(server).await;
    }
    server.delete("/healthz", "").await;
    let told = scrape(server).await;
    let elsewhere = [("api", "-"), ("route", "-"), ("method", "-")];
    assert_eq!(told.sum("keybin_requests_total", &elsewhere), 4.0);
    assert_eq!(told.sum("keybin_requests_total", &[("route", "-"), ("status", "405")]), 1.0);
    assert_eq!(told.sum("keybin_request_seconds_count", &[]), 4.0);
}

/// Neither accounts nor devices, keys, tokens or addresses.
async fn nobody_is_named(server: &mut TestServer<'_>) {
    server.register("canary1", "canary2").await;
    let token = server.token_for("canary1", "canary2", "canary3").await;
    server.put(&token, "canary4", "\"canary5\"").await;
    get("/user/-/keys").bearer("canary6").ask(server).await;
    get("/canary7?canary8=canary9").ask(server).await;
    let text = get("/metrics").ask(server).await.text().to_owned();
    assert!(!text.contains("canary") && !text.contains(&token) && !text.contains("127.0.0.1"), "{text}");
}

async fn limits_that_are_reached_are_counted(server: &mut TestServer<'_>) {
    server.restart_with("[LIMITS]\nwrong_passwords=1\nlog_ins=1\nregistrations=1\n").await;
    server.register("ann", "pw").await;
    let register = post("/register").json(json!({ "username": "bob", "password": "pw" }));
    let token = |password: &str| post("/token").json(json!({ "username": "ann", "password": password }));
    for (ask, status) in [
        (register, 429),
        (token("pw"), 200),
        (token("pw"), 429),
        (token("wrong"), 403),
        (token("wrong"), 429),
        (token("wrong"), 429),
    ] {
        assert_eq!(ask.ask(server).await.status, status, "{ask}");
    }
    let told = scrape(server).await;
    for (reason, count) in [
        ("registrations", 1.0),
        ("log_ins", 1.0),
        ("wrong_passwords", 2.0),
        ("passwords_waiting", 0.0),
        ("requests_under_way", 0.0),
    ] {
        assert_eq!(told.sum("keybin_refusals_total", &[("reason", reason)]), count, "{reason}");
    }
}

async fn requests_under_way_are_told(server: &mut TestServer<'_>) {
    server.restart_with("[LIMITS]\nrequests=1\n").await;
    assert_eq!(scrape(server).await.sum("keybin_requests_under_way", &[]), 0.0);
    let begun = "POST /token HTTP/1.1\r\nHost: keybin\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n";
    let begun = format!("{begun}{{\"username\":\"annabelle\",");
    let mut socket = Socket::open(server.address()).await;
    assert!(socket.send(begun.as_bytes()).await);
    let start = Instant::now();
    while scrape(server).await.sum("keybin_requests_under_way", &[]) == 0.0 {
        assert!(start.elapsed() < Duration::from_secs(8), "it does not arrive");
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(get("/user/none/keys").ask(server).await.status, 503);
    let told = scrape(server).await;
    assert_eq!(told.sum("keybin_refusals_total", &[("reason", "requests_under_way")]), 1.0);
    assert_eq!(told.sum("keybin_requests_total", &[("route", "/user/<_>/keys"), ("status", "503")]), 1.0);
    drop(socket);
    while scrape(server).await.sum("keybin_requests_under_way", &[]) > 0.0 {
        assert!(start.elapsed() < Duration::from_secs(30), "it does not end");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn passwords_are_counted(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    server.token("ann", "pw").await;
    let told = scrape(server).await;
    for phase in ["waiting", "working"] {
        assert_eq!(told.sum("keybin_password_seconds_count", &[("phase", phase)]), 2.0, "{phase}");
    }
    assert_eq!(told.sum("keybin_password_threads", &[]), 2.0);
    assert_eq!(told.sum("keybin_password_threads", &[("state", "idle")]), 2.0);
    assert_eq!(told.sum("keybin_passwords_waiting", &[]), 0.0);
}

async fn a_store_that_is_away_is_counted(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    let unavailable = [("kind", "unavailable")];
    let before = scrape(server).await.sum("keybin_store_errors_total", &unavailable);
    server.store().close().await;
    for _ in 0..3 {
        assert_eq!(server.get(&format!("/user/{token}/store/k")).await.status, 503);
    }
    let told = scrape(server).await;
    assert!(told.sum("keybin_store_errors_total", &unavailable) >= before + 3.0);
    for kind in ["unknown", "internal"] {
        assert_eq!(told.sum("keybin_store_errors_total", &[("kind", kind)]), 0.0, "{kind}");
    }
}

async fn how_much_there_is_is_told(server: &mut TestServer<'_>) {
    server.restart_with("[METRICS]\namounts_seconds=1\n").await;
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    for key in ["a", "b", "c"] {
        server.put(&token, key, 1).await;
    }
    let start = Instant::now();
    let told = loop {
        let told = scrape(server).await;
        if told.sum("keybin_documents", &[]) == 3.0 {
            break told;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "{told:?}");
        sleep(Duration::from_millis(50)).await;
    };
    assert_eq!((told.sum("keybin_accounts", &[]), told.sum("keybin_tokens", &[])), (1.0, 1.0));
    assert!(told.sum("keybin_store_bytes", &[]) > 1000.0);
    // While the store does not answer, nothing is said of it.
    server.store().close().await;
    while scrape(server).await.0.contains_key("keybin_documents") {
        assert!(start.elapsed() < Duration::from_secs(60), "it is still told");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn who_asks_for_open_metrics_gets_it(server: &mut TestServer<'_>) {
    let prometheus = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                      text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    let answer = get("/metrics").header("Accept", prometheus).ask(server).await;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(content_type)));
    let open_metrics = Exposition::open_metrics(answer.text());
    let plain = scrape(server).await;
    assert_eq!(open_metrics.sum("keybin_build_info", &[]), 1.0);
    assert_eq!(plain.sum("keybin_build_info", &[("version", env!("CARGO_PKG_VERSION"))]), 1.0);
    assert_eq!((&*plain.0["keybin_build_info"].kind, &*open_metrics.0["keybin_build"].kind), ("gauge", "info"));
    for accept in ["*/*", "text/plain", "application/json"] {
        let answer = get("/metrics").header("Accept", accept).ask(server).await;
        Exposition::prometheus(answer.text());
    }
}

/// Whether it is told, and told of.
async fn is_there(server: &TestServer<'_>) -> [bool; 2] {
    let document = get("/openapi.json").ask(server).await.json();
    [get("/metrics").ask(server).await.status == 200, document["paths"].get("/metrics").is_some()]
}

async fn what_is_switched_off_is_not_there(server: &mut TestServer<'_>) {
    assert_eq!(is_there(server).await, [true, true]);
    server.restart_with("[METRICS]\nenabled=off\n").await;
    assert_eq!(is_there(server).await, [false, false]);
}

async fn what_is_told_elsewhere_is_not_told_here(server: &mut TestServer<'_>) {
    server.restart_with("[METRICS]\nlisten=127.0.0.1:0\n").await;
    assert_eq!(is_there(server).await, [false, false]);
}
