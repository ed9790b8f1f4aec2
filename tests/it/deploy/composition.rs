//! `docker-compose.yml`: it can be read, what it names is there, Keybin understands what it is told, and its nginx is the one
//! that is tried in front of Keybin.

use serde_json::Value;

use super::{in_repository, shipped};
use crate::harness::ask::get;
use crate::harness::http::Http;
use crate::harness::nginx::Nginx;
use crate::harness::program::Installation;
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.plain: what_the_services_name_is_there, its_nginx_is_configured_as_operators_are_told);
    cases!(trials.in_embedded: keybin_understands_what_it_is_told, its_nginx_passes_requests_on);
}

/// What belongs to the composition in its nginx, in place of what operators set themselves.
const OTHERS: [(&str, &str); 5] = [
    ("    server 127.0.0.1:5000;", "    server keybin-1:5000;\n    server keybin-2:5000;"),
    ("<keybin.example.org>", "localhost"),
    ("<fullchain.pem>", "/etc/nginx/tls/fullchain.pem"),
    ("<privkey.pem>", "/etc/nginx/tls/privkey.pem"),
    ("/var/log/nginx/keybin.log", "/dev/stderr"),
];

const NGINX: &str = "deploy/compose/keybin.conf";

fn composition() -> Value {
    serde_saphyr::from_str(&shipped("docker-compose.yml")).expect("YAML")
}

/// The members of an object, or nothing.
fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The texts of a list, or nothing.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().expect("a text"))
}

fn what_the_services_name_is_there() {
    let whole = composition();
    let services = &whole["services"];
    assert_eq!(members(services).filter(|(name, _)| name.starts_with("keybin-")).count(), 2);
    for (name, service) in members(services) {
        for (other, how) in members(&service["depends_on"]) {
            let other = services.get(other).unwrap_or_else(|| panic!("{name} waits for {other}, which is not there"));
            match how["condition"].as_str() {
                // That of Keybin is in the Dockerfile.
                Some("service_healthy") => assert!(other.get("healthcheck").is_some() || other["image"] == "keybin"),
                Some("service_completed_successfully") => assert_eq!(other["restart"], "no"),
                other => panic!("{name}: {other:?}"),
            }
        }
        for network in texts(&service["networks"]) {
            assert!(whole["networks"].get(network).is_some(), "{name}: there is no network {network}");
        }
        for volume in texts(&service["volumes"]) {
            let (from, _) = volume.split_once(':').expect("a place within");
            let is_there = match from.strip_prefix("./") {
                Some(path) => in_repository(path).exists(),
                None => whole["volumes"].get(from).is_some(),
            };
            assert!(is_there, "{name}: there is no {from}");
        }
        assert!(service["networks"].is_array() && service["image"].is_string(), "{name}");
    }
    // Only the proxy can be reached, and only what it stands before can reach the database.
    let open: Vec<_> = members(services).filter(|(_, service)| service.get("ports").is_some()).collect();
    assert_eq!(open.len(), 1);
    assert!(whole["networks"]["data"]["internal"] == true && whole["networks"]["front"]["internal"] == true);
    assert_eq!(in_repository(services["keybin-1"]["build"]["context"].as_str().expect("a folder")), in_repository("."));
}

fn its_nginx_is_configured_as_operators_are_told() {
    let told = OTHERS.iter().fold(shipped("deploy/nginx/keybin.conf"), |told, (that, this)| {
        assert!(told.contains(that), "{that} is not in the configuration for operators");
        told.replace(that, this)
    });
    let without_heading = |text: &str| text.split_once("\n\n").map(|(_, rest)| rest.to_owned());
    assert_eq!(without_heading(&shipped(NGINX)), without_heading(&told));
    let services = &composition()["services"];
    let mounted: Vec<&str> = texts(&services["proxy"]["volumes"]).collect();
    assert!(mounted.iter().any(|volume| volume.starts_with(&format!("./{NGINX}:/etc/nginx/conf.d/"))), "{mounted:?}");
    assert!(mounted.iter().any(|volume| volume.contains(":/etc/nginx/tls:")), "{mounted:?}");
}

async fn keybin_understands_what_it_is_told(installation: &mut Installation) {
    let services = composition()["services"].take();
    for (variable, value) in members(&services["keybin-1"]["environment"]) {
        installation.set(variable, value.as_str().expect("a text"));
    }
    let shown = installation.command(["check-config"]).output().await.good();
    for host in ["mongo-1", "mongo-2", "mongo-3"] {
        assert!(services.get(host).is_some(), "there is no {host}");
        assert!(shown.contains(host), "{shown}");
        assert!(shipped("deploy/compose/replica-set.js").contains(host));
    }
    let subnet = composition()["networks"]["front"]["ipam"]["config"][0]["subnet"].take();
    assert!(shown.contains(&format!("[APP] trusted_proxies = {}", subnet.as_str().expect("a subnet"))), "{shown}");
}

async fn its_nginx_passes_requests_on(installation: &mut Installation) {
    let program = installation.serve().await;
    let server = format!("server {};", program.address());
    let others = [
        ("server keybin-1:5000;", server.clone()),
        ("server keybin-2:5000;", server),
        ("/dev/stderr", "errors.log".to_owned()),
    ];
    let nginx = Nginx::configured(NGINX, &others).await;
    let answer = get("/readyz").ask(&Http::new(nginx.address())).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}
