//! What the integration tests stand on: one runtime and one MongoDB server for all of them.
//!
//! A test is registered with [`Trials`]; one that runs on both stores gets a [`TestStore`] of its own, a [`TestServer`]
//! over one, perhaps with a [`Browser`](browser::Browser) that looks at it, or an
//! [`Installation`](program::Installation) to run the real program in.
//! [`samples`] and [`any_json`] make up what tests are about, [`race`](race::race) lets many do the same thing at the same
//! moment.

pub(crate) mod any_json;
pub(crate) mod ask;
pub(crate) mod browser;
mod checks;
mod child;
mod clock;
pub(crate) mod exposition;
pub(crate) mod http;
pub(crate) mod mongod;
pub(crate) mod nginx;
pub(crate) mod program;
pub(crate) mod proxy;
pub(crate) mod race;
pub(crate) mod raw;
pub(crate) mod replicas;
pub(crate) mod samples;
pub(crate) mod schemathesis;
mod server;
mod stores;
mod trials;

use std::path::{Path, PathBuf};

use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

pub(crate) use checks::register;
pub(crate) use clock::TestClock;
pub(crate) use server::{NO_LIMITS, TestServer};
pub(crate) use stores::{Backend, TestStore};
pub(crate) use trials::{Trials, cases, trial_name};

use browser::Browsers;
use mongod::Mongod;

/// What all tests share.
#[derive(Debug)]
pub(crate) struct Harness {
    mongod: Mongod,
    binary: PathBuf,
    browsers: Browsers,
    // Last in order: what was made in it goes first.
    runtime: Runtime,
}

impl Harness {
    /// Starts the runtime and the MongoDB server.
    pub(crate) fn start(mongod: &Path) -> Result<Self, String> {
        quiet();
        let runtime = Runtime::new().map_err(|e| e.to_string())?;
        let server = runtime.block_on(Mongod::start(mongod))?;
        Ok(Self { mongod: server, binary: mongod.to_owned(), browsers: Browsers::new(), runtime })
    }

    /// The server that the tests share. Who wants to stop one starts one of their own.
    pub(crate) fn mongod(&self) -> &Mongod {
        &self.mongod
    }

    /// Where browsers come from.
    pub(crate) fn browsers(&self) -> &Browsers {
        &self.browsers
    }

    /// The program to start a server of one's own from.
    pub(crate) fn mongod_binary(&self) -> &Path {
        &self.binary
    }
}

/// Logs nothing but what `RUST_LOG` asks for; Rocket would otherwise log for itself.
fn quiet() {
    let asked = EnvFilter::builder().with_default_directive(LevelFilter::OFF.into()).from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(asked).with_writer(std::io::stderr).init();
}
