//! Whether a log-in tells by its time that a name is known.

use std::time::Instant;

use super::super::Bench;
use super::super::goals::{Bound, Goal, Measured};
use super::super::keybin::{LOGGING_IN, Store, entering};
use super::super::load::Load;
use super::super::stats::Spread;
use super::{Finding, Flood, UNLIMITED, stranger, told, wrong_log_in};
use crate::step::Result;

pub(super) const FLOOD: Flood = Flood {
    name: "known and unknown names",
    what: "Log-ins with a wrong password, one after the other, each over a connection of its own, by turns with a name that \
           somebody has and one that nobody has; cost 12, no limits.",
    head: "| store | tries of each | known: ms | unknown: ms |\n|---|---:|---:|---:|\n",
    measure,
};

/// How far the medians may be apart.
const APART: f64 = 0.05;

fn measure(bench: &mut Bench<'_>, store: Store<'_>, _beside: &mut Load) -> Result<Finding> {
    let subject = bench.server(store, "timing", &UNLIMITED)?;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for number in 0..bench.options.tries {
        let pair = [(entering(number % LOGGING_IN), &mut known), (stranger(number % LOGGING_IN), &mut unknown)];
        for (name, times) in pair {
            let start = Instant::now();
            let answer = wrong_log_in(&name).send(subject.server.port(), "")?;
            if answer.status != 403 {
                return told(format!("a log-in with a wrong password gave {} {}", answer.status, answer.body));
            }
            times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
        if (number + 1) % 50 == 0 {
            eprintln!("{} of {}", number + 1, bench.options.tries);
        }
    }
    let (Some(one), Some(other)) = (Spread::of(known), Spread::of(unknown)) else { return told("nothing was tried") };
    let goal = Goal {
        what: format!("{}: median time of a log-in: known and unknown name apart", store.subject()),
        bound: Bound::AtMost(APART),
        measured: Some(Measured::Ratio((one.median / other.median - 1.0).abs())),
    };
    let [one, other] = [one, other].map(|it| format!("{:.2} ({:.0}–{:.0})", it.median, it.min, it.max));
    let row = format!("| {} | {} | {one} | {other} |\n", store.subject(), bench.options.tries);
    Ok(Finding { goals: vec![goal], rows: vec![row] })
}
