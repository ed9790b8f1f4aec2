//! The integration tests, all in one binary.
//!
//! * [`conformance`] — the contract of the store, each case on both stores
//! * [`http`] — the HTTP API, over real sockets on both stores
//! * [`apis`] — the other four APIs, and what holds across all five
//! * [`openapi`] — what is told of every route
//! * [`web`] — the web interface, in a real browser
//! * [`process`] — the program from outside: crashes, outages, commands
//! * [`deploy`] — the image, the composition, the service and the package
//! * [`tidy`] — the rules that the source itself keeps
//! * [`harness`] — what the tests stand on
//!
//! They need a MongoDB server and fail without one: a suite that skips looks green without having run.

mod apis;
mod conformance;
mod deploy;
mod harness;
mod http;
mod openapi;
mod process;
mod tidy;
mod web;

use std::process::ExitCode;
use std::sync::Arc;

use harness::{Harness, Trials, mongod};
use libtest_mimic::Arguments;

/// How many tests run at the same time. More than there are cores: a test mostly waits for a disk or a server.
const THREADS: usize = 8;

fn main() -> ExitCode {
    let mut args = Arguments::from_args();
    args.test_threads.get_or_insert(THREADS);
    let harness = match started(&args) {
        Ok(harness) => harness,
        Err(reason) => {
            eprintln!("{reason}");
            return ExitCode::FAILURE;
        }
    };
    let mut trials = Trials::new(harness.clone());
    harness::register(&mut trials);
    conformance::register(&mut trials);
    http::register(&mut trials);
    apis::register(&mut trials);
    openapi::register(&mut trials);
    web::register(&mut trials);
    process::register(&mut trials);
    deploy::register(&mut trials);
    tidy::register(&mut trials);
    tidy::promises::register(&mut trials);
    // The server ends with the last handle to the harness, which is the one here.
    libtest_mimic::run(&args, trials.into_list()).exit_code()
}

/// The harness, where tests will run.
fn started(args: &Arguments) -> Result<Option<Arc<Harness>>, String> {
    if args.list {
        return Ok(None);
    }
    let mongod = mongod::find().ok_or(
        "The integration tests need a MongoDB server. Run `cargo xtask test`, which fetches one, or name one with \
         KEYBIN_TEST_MONGOD.",
    )?;
    let harness = Harness::start(&mongod).map_err(|reason| format!("{} does not start: {reason}", mongod.display()))?;
    Ok(Some(Arc::new(harness)))
}
