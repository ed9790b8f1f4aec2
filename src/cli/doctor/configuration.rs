//! The configuration: whether it is right, who can read its secrets, and who can reach what it opens.

use super::finding::Finding;
use crate::config::{Config, ConfigErrors};

/// What is wrong with a configuration that cannot be used. Nothing else can be looked at then.
pub(super) fn wrong(errors: &ConfigErrors) -> Vec<Finding> {
    let told = errors.problems().iter();
    told.map(|problem| Finding::problem("config", problem.to_string(), "nothing else is looked at before")).collect()
}

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let right = Finding::ok("config", "every value is right; `keybin check-config` shows them");
    [Some(right), secrets(config), Some(jwt(config)), Some(listening(config))].into_iter().flatten().collect()
}

/// A secret in a file that others can read is none.
fn secrets(config: &Config) -> Option<Finding> {
    let (file, keys) = config.secrets_in_file()?;
    let (shown, keys) = (file.display(), keys.join(" and "));
    let readers = super::file::mode(file).unwrap_or_default() & 0o077;
    Some(if readers == 0 {
        Finding::ok("config.secrets", format!("{shown} holds {keys}, and its owner alone can read it"))
    } else {
        Finding::problem(
            "config.secrets",
            format!("{shown} holds {keys}, and others than its owner can read it"),
            format!("chmod 600 {shown}"),
        )
    })
}

/// A key that is too short does not get this far.
fn jwt(config: &Config) -> Finding {
    Finding::ok(
        "config.jwt",
        match config.jwt.secret {
            Some(_) => "the key of the JWTs is that of [JWT] secret",
            None => "the key of the JWTs is made on first use and kept in the store, where all instances find it",
        },
    )
}

/// Passwords travel in requests: between machines, only within TLS.
fn listening(config: &Config) -> Finding {
    let host = config.app.host;
    if host.is_loopback() {
        return Finding::ok("config.listening", format!("{host} is reached from this machine alone"));
    }
    let text = format!("{host} is reached from other machines");
    if config.app.trusted_proxies.is_empty() {
        Finding::warning(
            "config.listening",
            format!("{text}, and passwords cross the network as they are"),
            "put a proxy with TLS in front (deploy/nginx), name it in [APP] trusted_proxies, and let nobody else reach \
             the port",
        )
    } else {
        Finding::ok("config.listening", format!("{text}, and a proxy is named that speaks for them"))
    }
}
