//! The peers: what people would pick instead. Each has a folder in bench/peers with what it is made of and how it is
//! started; here is how it is filled and what it understands.
//!
//! A peer holds the same accounts, keys and values as Keybin where it knows accounts; etcd and webdis know none, and hold
//! the same number of keys.

use std::fs;
use std::path::Path;

use super::database::Database;
use super::http::{FRESH, KEY, Request, base64, member};
use super::install::{Parts, peer};
use super::keybin::Size;
use super::many::in_parallel;
use super::process::{Process, free_port};
use super::shape::What;
use super::subject::{Dialect, Subject, fresh_value, keys, value};
use crate::found::failed_at;
use crate::step::{Result, command, told};

/// Documents that are sent at once while a peer is filled: what Parse Server takes at most.
const BATCH: usize = 50;

/// A peer: its name in the report, its folder, how it is filled, and what it understands.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    folder: &'static str,
    backing: Backing,
    /// How a key stands in a request.
    spell: fn(&str) -> String,
    speak: fn(port: u16, size: Size) -> Result<Dialect>,
}

/// Where a peer keeps its data.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Backing {
    Itself,
    MongoDb,
    /// In a server that start-database.sh starts.
    Own,
}

/// The name of etcd, with which writing is compared.
pub(crate) const ETCD: &str = "etcd gateway";

/// All of them.
pub(crate) const ALL: [Peer; 5] = [
    Peer { name: "Flask + PyMongo", folder: "flask", backing: Backing::MongoDb, spell: plain, speak: flask },
    Peer { name: "Eve", folder: "eve", backing: Backing::MongoDb, spell: plain, speak: eve },
    Peer { name: "Parse Server", folder: "parse", backing: Backing::MongoDb, spell: plain, speak: parse },
    Peer { name: ETCD, folder: "etcd", backing: Backing::Itself, spell: encoded, speak: etcd },
    Peer { name: "webdis on Redis", folder: "webdis", backing: Backing::Own, spell: plain, speak: webdis },
];

impl Peer {
    /// Fetches, starts and fills it.
    pub(crate) fn start(&self, root: &Path, work: &Path, database: &Database, size: Size) -> Result<Subject> {
        let peer = peer(root, self.folder)?;
        let parts = Parts::fetch(root, &peer, self.folder)?;
        let data = work.join(self.folder);
        fs::create_dir_all(&data).map_err(failed_at(&data))?;
        let (port, second) = (free_port()?, free_port()?);
        let script = |file: &str| {
            let mut script = command(&data, "sh", &[&peer.join(file).to_string_lossy()]);
            script.env("PORT", port.to_string()).env("SECOND_PORT", second.to_string());
            script.env("DATA", &data).env("PEER", &peer).env("PARTS", parts.folder());
            script.env("PATH", parts.path()).env("LD_LIBRARY_PATH", parts.libraries());
            script.env("MONGODB", database.uri_of(&format!("bench_{}", self.folder)));
            script.env("ACCOUNTS", size.accounts.to_string());
            script
        };
        let own = if self.backing == Backing::Own {
            Some(Process::start(script("start-database.sh"), second, &data.join("database.log"))?)
        } else {
            None
        };
        let server = Process::start(script("start.sh"), port, &data.join("log"))?;
        let asked = match self.backing {
            Backing::Itself => None,
            Backing::MongoDb => Some(database.id()),
            Backing::Own => own.as_ref().map(Process::id),
        };
        Ok(Subject {
            name: self.name,
            server,
            database: asked,
            _own_database: own,
            keys: keys(size.keys).iter().map(|key| (self.spell)(key)).collect(),
            dialect: (self.speak)(port, size)?,
            cache_bytes: 0,
        })
    }
}

fn plain(key: &str) -> String {
    key.to_owned()
}

fn encoded(key: &str) -> String {
    base64(key.as_bytes())
}

/// The account of a number, in the spelling of the peers' own files.
fn account(number: u32) -> String {
    format!("a{number:05}")
}

/// Sends for every account the texts that `each` makes of some of its keys at a time.
fn fill(port: u16, size: Size, request: impl Fn(u32, &[String]) -> Request + Sync) -> Result {
    let keys = keys(size.keys);
    let filled = in_parallel(size.accounts, |number| {
        for some in keys.chunks(BATCH) {
            request(number, some).expect(port, "")?;
        }
        Ok(())
    });
    filled.map(drop)
}

/// A text for each, with commas between.
fn joined<T>(all: &[T], each: impl Fn(&T) -> String) -> String {
    all.iter().map(each).collect::<Vec<_>>().join(",")
}

/// A request for each account, for reading and writing.
fn dialect(size: Size, read: impl Fn(u32) -> Request + 'static, write: impl Fn(u32) -> Request + 'static) -> Dialect {
    Box::new(move |what| {
        Ok(match what {
            What::Read => (0..size.accounts).map(&read).collect(),
            What::Write => (0..size.accounts).map(&write).collect(),
            _ => Vec::new(),
        })
    })
}

