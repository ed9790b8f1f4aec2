//! Ten times as many at once as are let in: what they are told, and what is left of it afterwards.

use std::time::Duration;

use super::super::Bench;
use super::super::goals::{Bound, Goal, Measured};
use super::super::keybin::Store;
use super::super::load::{Load, Plan};
use super::super::measure::{Held, held};
use super::super::shape::What;
use super::report::{cell, count, unlike};
use super::watch::watched;
use super::{Finding, Flood, told};
use crate::step::Result;

pub(super) const FLOOD: Flood = Flood {
    name: "overload",
    what: "A server that lets 64 requests be under way at once (`[LIMITS] requests`, everything else as it is by default) \
           gets 640 connections for a minute: of 10 requests 7 read, 2 write and 1 logs in with the right password. What it \
           holds is looked at each second; before and after, 8 connections read.",
    head: "| store | answers/s | answers | resident MiB before | peak | after | open files before | peak | after | threads \
           before | peak | after | GET p50 µs before | after | p99 before | after |\n\
           |---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    measure,
};

/// Requests that may be under way.
const LET_IN: &str = "64";

const CONNECTIONS: u32 = 640;

/// Connections and seconds of a load that is none too much.
const WARM: (u32, u32) = (32, 5);

const SECONDS: u32 = 60;

/// How long a connection is kept on which nothing comes, and a little more.
const SETTLED: Duration = Duration::from_secs(7);

/// What a flood may be answered: what was asked for, or to come again.
const ALLOWED: [u16; 4] = [200, 201, 429, 503];

/// More of the memory than this is not as before: pages of the store come and go.
const MEMORY: f64 = 1.25;

/// Files that the store or the driver may have opened for itself.
const FILES: f64 = 8.0;

/// More of the latency than this is not as before.
const LATENCY: f64 = 1.5;

fn measure(bench: &mut Bench<'_>, store: Store<'_>, beside: &mut Load) -> Result<Finding> {
    let subject = bench.server(store, "overload", &[("KEYBIN_LIMITS_REQUESTS", LET_IN)])?;
    let (process, port) = (subject.server.id(), subject.server.port());
    let requests = |what| (subject.dialect)(what);
    let mut plan = Plan { keys: &subject.keys, kinds: vec![(7, requests(What::Read)?), (2, requests(What::Write)?)] };
    // So that the pages of the store are in memory that will be there anyway.
    if !bench.options.smoke {
        beside.flood(port, &plan, WARM.0, WARM.1)?;
        bench.rest(SETTLED);
    }
    plan.kinds.push((1, requests(What::LogIn)?));
    let calm = bench.others(&subject, "before")?;
    let before = held(process);
    let seconds = bench.seconds(SECONDS);
    let (statuses, peak) = watched(process, || beside.flood(port, &plan, bench.connections(CONNECTIONS), seconds));
    let statuses = statuses?;
    eprintln!("overload: {}", count(&statuses));
    subject.server.forget_log();
    bench.rest(SETTLED);
    let again = bench.others(&subject, "after")?;
    let (Some(before), Some(peak), Some(after)) = (before, peak, held(process)) else {
        return told("the server is gone");
    };

    let goal = |what: &str, most, measured| Goal {
        what: format!("{}: overload: {what}", store.subject()),
        bound: Bound::AtMost(most),
        measured: Some(Measured::Ratio(measured)),
    };
    let ratio = |of: fn(Held) -> u64| of(after) as f64 / of(before).max(1) as f64;
    let mut goals = vec![
        goal("other answers than 200, 201, 429 and 503, or none", 0.0, unlike(&statuses, &ALLOWED)),
        goal("resident memory after : before", MEMORY, ratio(|held| held.bytes)),
        goal("open files after − before", FILES, after.files as f64 - before.files as f64),
        goal("threads after : before", 1.0, ratio(|held| held.threads)),
    ];
    let errors = calm.errors + again.errors > 0 || again.requests < 1.0;
    let latency = if errors { Measured::Failed } else { Measured::Ratio(again.p50 / calm.p50.max(1.0)) };
    goals.push(Goal {
        what: format!("{}: overload: GET p50 after : before", store.subject()),
        bound: Bound::AtMost(LATENCY),
        measured: Some(latency),
    });
    let answers: u64 = statuses.values().sum();
    let mut cells = vec![store.subject().to_owned(), cell(answers as f64 / f64::from(seconds)), count(&statuses)];
    cells.extend([before, peak, after].map(|held| format!("{:.1}", held.bytes as f64 / 1_048_576.0)));
    cells.extend([before, peak, after].map(|held| held.files.to_string()));
    cells.extend([before, peak, after].map(|held| held.threads.to_string()));
    cells.extend([calm.p50, again.p50, calm.p99, again.p99].map(cell));
    Ok(Finding { goals, rows: vec![format!("| {} |\n", cells.join(" | "))] })
}
