//! A round: a fresh world, clients at work in it, faults one after the other, and at the end the question whether what the
//! clients were told can be true.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::time::sleep;

use super::checker::{Violation, check};
use super::clients::{Clients, Record};
use super::faults::Fault;
use super::history::{Act, Event, Outcome};
use super::world::World;
use crate::harness::{Backend, Harness};

/// Within which everybody is served again after a fault has ended. What it takes is told; this is for what never comes.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a round is to be.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) backend: Backend,
    pub(super) seed: u64,
    /// Each of these happens at least once.
    pub(super) faults: Vec<Fault>,
    /// How long faults go on, at least.
    pub(super) length: Duration,
}

/// What came of it.
pub(super) struct Report {
    plan: Plan,
    done: usize,
    refused: usize,
    unknown: usize,
    registers: usize,
    /// How often each fault happened, and for how long nobody was told that a write was done: the median and the most.
    faults: BTreeMap<Fault, (usize, Duration, Duration)>,
    violations: Vec<Violation>,
    complaints: Vec<String>,
}

/// Runs a round.
pub(super) async fn run(harness: &Harness, plan: &Plan) -> Report {
    let mut rng = Rng::with_seed(plan.seed);
    let mut world = World::start(harness, plan.backend).await;
    let clients = Clients::start(world.sites(), &mut rng).await;
    let is_long = plan.length > Duration::ZERO;
    let start = Instant::now();
    let mut struck = Vec::new();
    loop {
        let mut faults = plan.faults.clone();
        rng.shuffle(&mut faults);
        for fault in faults {
            sleep(Duration::from_millis(rng.u64(50..400))).await;
            let from = clients.record().history.now();
            if is_long {
                eprintln!("{from:?} {fault}");
            }
            fault.strike(&mut world, &mut rng).await;
            clients.served_again(PATIENCE).await;
            struck.push((fault, from, clients.record().history.now()));
        }
        if start.elapsed() >= plan.length {
            break;
        }
    }
    let record = clients.end().await;
    Report::new(plan, &record, &struck)
}

impl Report {
    pub(super) fn new(plan: &Plan, record: &Record, struck: &[(Fault, Duration, Duration)]) -> Self {
        let events = record.history.events();
        let count = |outcome| events.iter().filter(|event| event.outcome == outcome).count();
        let mut registers: Vec<&str> = events.iter().map(|event| event.register.as_str()).collect();
        registers.sort_unstable();
        registers.dedup();
        Self {
            plan: plan.clone(),
            done: count(Outcome::Done),
            refused: count(Outcome::Refused),
            unknown: count(Outcome::Unknown),
            registers: registers.len(),
            faults: silences(&events, struck),
            violations: check(&events),
            complaints: record.complaints(),
        }
    }

    /// Whether every promise was kept.
    pub(super) fn is_good(&self) -> bool {
        self.violations.is_empty() && self.complaints.is_empty()
    }
}

/// For how long no write was acknowledged during each kind of fault.
fn silences(events: &[Event], struck: &[(Fault, Duration, Duration)]) -> BTreeMap<Fault, (usize, Duration, Duration)> {
    let is_done = |event: &&Event| event.outcome == Outcome::Done && matches!(event.act, Act::Write(_));
    let mut done: Vec<Duration> = events.iter().filter(is_done).map(|event| event.returned).collect();
    done.sort_unstable();
    let mut lengths: BTreeMap<Fault, Vec<Duration>> = BTreeMap::new();
    for (fault, from, to) in struck {
        let within = done.iter().filter(|time| (from..=to).contains(time));
        let moments: Vec<Duration> = [*from].into_iter().chain(within.copied()).chain([*to]).collect();
        let longest = moments.windows(2).map(|two| two[1] - two[0]).max().unwrap_or_default();
        lengths.entry(*fault).or_default().push(longest);
    }
    let summary = |mut lengths: Vec<Duration>| {
        lengths.sort_unstable();
        (lengths.len(), lengths[lengths.len() / 2], lengths[lengths.len() - 1])
    };
    lengths.into_iter().map(|(fault, lengths)| (fault, summary(lengths))).collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, done, refused, unknown, registers, .. } = self;
        writeln!(
            f,
            "{} seed {}: {done} done, {refused} refused, {unknown} unknown; {registers} registers",
            plan.backend, plan.seed
        )?;
        for (fault, (times, median, most)) in &self.faults {
            writeln!(f, "  {fault:<18} {times:>4} ×  no write for {median:>8.1?} (median), {most:>8.1?} (most)")?;
        }
        for violation in self.violations.iter().take(10) {
            writeln!(f, "  VIOLATION {violation}")?;
        }
        for complaint in self.complaints.iter().take(10) {
            writeln!(f, "  COMPLAINT {complaint}")?;
        }
        write!(f, "  {} violations, {} complaints", self.violations.len(), self.complaints.len())
    }
}
