//! What Keybin must reach, as ratios within one run, and whether it does.
//!
//! A ratio is that of two medians. Where a run had errors, nothing is reached; where something was not measured, nothing
//! is said.

use super::floor::{LIMIT, PLAIN};
use super::keybin::{EMBEDDED, MONGODB};
use super::peers::ETCD;
use super::results::{Results, Series};
use super::shape::{Shape, What, door, get, post};

/// Bytes of memory that the server may have beside the cache of the store.
const MEMORY: f64 = 64.0 * 1024.0 * 1024.0;

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Goal {
    pub(crate) what: String,
    pub(crate) bound: Bound,
    /// `None` where it was not measured.
    pub(crate) measured: Option<Measured>,
}

/// Where a ratio must lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Measured {
    Ratio(f64),
    /// One of both sides answered with errors.
    Failed,
}

impl Goal {
    pub(crate) fn verdict(&self) -> &'static str {
        match (self.measured, self.bound) {
            (None, _) => "not measured",
            (Some(Measured::Failed), _) => "not reached (errors)",
            (Some(Measured::Ratio(ratio)), Bound::AtLeast(least)) if ratio >= least => "reached",
            (Some(Measured::Ratio(ratio)), Bound::AtMost(most)) if ratio <= most => "reached",
            _ => "not reached",
        }
    }
}

/// Every goal, held against what was measured.
pub(crate) fn all(results: &Results) -> Vec<Goal> {
    let mut all = Vec::new();
    let throughput = |a: (&str, Shape), b: (&str, Shape)| {
        ratio(results.find(a.0, a.1), results.find(b.0, b.1), |series| series.per_second().map(|spread| spread.median))
    };
    let mut at_least = |what: &str, least: f64, measured| {
        all.push(Goal { what: what.to_owned(), bound: Bound::AtLeast(least), measured });
    };

    let (mongo_get, mongo_post) = ((MONGODB, get(128)), (MONGODB, post(128)));
    at_least("MongoDB GET, 128 connections : the plain handler", 5.0, throughput(mongo_get, (PLAIN, get(128))));
    at_least("MongoDB GET, 128 connections : the limit", 0.5, throughput(mongo_get, (LIMIT, get(128))));
    at_least("MongoDB POST, 128 connections : the plain handler", 4.0, throughput(mongo_post, (PLAIN, post(128))));
    at_least("MongoDB POST, 128 connections : etcd's PUT", 1.0, throughput(mongo_post, (ETCD, post(128))));
    // The limit is one figure, that of reading; for writing it is the stricter one.
    at_least("embedded GET, 128 connections : the limit", 0.85, throughput((EMBEDDED, get(128)), (LIMIT, get(128))));
    at_least("embedded POST, 128 connections : the limit", 0.5, throughput((EMBEDDED, post(128)), (LIMIT, get(128))));
    for store in [MONGODB, EMBEDDED] {
        for (what, name) in [(What::ReadByPassword, "Basic"), (What::ReadByJwt, "JWT")] {
            let measured = throughput((store, door(what)), (store, get(128)));
            at_least(&format!("{store}: GET with {name} : with the token in the path"), 0.9, measured);
        }
    }
    for store in [MONGODB, EMBEDDED] {
        for (name, shape) in [("GET", get(128)), ("POST", post(128))] {
            let at = |documents| results.grown("documents", documents, store, shape);
            let rate = |series: &Series| series.per_second().map(|spread| spread.median);
            let measured = ratio(at(1_000_000), at(10_000), rate);
            at_least(&format!("{store}: {name} with 10⁶ documents : with 10⁴"), 0.85, measured);
        }
    }

    let mut at_most = |what: String, most: f64, measured| {
        all.push(Goal { what, bound: Bound::AtMost(most), measured });
    };
    let p50 = |series: &Series| series.figure(|sample| sample.p50).map(|spread| spread.median);
    let alone = ratio(results.find(MONGODB, get(1)), results.find(PLAIN, get(1)), p50);
    at_most("MongoDB GET, 1 connection, p50 : the plain handler's".to_owned(), 1.0, alone);
    for store in [MONGODB, EMBEDDED] {
        for (name, shape) in [("GET", get(128)), ("POST", post(128))] {
            let measured = results.find(store, shape).and_then(|series| {
                let tail = series.figure(|sample| sample.p99 / sample.p50.max(1.0))?.median;
                Some(if series.errors() > 0 { Measured::Failed } else { Measured::Ratio(tail) })
            });
            at_most(format!("{store}: p99 : p50 of {name}, 128 connections"), 3.0, measured);
        }
    }
    for store in [MONGODB, EMBEDDED] {
        let peak = results.peaks.iter().find(|peak| peak.subject == store);
        let measured = peak.map(|peak| Measured::Ratio(peak.bytes.saturating_sub(peak.cache_bytes) as f64 / MEMORY));
        at_most(format!("{store}: peak memory beside the cache of the store, 256 connections : 64 MiB"), 1.0, measured);
    }
    all
}

