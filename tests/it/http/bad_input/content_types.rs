//! Bodies of another type than JSON, among them forms that would have Rocket take the request for another.

use super::{Row, refused, row, with_bodies};
use crate::harness::raw::request;
use crate::harness::{TestServer, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_body_must_say_that_it_is_json,
        every_spelling_of_json_is_understood,
        forms_are_no_json,
        no_form_changes_the_method_of_its_request,
    );
}

const FORM: &str = "application/x-www-form-urlencoded";

async fn a_body_must_say_that_it_is_json(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for (method, path, body) in with_bodies(token) {
            let what = format!("{method} {path}");
            rows.push(row(&what, request(method, &path, &[], body), 400, "invalid_json"));
            for given in [
                "",
                "json",
                "application",
                "application/",
                "/json",
                "application/jsonx",
                "application/x-json",
                "application/json+x",
                "application/*",
                "*/*",
                "text/json",
                "text/plain",
                "text/plain;charset=application/json",
                "text/plain, application/json",
                "text/html",
                "application/octet-stream",
                "application/bson",
                "multipart/form-data; boundary=x",
                FORM,
                "\u{e9}",
            ] {
                let request = request(method, &path, &[("Content-Type", given)], body);
                rows.push(row(format!("{what} {given:?}"), request, 400, "invalid_json"));
            }
        }
        rows
    })
    .await;
}

async fn every_spelling_of_json_is_understood(server: &mut TestServer<'_>) {
    server.register("ann", "pw").await;
    let token = server.token("ann", "pw").await;
    for given in [
        "application/json",
        "APPLICATION/JSON",
        "Application/Json; Charset=UTF-8",
        "application/json;charset=utf-8",
        "application/vnd.api+json",
        "application/problem+json",
    ] {
        let sent = request("POST", &format!("/user/{token}/store/one"), &[("content-type", given)], r#"{"value":1}"#);
        assert_eq!(server.raw(sent).await.answer().status, 200, "{given}");
    }
}

async fn forms_are_no_json(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows = Vec::new();
        for (method, path, _) in with_bodies(token) {
            for body in ["username=ann&password=pw&value=1", "{\"username\":\"ann\"}=", "", "&&&", "=", "%FF=%zz"] {
                let request = request(method, &path, &[("Content-Type", FORM)], body);
                rows.push(row(format!("{method} {path} {body}"), request, 400, "invalid_json"));
            }
            let parts = "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nann\r\n--x--\r\n";
            let request = request(method, &path, &[("Content-Type", "multipart/form-data; boundary=x")], parts);
            rows.push(row(format!("{method} {path} in parts"), request, 400, "invalid_json"));
        }
        rows
    })
    .await;
}

async fn no_form_changes_the_method_of_its_request(server: &mut TestServer<'_>) {
    refused(server, |token| {
        let mut rows: Vec<Row> = Vec::new();
        let keys = format!("/user/{token}/keys");
        let (one, none) = (format!("/user/{token}/store/one"), format!("/user/{token}/store/"));
        for method in ["delete", "DELETE", "put", "get", "head", "patch", "options", "trace", "connect", "post"] {
            for (path, status, code) in [
                ("/register", 400, "invalid_json"),
                ("/token", 400, "invalid_json"),
                ("/unregister", 405, "method_not_allowed"),
                (keys.as_str(), 405, "method_not_allowed"),
                (one.as_str(), 400, "invalid_json"),
                (none.as_str(), 400, "invalid_key"),
                ("/user/x/store/one", 403, "invalid_token"),
                ("/nowhere", 404, "not_found"),
            ] {
                for body in [
                    format!("_method={method}"),
                    format!("_method={method}&username=ann&password=pw&value=1"),
                    format!("&_method={method}&username=ann&password=pw"),
                    format!("_method={method}&{{\"username\":\"ann\",\"password\":\"pw\",\"value\":1}}"),
                ] {
                    for given in [FORM, "application/x-www-form-urlencoded; charset=utf-8"] {
                        let request = request("POST", path, &[("Content-Type", given)], &body);
                        rows.push(row(format!("POST {path} {body}"), request, status, code));
                    }
                }
            }
        }
        rows
    })
    .await;
}