/// The URLs of Keybin, with tokens that the application made.
fn flask(port: u16, size: Size) -> Result<Dialect> {
    let tokens: Vec<String> = (0..size.accounts).map(|number| format!("token-{number:05}")).collect();
    let write = format!("{{\"value\":{}}}", value(size.bytes));
    let keys = keys(size.keys);
    in_parallel(size.accounts, |number| {
        for key in &keys {
            Request::post(format!("/user/token-{number:05}/store/{KEY}"), write.clone()).expect(port, key)?;
        }
        Ok(())
    })?;
    Ok(super::floor::by_token(tokens, size))
}

/// Items with ids of our own; tokens are names of HTTP Basic.
fn eve(port: u16, size: Size) -> Result<Dialect> {
    let token = |number: u32| format!("Basic {}", base64(format!("token-{number:05}:").as_bytes()));
    let kept = value(size.bytes);
    fill(port, size, |number, keys| {
        let item = |key: &String| format!("{{\"_id\":\"{}.{key}\",\"value\":{kept}}}", account(number));
        Request::post("/documents", format!("[{}]", joined(keys, item))).header("Authorization", token(number))
    })?;
    let path = |number| format!("/documents/{}.{KEY}", account(number));
    Ok(dialect(
        size,
        move |number| Request::get(path(number)).header("Authorization", token(number)),
        move |number| {
            let body = format!("{{\"value\":{}}}", fresh_value(size.bytes));
            Request::new("PUT", path(number)).json(body).header("Authorization", token(number))
        },
    ))
}

/// Objects with ids of our own that their owner alone reads and writes; tokens are sessions.
fn parse(port: u16, size: Size) -> Result<Dialect> {
    let named = |request: Request| request.header("X-Parse-Application-Id", "bench");
    let sessions = in_parallel(size.accounts, |number| {
        let body = format!("{{\"username\":\"{}\",\"password\":\"password\"}}", account(number));
        let answer = named(Request::post("/parse/users", body)).expect(port, "")?;
        match (member(&answer, "sessionToken"), member(&answer, "objectId")) {
            (Some(session), Some(id)) => Ok((session.to_owned(), id.to_owned())),
            _ => told(format!("Parse Server gave no session: {answer}")),
        }
    })?;
    let kept = value(size.bytes);
    let with_session = move |request: Request, session: &str| named(request).header("X-Parse-Session-Token", session);
    fill(port, size, |number, keys| {
        let (session, user) = &sessions[number as usize];
        let one = |key: &String| {
            let id = format!("{}{key}", account(number));
            format!(
                "{{\"method\":\"POST\",\"path\":\"/parse/classes/Document\",\"body\":{{\"objectId\":\"{id}\",\
                 \"value\":{kept},\"ACL\":{{\"{user}\":{{\"read\":true,\"write\":true}}}}}}}}"
            )
        };
        let batch = format!("{{\"requests\":[{}]}}", joined(keys, one));
        with_session(Request::post("/parse/batch", batch), session)
    })?;
    let (readers, writers) = (sessions.clone(), sessions);
    let path = |number| format!("/parse/classes/Document/{}{KEY}", account(number));
    Ok(dialect(
        size,
        move |number| with_session(Request::get(path(number)), &readers[number as usize].0),
        move |number| {
            let body = format!("{{\"value\":{}}}", fresh_value(size.bytes));
            with_session(Request::new("PUT", path(number)).json(body), &writers[number as usize].0)
        },
    ))
}

/// Keys and values in base64. It knows no accounts: theirs are a part of the key, of six bytes, so that the rest of the key
/// is encoded by itself.
fn etcd(port: u16, size: Size) -> Result<Dialect> {
    let kept = base64(value(size.bytes).as_bytes());
    let prefix = |number: u32| base64(account(number).as_bytes());
    fill(port, size, |number, keys| {
        let put = |key: &String| {
            let key = prefix(number) + &encoded(key);
            format!("{{\"request_put\":{{\"key\":\"{key}\",\"value\":\"{kept}\"}}}}")
        };
        Request::post("/v3/kv/txn", format!("{{\"success\":[{}]}}", joined(keys, put)))
    })?;
    Ok(dialect(
        size,
        move |number| Request::post("/v3/kv/range", format!("{{\"key\":\"{}{KEY}\"}}", prefix(number))),
        move |number| {
            // Eight digits are base64, too.
            let body = format!("{{\"key\":\"{}{KEY}\",\"value\":\"{FRESH}{}\"}}", prefix(number), &kept[8..]);
            Request::post("/v3/kv/put", body)
        },
    ))
}

/// Commands of Redis as paths. It knows no accounts either.
fn webdis(port: u16, size: Size) -> Result<Dialect> {
    let kept = value(size.bytes).trim_matches('"').to_owned();
    fill(port, size, |number, keys| {
        let pair = |key: &String| format!("{}.{key}/{kept}", account(number));
        let pairs: Vec<String> = keys.iter().map(pair).collect();
        Request::new("POST", "/").body(format!("MSET/{}", pairs.join("/")))
    })?;
    Ok(dialect(
        size,
        move |number| Request::get(format!("/GET/{}.{KEY}", account(number))),
        move |number| {
            Request::new("PUT", format!("/SET/{}.{KEY}", account(number)))
                .body(fresh_value(size.bytes).trim_matches('"'))
        },
    ))
}
