//! Torture: real servers and real databases to which everything happens that may happen, clients that write down what they
//! were told, and a checker that says whether it can be true.
//!
//! * [`world`]: one Keybin on its file, or two on a replica set of three; [`shim`] troubles a process from the inside
//! * [`clients`] write, read, remove, count, log in, come and go, and keep a [`history`]
//! * [`faults`]: what goes wrong
//! * [`checker`] looks for an order that explains the history; [`proofs`] and [`lies`] see that it finds what is wrong
//! * [`round`]: all of it together
//!
//! A short round with a fixed seed is a test like any other. `cargo xtask torture` runs many, each with another seed; what
//! it sets is in the environment.

mod checker;
mod clients;
mod faults;
mod history;
mod lies;
mod proofs;
mod round;
mod shim;
mod world;

use std::env;
use std::time::{Duration, Instant};

use faults::Fault;
use round::Plan;

use crate::harness::{Backend, Harness, Trials};

/// For how many minutes each store is tortured, where it is more than one round.
const MINUTES: &str = "KEYBIN_TORTURE_MINUTES";

/// The seed of the first round.
const SEED: &str = "KEYBIN_TORTURE_SEED";

/// The faults to have, with commas between; all, where nothing is said.
const FAULTS: &str = "KEYBIN_TORTURE_FAULTS";

/// How long the faults of a round go on, where there are many rounds.
const ROUND: Duration = Duration::from_secs(60);

/// Longer than a round may take, with everything around it.
const MARGIN: Duration = Duration::from_secs(600);

pub(crate) fn register(trials: &mut Trials) {
    proofs::register(trials);
    lies::register(trials);
    let length = told(MINUTES).map_or(Duration::ZERO, |minutes: f64| Duration::from_secs_f64(minutes * 60.0));
    for backend in Backend::BOTH {
        let name = format!("{backend}::process::torture::promises_are_kept_whatever_happens");
        trials.on_harness_for(length + MARGIN, name, async move |harness: &Harness| {
            torture(harness, backend, length).await
        });
    }
}

/// One round, or as many as fit in the time.
async fn torture(harness: &Harness, backend: Backend, length: Duration) {
    let wanted = env::var(FAULTS).unwrap_or_default();
    let is_wanted = |fault: &&Fault| wanted.is_empty() || wanted.split(',').any(|name| name == fault.to_string());
    let faults: Vec<Fault> = Fault::of(backend).iter().filter(is_wanted).copied().collect();
    let start = Instant::now();
    let mut seed = told(SEED).unwrap_or(7);
    while !faults.is_empty() {
        let plan = Plan { backend, seed, faults: faults.clone(), length: length.min(ROUND) };
        let report = round::run(harness, &plan).await;
        if length > Duration::ZERO {
            eprintln!("{report}");
        }
        assert!(report.is_good(), "{report}");
        if start.elapsed() >= length {
            break;
        }
        seed += 1;
    }
}

/// What the environment says.
fn told<T: std::str::FromStr>(variable: &str) -> Option<T> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} cannot be {text}")))
}
