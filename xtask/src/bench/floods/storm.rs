//! A storm of log-ins with wrong passwords: what it does to those who read, and to a cheap request.

use std::thread::scope;
use std::time::Duration;

use super::super::Bench;
use super::super::goals::{Bound, Goal, Measured};
use super::super::keybin::{LOGGING_IN, Store};
use super::super::load::{Load, Plan, Sample, Statuses};
use super::super::stats::Spread;
use super::super::subject::Subject;
use super::report::{cell, count, shown, unlike};
use super::watch::{Probes, probed};
use super::{Finding, Flood, UNLIMITED, told, wrong_log_ins};
use crate::step::Result;

pub(super) const FLOOD: Flood = Flood {
    name: "a storm of log-ins",
    what: "64 connections send `POST /token` with wrong passwords as fast as they are answered; the hashes are of cost 12. \
           Where the limits are those by default, it is to a known and to an unknown name, and such a storm has gone on until \
           the limits have noticed; where there are none (`[LIMITS] wrong_passwords=0`, `log_ins=0`), it is to eight of each. \
           Meanwhile 8 connections read documents, and `GET /healthz` is asked over a new connection every 10 ms. Ratios are \
           those of the p99 in the storm and the mean of that just before and just after it. The wrk that storms runs at \
           nice 10, so that it leaves the processors to the server and to those who read.",
    head: "| limits | store | storm: answers/s | storm: answers | GET/s calm | GET/s in the storm | GET p99 µs calm | \
           GET p99 µs in the storm | health p50 ms | p99 | most |\n|---|---|---:|---|---:|---:|---:|---:|---:|---:|---:|\n",
    measure,
};

/// Those that storm.
const CONNECTIONS: u32 = 64;

/// Accounts whose passwords are guessed where that is limited, and unknown names beside them: many would take bcrypt the
/// longer until they are all over their limit.
const ONE: u32 = 1;

/// How much longer a storm goes on than what is measured in it.
const MARGIN: u32 = 2;

/// How long it takes until all of them have connected.
const CONNECTED: Duration = Duration::from_millis(1000);

/// How long it goes on, again and again, until the limits have noticed; and how often at the most. They do when enough
/// guesses were found wrong, which takes bcrypt its time.
const NOTICED: (u32, u32) = (4, 15);

/// What came of the rounds.
#[derive(Default)]
struct Rounds {
    calm: Vec<Sample>,
    stormy: Vec<Sample>,
    ratios: Vec<f64>,
    probes: Probes,
    statuses: Statuses,
    seconds: u32,
}

fn measure(bench: &mut Bench<'_>, store: Store<'_>, beside: &mut Load) -> Result<Finding> {
    let mut finding = Finding { goals: Vec::new(), rows: Vec::new() };
    let limited = bench.server(store, "limited", &[])?;
    for _ in 0..if bench.options.smoke { 0 } else { NOTICED.1 } {
        let statuses = storm(beside, limited.server.port(), ONE, NOTICED.0)?;
        eprintln!("limits on: {}", count(&statuses));
        if unlike(&statuses, &[429]) * 100.0 < statuses.get(&429).copied().unwrap_or(0) as f64 {
            break;
        }
    }
    let unlimited = bench.server(store, "unlimited", &UNLIMITED)?;
    let (mut with, mut without) = (Rounds::default(), Rounds::default());
    for round in 1..=bench.options.rounds {
        with.add(bench, &limited, beside, ONE, &format!("round {round}, limits on"))?;
        without.add(bench, &unlimited, beside, LOGGING_IN, &format!("round {round}, limits off"))?;
    }
    for (limits, rounds, allowed) in [("on", &with, &[403, 429, 503][..]), ("off", &without, &[403, 503])] {
        finding.rows.push(rounds.row(limits, store));
        finding.goals.extend(rounds.goals(&format!("{}: storm, limits {limits}", store.subject()), allowed));
    }
    let what = format!("{}: storm, limits on: share of 429 in the answers", store.subject());
    let measured = Some(Measured::Ratio(1.0 - unlike(&with.statuses, &[429]) / with.answers().max(1.0)));
    finding.goals.push(Goal { what, bound: Bound::AtLeast(0.95), measured });
    Ok(finding)
}

