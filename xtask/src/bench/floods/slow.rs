//! Clients that only hold their connections, or send a body a byte at a time: what they do to the others.

use std::sync::mpsc::channel;
use std::thread::scope;
use std::time::{Duration, Instant};

use super::super::Bench;
use super::super::goals::{Bound, Goal, Measured};
use super::super::keybin::Store;
use super::super::load::{Load, Sample, Statuses};
use super::super::measure::{Held, held};
use super::super::stats::Spread;
use super::super::subject::Subject;
use super::crowd::{self, Size};
use super::report::{count, shown};
use super::watch::watched;
use super::{Finding, Flood, told};
use crate::step::Result;

pub(super) const FLOOD: Flood = Flood {
    name: "slow clients",
    what: "2,000 connections on which nothing is sent, and 500 on which the body of a `POST /token` or `POST /register` comes \
           at a byte a second, are held for half a minute in each round; who is cut off comes again at once. Before, \
           meanwhile and after, 8 connections read.",
    head: "| store | slow ones were told | GET p50 µs without | with | GET p99 µs without | with | resident MiB before | peak | \
           after | open files before | peak | after | threads before | peak | after |\n\
           |---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    measure,
};

const IDLE: u32 = 2000;
const DRIPPING: u32 = 500;

/// How long they are held.
const HOLD: u32 = 30;

/// A slow one may cost this much memory, in KiB.
const MEMORY: f64 = 16.0;

/// Files that the store or the driver may have opened for itself.
const FILES: f64 = 8.0;

/// How long the server may take to notice that they are gone.
const SETTLED: Duration = Duration::from_secs(2);

/// What came of the rounds.
#[derive(Default)]
struct Rounds {
    without: Vec<Sample>,
    with: Vec<Sample>,
    told: Statuses,
    held: Vec<[Held; 3]>,
}

fn measure(bench: &mut Bench<'_>, store: Store<'_>, _beside: &mut Load) -> Result<Finding> {
    let subject = bench.server(store, "slow", &[])?;
    let mut rounds = Rounds::default();
    // So that the pages of the store are in memory.
    if !bench.options.smoke {
        bench.others(&subject, "warm")?;
    }
    for round in 1..=bench.options.rounds {
        rounds.add(bench, &subject, &format!("round {round}"))?;
    }
    Ok(Finding { goals: rounds.goals(bench, store.subject()), rows: vec![rounds.row(store.subject())] })
}

impl Rounds {
    fn add(&mut self, bench: &mut Bench<'_>, subject: &Subject, label: &str) -> Result {
        let (process, port) = (subject.server.id(), subject.server.port());
        let calm = bench.others(subject, &format!("{label}: before"))?;
        let before = held(process);
        let size = Size { idle: bench.connections(IDLE), dripping: bench.connections(DRIPPING) };
        let (told_them, peak) = watched(process, || {
            let (ready, is_ready) = channel();
            let (going_on, over) = channel::<()>();
            scope(|threads| {
                let crowd = threads.spawn(move || crowd::hold(port, size, &ready, &over));
                let measured = is_ready.recv().map_or(Ok(()), |()| self.among_them(bench, subject, label));
                drop(going_on);
                let Ok(crowd) = crowd.join() else { return told("the slow clients ended early") };
                measured.and(crowd)
            })
        });
        for (status, number) in told_them? {
            *self.told.entry(status).or_default() += number;
        }
        bench.rest(SETTLED);
        self.without.extend([calm, bench.others_again(calm, subject, &format!("{label}: after"))?]);
        let (Some(before), Some(peak), Some(after)) = (before, peak, held(process)) else {
            return told("the server is gone");
        };
        eprintln!("{label}: {}, {} files, {} MiB", count(&self.told), peak.files, peak.bytes >> 20);
        self.held.push([before, peak, after]);
        Ok(())
    }

    /// Measures the others for as long as the slow ones are to be held.
    fn among_them(&mut self, bench: &mut Bench<'_>, subject: &Subject, label: &str) -> Result {
        let start = Instant::now();
        loop {
            self.with.push(bench.others(subject, &format!("{label}: with slow ones"))?);
            if start.elapsed() >= Duration::from_secs(bench.seconds(HOLD).into()) {
                return Ok(());
            }
        }
    }

    fn goals(&self, bench: &Bench<'_>, name: &str) -> Vec<Goal> {
        let errors: u64 = self.without.iter().chain(&self.with).map(|sample| sample.errors).sum();
        let median =
            |samples: &[Sample], of: fn(&Sample) -> f64| Spread::of(samples.iter().map(of)).map(|it| it.median);
        let ratio = |of: fn(&Sample) -> f64| match (median(&self.with, of), median(&self.without, of)) {
            _ if errors > 0 => Some(Measured::Failed),
            (Some(with), Some(without)) => Some(Measured::Ratio(with / without.max(1.0))),
            _ => None,
        };
        let most = |of: &dyn Fn(&[Held; 3]) -> f64| {
            Spread::of(self.held.iter().map(of)).map(|spread| Measured::Ratio(spread.max))
        };
        let each = f64::from(bench.connections(IDLE) + bench.connections(DRIPPING)) * 1024.0;
        let goal = |what: &str, most, measured| Goal {
            what: format!("{name}: slow clients: {what}"),
            bound: Bound::AtMost(most),
            measured,
        };
        vec![
            goal("GET p50 with : without", 1.5, ratio(|sample| sample.p50)),
            goal("GET p99 with : without", 3.0, ratio(|sample| sample.p99)),
            goal(
                "KiB of memory for each",
                MEMORY,
                most(&|[before, peak, _]| peak.bytes.saturating_sub(before.bytes) as f64 / each),
            ),
            goal(
                "open files after − before",
                FILES,
                most(&|[before, _, after]| after.files as f64 - before.files as f64),
            ),
        ]
    }

    fn row(&self, name: &str) -> String {
        let figures = |samples: &[Sample], of: fn(&Sample) -> f64| shown(samples.iter().map(of));
        let mut cells = vec![
            name.to_owned(),
            count(&self.told),
            figures(&self.without, |sample| sample.p50),
            figures(&self.with, |sample| sample.p50),
            figures(&self.without, |sample| sample.p99),
            figures(&self.with, |sample| sample.p99),
        ];
        let columns: [fn(&Held) -> f64; 3] =
            [|held| (held.bytes as f64 / 1_048_576.0).round(), |held| held.files as f64, |held| held.threads as f64];
        for column in columns {
            cells.extend((0..3).map(|moment| shown(self.held.iter().map(|held| column(&held[moment])))));
        }
        format!("| {} |\n", cells.join(" | "))
    }
}
