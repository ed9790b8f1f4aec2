//! Keybin as a subject: the program itself, as somebody would start it, on one of its stores.

use std::env;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::database::Database;
use super::http::{KEY, Request, base64, member};
use super::many::in_parallel;
use super::process::{Process, free_port};
use super::shape::What;
use super::subject::{Dialect, Subject, keys, value};
use crate::found::failed_at;
use crate::step::{Result, ask, command, told};

/// Keybin on a file.
pub(crate) const EMBEDDED: &str = "Keybin, embedded";

/// Keybin on MongoDB.
pub(crate) const MONGODB: &str = "Keybin, MongoDB";

/// The password of every account, with its hash at the least cost that bcrypt has: filling a store and verifying the
/// passwords before they are measured would take minutes otherwise.
const PASSWORD: &str = "correct horse battery staple";
const QUICK_HASH: &str = "$2b$04$sbusJ5sTzOYXfSnUjTapjeJEXYbTgzuFpwgQxWXAVj1aK4CpJoJsa";

/// The same at the cost that Keybin uses by default, for the accounts that log in.
const HASH: &str = "$2b$12$kopkJnKBcwxeMMmZvNVFOeCli/GSkHcaaC25HKSepatoFQnzxG.1O";

/// Accounts that log in, beside those that read and write.
pub(crate) const LOGGING_IN: u32 = 8;

/// Bytes of memory for pages of the embedded store: Keybin's default.
const CACHE_BYTES: u64 = 134_217_728;

/// How much is in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) accounts: u32,
    /// Documents of each account.
    pub(crate) keys: u32,
    /// Bytes of each value, as JSON.
    pub(crate) bytes: usize,
}

/// Where Keybin keeps its data.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Store<'d> {
    Embedded,
    /// A database of this server.
    MongoDb(&'d Database),
}

impl Store<'_> {
    /// What Keybin on this store is called.
    pub(crate) fn subject(self) -> &'static str {
        match self {
            Self::Embedded => EMBEDDED,
            Self::MongoDb(_) => MONGODB,
        }
    }

    pub(crate) const fn is_embedded(self) -> bool {
        matches!(self, Self::Embedded)
    }
}

/// Fills a store and starts Keybin on it. `label` tells this one from others.
pub(crate) fn start(program: &Path, folder: &Path, store: Store<'_>, size: Size, label: &str) -> Result<Subject> {
    // All accounts of a benchmark come from one address, and log in without a pause.
    start_with(
        program,
        folder,
        store,
        size,
        label,
        &[("KEYBIN_LIMITS_LOG_INS", "0"), ("KEYBIN_LIMITS_REGISTRATIONS", "0")],
    )
}

/// The same with these settings and otherwise default ones.
pub(crate) fn start_with(
    program: &Path,
    folder: &Path,
    store: Store<'_>,
    size: Size,
    label: &str,
    settings: &[(&str, &str)],
) -> Result<Subject> {
    let label = format!("{}_{label}", if store.is_embedded() { "embedded" } else { "mongodb" });
    let home = folder.join(&label);
    fs::create_dir_all(&home).map_err(failed_at(&home))?;
    let file = home.join("keybin.redb");
    let keybin = |args: &[&str]| {
        let mut keybin = clean(command(&home, &program.to_string_lossy(), args));
        match store {
            Store::Embedded => keybin.env("KEYBIN_STORE_HOST", format!("embedded:{}", file.display())),
            Store::MongoDb(database) => {
                keybin.env("KEYBIN_STORE_HOST", database.uri()).env("KEYBIN_STORE_DATABASE", format!("bench_{label}"))
            }
        };
        // A benchmark takes longer than a token lives by default.
        keybin.env("KEYBIN_STORE_TOKEN_EXPIRATION", "86400").env("KEYBIN_TOKEN_EXPIRATION_PAIRS", "86400");
        keybin.envs(settings.iter().copied());
        keybin
    };

    let archive = archive(&home, size)?;
    if let Err(reason) = ask(keybin(&["import", &archive.to_string_lossy()])) {
        return told(format!("keybin import failed: {reason}"));
    }
    fs::remove_file(&archive).map_err(failed_at(&archive))?;
    let port = free_port()?;
    let server = Process::start(keybin(&["serve", "--port", &port.to_string()]), port, &home.join("log"))?;
    let length = fs::metadata(&file).map_or(0, |known| known.len());
    Ok(Subject {
        name: store.subject(),
        database: match store {
            Store::Embedded => None,
            Store::MongoDb(database) => Some(database.id()),
        },
        _own_database: None,
        keys: keys(size.keys),
        dialect: dialect(port, size)?,
        server,
        cache_bytes: length.min(CACHE_BYTES),
    })
}

