//! The subjects of bench/floor: the limit, and the plain handler.

use std::path::Path;

use super::database::Database;
use super::http::{KEY, Request};
use super::keybin::Size;
use super::process::{Process, free_port};
use super::shape::What;
use super::subject::{Dialect, Subject, fresh_value, keys};
use crate::step::{Failure, Result, ask, command};

/// The name of the limit.
pub(crate) const LIMIT: &str = "the limit";

/// The name of the plain handler.
pub(crate) const PLAIN: &str = "plain handler";

/// Rocket that answers a constant.
pub(crate) fn limit(program: &Path, folder: &Path, size: Size) -> Result<Subject> {
    let port = free_port()?;
    let (port_text, bytes) = (port.to_string(), size.bytes.to_string());
    let server = command(folder, &program.to_string_lossy(), &["constant", &port_text, &bytes]);
    let tokens = (0..size.accounts).map(|account| format!("10000000-0000-4000-8000-{account:012}")).collect();
    Ok(Subject {
        name: LIMIT,
        server: Process::start(server, port, &folder.join("limit.log"))?,
        database: None,
        _own_database: None,
        keys: keys(size.keys),
        dialect: by_token(tokens, size),
        cache_bytes: 0,
    })
}

/// A handler that asks MongoDB twice.
pub(crate) fn plain(program: &Path, folder: &Path, database: &Database, size: Size) -> Result<Subject> {
    let (uri, program) = (database.uri(), program.to_string_lossy());
    let [accounts, keys_each, bytes] =
        [u64::from(size.accounts), u64::from(size.keys), size.bytes as u64].map(|number| number.to_string());
    let seeding = command(folder, &program, &["seed", &uri, "bench_plain", &accounts, &keys_each, &bytes]);
    let tokens = ask(seeding).map_err(Failure::Told)?;
    let port = free_port()?;
    let server = command(folder, &program, &["plain", &port.to_string(), &uri, "bench_plain"]);
    Ok(Subject {
        name: PLAIN,
        server: Process::start(server, port, &folder.join("plain.log"))?,
        database: Some(database.id()),
        _own_database: None,
        keys: keys(size.keys),
        dialect: by_token(tokens.lines().map(str::to_owned).collect(), size),
        cache_bytes: 0,
    })
}

/// Tokens in the path, as Keybin has them.
pub(crate) fn by_token(tokens: Vec<String>, size: Size) -> Dialect {
    Box::new(move |what| {
        let path = |token: &String| format!("/user/{token}/store/{KEY}");
        Ok(match what {
            What::Read => tokens.iter().map(|token| Request::get(path(token))).collect(),
            What::Write => {
                let body = format!("{{\"value\":{}}}", fresh_value(size.bytes));
                tokens.iter().map(|token| Request::post(path(token), body.clone())).collect()
            }
            _ => Vec::new(),
        })
    })
}