fn ratio(a: Option<&Series>, b: Option<&Series>, of: impl Fn(&Series) -> Option<f64>) -> Option<Measured> {
    let (a, b) = (a?, b?);
    if a.errors() + b.errors() > 0 {
        return Some(Measured::Failed);
    }
    let (above, below) = (of(a)?, of(b)?);
    (below > 0.0).then(|| Measured::Ratio(above / below))
}

#[cfg(test)]
mod tests {
    use super::super::load::Sample;
    use super::super::results::Peak;
    use super::*;

    fn sample(requests: f64, p50: f64, p99: f64) -> Sample {
        Sample { requests, seconds: 1.0, p50, p99, ..Sample::default() }
    }

    fn goal(results: &Results, what: &str) -> Goal {
        all(results).into_iter().find(|goal| goal.what.contains(what)).expect("the goal")
    }

    #[test]
    fn nothing_is_said_of_what_was_not_measured() {
        assert!(all(&Results::default()).iter().all(|goal| goal.verdict() == "not measured"));
    }

    #[test]
    fn a_ratio_is_that_of_medians() {
        let mut results = Results::default();
        for rate in [90.0, 500.0, 510.0] {
            results.add(MONGODB, get(128), sample(rate, 1.0, 2.0));
        }
        results.add(PLAIN, get(128), sample(100.0, 1.0, 2.0));
        let first = goal(&results, "the plain handler");
        assert_eq!((first.measured, first.verdict()), (Some(Measured::Ratio(5.0)), "reached"));
        results.add(LIMIT, get(128), sample(1001.0, 1.0, 2.0));
        assert_eq!(goal(&results, "MongoDB GET, 128 connections : the limit").verdict(), "not reached");
    }

    #[test]
    fn who_is_slower_alone_or_has_a_tail_does_not_reach() {
        let mut results = Results::default();
        results.add(MONGODB, get(1), sample(10.0, 201.0, 300.0));
        results.add(PLAIN, get(1), sample(10.0, 200.0, 300.0));
        assert_eq!(goal(&results, "1 connection, p50").verdict(), "not reached");
        results.add(EMBEDDED, post(128), sample(10.0, 100.0, 300.0));
        assert_eq!(goal(&results, "embedded: p99 : p50 of POST").verdict(), "reached");
    }

    #[test]
    fn errors_reach_nothing() {
        let mut results = Results::default();
        results.add(MONGODB, get(128), Sample { errors: 1, ..sample(1e6, 1.0, 2.0) });
        results.add(LIMIT, get(128), sample(1.0, 1.0, 2.0));
        assert_eq!(goal(&results, "MongoDB GET, 128 connections : the limit").verdict(), "not reached (errors)");
    }

    #[test]
    fn memory_is_what_is_beside_the_cache() {
        let mebibytes = |n: u64| n * 1024 * 1024;
        let peak = |bytes, cache_bytes| Peak { subject: EMBEDDED.to_owned(), bytes, cache_bytes };
        for (peak, verdict) in
            [(peak(mebibytes(100), mebibytes(36)), "reached"), (peak(mebibytes(100), mebibytes(35)), "not reached")]
        {
            let results = Results { peaks: vec![peak], ..Results::default() };
            assert_eq!(goal(&results, "embedded: peak memory").verdict(), verdict);
        }
    }
}