/// A command that sees nothing of how Keybin may be configured for whoever runs the benchmark.
fn clean(mut command: Command) -> Command {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("KEYBIN_") || text.starts_with("ROCKET_") {
            command.env_remove(&name);
        }
    }
    command
}

/// An archive with all accounts and documents, as `keybin import` takes it.
fn archive(home: &Path, size: Size) -> Result<PathBuf> {
    let path = home.join("archive.ndjson");
    let write = || {
        let mut file = BufWriter::new(File::create(&path)?);
        let value = value(size.bytes);
        for number in 1..=size.accounts + LOGGING_IN {
            let reads = number <= size.accounts;
            let (name, hash) =
                if reads { (reading(number - 1), QUICK_HASH) } else { (entering(number - size.accounts - 1), HASH) };
            writeln!(
                file,
                "{{\"account\":{{\"user_id\":\"00000000-0000-4000-8000-{number:012}\",\"number\":{number},\
                 \"username\":\"{name}\",\"password\":\"{hash}\",\"created_at\":\"2026-01-01T00:00:00.000Z\"}}}}"
            )?;
            if reads {
                for key in keys(size.keys) {
                    writeln!(file, "{{\"key\":\"{key}\",\"value\":{value}}}")?;
                }
            }
        }
        file.flush()
    };
    write().map_err(failed_at(&path))?;
    Ok(path)
}

/// The name of an account that reads and writes.
fn reading(account: u32) -> String {
    format!("reader{account:05}")
}

/// The name of an account that logs in.
pub(crate) fn entering(account: u32) -> String {
    format!("guest{account:05}")
}

/// The requests of the Keybin API, and of the Stow API for Basic.
fn dialect(port: u16, size: Size) -> Result<Dialect> {
    let tokens =
        in_parallel(size.accounts, |account| entrance(port, "/token", &reading(account), "username", "token"))?;
    let by_token = super::floor::by_token(tokens, size);
    Ok(Box::new(move |what| match what {
        What::Read | What::Write => by_token(what),
        What::ReadByJwt => {
            // The Pairs API issues a JWT, which every API takes.
            in_parallel(size.accounts, |account| {
                let jwt = entrance(port, "/auth/login", &reading(account), "name", "access_token")?;
                Ok(Request::get(format!("/user/-/store/{KEY}")).header("Authorization", format!("Bearer {jwt}")))
            })
        }
        What::ReadByPassword => in_parallel(size.accounts, |account| {
            let pair = base64(format!("{}:{PASSWORD}", reading(account)).as_bytes());
            let request = Request::get(format!("/api/stow/{KEY}")).header("Authorization", format!("Basic {pair}"));
            // From here on the password counts as verified, for a minute.
            request.expect(port, "k0000000")?;
            Ok(request)
        }),
        What::LogIn => {
            let one = |account| {
                let body = credentials("username", &entering(account));
                Request::post("/token", format!("{body},\"client_id\":\"guest\"}}"))
            };
            Ok((0..LOGGING_IN).map(one).collect())
        }
    }))
}

/// A token or a JWT for an account.
fn entrance(port: u16, path: &str, account: &str, name_member: &str, wanted: &str) -> Result<String> {
    let body = Request::post(path, credentials(name_member, account) + "}").expect(port, "")?;
    // The token of the Keybin API stands in an object that has the same name.
    let found = member(&body, wanted).or_else(|| member(body.split_once("\"token\"")?.1, wanted));
    match found {
        Some(token) => Ok(token.to_owned()),
        None => told(format!("POST {path} gave no {wanted}")),
    }
}

/// The beginning of an object with name and password.
fn credentials(name_member: &str, account: &str) -> String {
    format!("{{\"{name_member}\":\"{account}\",\"password\":\"{PASSWORD}\"")
}