/// The storm itself.
fn storm(load: &mut Load, port: u16, names: u32, seconds: u32) -> Result<Statuses> {
    load.flood(port, &Plan { keys: &[], kinds: vec![(1, wrong_log_ins(names))] }, CONNECTIONS, seconds)
}

impl Rounds {
    /// Measures what is calm, what is in a storm, and what is calm again.
    fn add(&mut self, bench: &mut Bench<'_>, subject: &Subject, beside: &mut Load, names: u32, label: &str) -> Result {
        let port = subject.server.port();
        let before = bench.others(subject, &format!("{label}: before"))?;
        let seconds = bench.options.seconds + if bench.options.smoke { 0 } else { MARGIN };
        let (statuses, stormy, probes) = scope(|threads| {
            let raging = threads.spawn(move || storm(beside, port, names, seconds));
            bench.rest(CONNECTED);
            let (stormy, probes) = probed(port, || bench.others(subject, &format!("{label}: storm")));
            (raging.join(), stormy, probes)
        });
        let (Ok(statuses), stormy) = (statuses, stormy?) else { return told("a storm ended early") };
        let statuses = statuses?;
        let after = bench.others_again(before, subject, &format!("{label}: after"))?;
        eprintln!("{label}: storm: {}, health p99 {:.1} ms", count(&statuses), probes.percentile(99));
        self.ratios.push(stormy.p99 / f64::midpoint(before.p99, after.p99).max(1.0));
        self.calm.extend([before, after]);
        self.stormy.push(stormy);
        self.probes.add(probes);
        self.seconds += seconds;
        for (status, number) in statuses {
            *self.statuses.entry(status).or_default() += number;
        }
        Ok(())
    }

    /// How many answers those who stormed got.
    fn answers(&self) -> f64 {
        self.statuses.values().sum::<u64>() as f64
    }

    fn goals(&self, what: &str, allowed: &[u16]) -> Vec<Goal> {
        let errors: u64 = self.calm.iter().chain(&self.stormy).map(|sample| sample.errors).sum();
        let ratio = Spread::of(self.ratios.iter().copied()).map(|spread| Measured::Ratio(spread.median));
        let goal = |figure: &str, most, measured| Goal {
            what: format!("{what}: {figure}"),
            bound: Bound::AtMost(most),
            measured,
        };
        let health = |figure| Some(if self.probes.lost > 0 { Measured::Failed } else { Measured::Ratio(figure) });
        vec![
            goal("GET p99 : calm", 3.0, if errors > 0 { Some(Measured::Failed) } else { ratio }),
            goal("health p99, ms", 100.0, health(self.probes.percentile(99))),
            goal("health most, ms", 100.0, health(self.probes.percentile(100))),
            goal("other answers or none", 0.0, Some(Measured::Ratio(unlike(&self.statuses, allowed)))),
        ]
    }

    fn row(&self, limits: &str, store: Store<'_>) -> String {
        let figures = |samples: &[Sample], of: fn(&Sample) -> f64| shown(samples.iter().map(of));
        let cells = [
            limits.to_owned(),
            store.subject().to_owned(),
            cell(self.answers() / f64::from(self.seconds.max(1))),
            count(&self.statuses),
            figures(&self.calm, Sample::per_second),
            figures(&self.stormy, Sample::per_second),
            figures(&self.calm, |sample| sample.p99),
            figures(&self.stormy, |sample| sample.p99),
            format!("{:.1}", self.probes.percentile(50)),
            format!("{:.1}", self.probes.percentile(99)),
            format!("{:.1} ({} probes)", self.probes.percentile(100), self.probes.took.len()),
        ];
        format!("| {} |\n", cells.join(" | "))
    }
}
