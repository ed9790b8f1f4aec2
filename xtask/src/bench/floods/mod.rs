//! `cargo xtask bench --floods`: what becomes of everybody else, and of the server, while somebody floods it.
//!
//! What is measured is held against what was measured a moment before and after, so that what disturbs the machine for
//! longer disturbs both.

mod crowd;
mod overload;
mod report;
mod slow;
mod storm;
mod timing;
mod watch;

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use super::goals::Goal;
use super::http::Request;
use super::keybin::{self, Size, Store, entering};
use super::load::{Load, Sample};
use super::shape::{Shape, get};
use super::subject::Subject;
use super::{Bench, machine};
use crate::step::{Failure, Result, ask, command, heading, told};

/// What each server holds.
const SIZE: Size = Size { accounts: 16, keys: 1000, bytes: 100 };

/// The others, who only read.
const OTHERS: Shape = get(8);

/// Files that this process and each server may have open.
const FILES: u64 = 8192;

/// A server that turns nobody away for having been there before.
const UNLIMITED: [(&str, &str); 3] =
    [("KEYBIN_LIMITS_WRONG_PASSWORDS", "0"), ("KEYBIN_LIMITS_LOG_INS", "0"), ("KEYBIN_LIMITS_REGISTRATIONS", "0")];

/// What one flood did on one store.
#[derive(Debug)]
struct Finding {
    goals: Vec<Goal>,
    /// Rows for the table of the flood.
    rows: Vec<String>,
}

/// A flood: what it is called, the head of its table, and how it is measured.
struct Flood {
    name: &'static str,
    what: &'static str,
    head: &'static str,
    measure: fn(&mut Bench<'_>, Store<'_>, &mut Load) -> Result<Finding>,
}

const FLOODS: [Flood; 4] = [storm::FLOOD, overload::FLOOD, slow::FLOOD, timing::FLOOD];

/// Measures all of it, and writes FLOODS.md after each of it, so that a run that is broken off leaves what it found.
pub(super) fn run(root: &Path, bench: &mut Bench<'_>) -> Result {
    make_room_for_files()?;
    let folder = if bench.options.smoke { root.join("target/bench/smoke") } else { root.join("bench") };
    let mut machine = machine::described(root);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    machine.push(format!("load averages before it began: {}", load.split(' ').take(3).collect::<Vec<_>>().join(", ")));
    let mut beside = Load::beside(root, bench.work)?;
    let mut found: Vec<(&Flood, Vec<Finding>)> = Vec::new();
    for flood in &FLOODS {
        found.push((flood, Vec::new()));
        for store in [Store::Embedded, Store::MongoDb(bench.database)] {
            let label = format!("{}: {}", flood.name, store.subject());
            // A trial is of what floods, which is the same on both.
            let wanted = if bench.options.smoke { store.is_embedded() } else { bench.options.wants(&label) };
            if wanted {
                heading(&label);
                let finding = (flood.measure)(bench, store, &mut beside)?;
                if let Some((_, findings)) = found.last_mut() {
                    findings.push(finding);
                }
                report::write(&folder, &machine, bench.options, &found)?;
            }
        }
    }
    if !bench.options.smoke {
        println!("{}", report::goals_table(&found));
    }
    Ok(())
}

/// Lets this process, and what it starts, have enough files open.
fn make_room_for_files() -> Result {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let most = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    if most.is_none_or(|most| most >= FILES) {
        return Ok(());
    }
    let (process, wanted) = (std::process::id().to_string(), format!("--nofile={FILES}:"));
    ask(command(Path::new("."), "prlimit", &["--pid", &process, &wanted]))
        .map(|_| ())
        .map_err(|reason| Failure::Told(format!("no {FILES} files may be open: {reason}")))
}

impl Bench<'_> {
    /// Starts a server for a flood.
    fn server(&self, store: Store<'_>, label: &str, settings: &[(&str, &str)]) -> Result<Subject> {
        let size = if self.options.smoke { super::SMALL } else { SIZE };
        let subject = keybin::start_with(self.keybin, self.work, store, size, label, settings)?;
        subject.check()?;
        Ok(subject)
    }

    /// How the others fare.
    fn others(&mut self, subject: &Subject, label: &str) -> Result<Sample> {
        match self.measure(subject, OTHERS, label)? {
            Some(sample) if sample.errors > 0 && self.options.smoke => told(format!("{label}: requests failed")),
            Some(sample) => Ok(sample),
            None => told(format!("{} has nothing to read", subject.name)),
        }
    }

    /// How they fare once more; in a trial, as before.
    fn others_again(&mut self, before: Sample, subject: &Subject, label: &str) -> Result<Sample> {
        if self.options.smoke { Ok(before) } else { self.others(subject, label) }
    }

    /// Waits; not in a trial.
    fn rest(&self, time: Duration) {
        if !self.options.smoke {
            sleep(time);
        }
    }

    /// Seconds, or one in a trial.
    fn seconds(&self, seconds: u32) -> u32 {
        if self.options.smoke { 1 } else { seconds }
    }

    /// A number of connections, or a few in a trial.
    fn connections(&self, connections: u32) -> u32 {
        if self.options.smoke { connections.div_ceil(20) } else { connections }
    }
}

/// Log-ins with a wrong password, of so many accounts, and of as many names that nobody has.
fn wrong_log_ins(accounts: u32) -> Vec<Request> {
    (0..accounts).flat_map(|account| [entering(account), stranger(account)]).map(|name| wrong_log_in(&name)).collect()
}

fn wrong_log_in(name: &str) -> Request {
    let body = format!("{{\"username\":\"{name}\",\"password\":\"wrong battery staple\",\"client_id\":\"guest\"}}");
    Request::post("/token", body)
}

/// A name that nobody has, as long as that of somebody who logs in.
fn stranger(number: u32) -> String {
    format!("ghost{number:05}")
}

#[cfg(test)]
mod tests {
    use super::super::keybin::LOGGING_IN;
    use super::*;

    #[test]
    fn known_and_unknown_names_are_of_one_length() {
        let texts: Vec<String> = wrong_log_ins(LOGGING_IN).iter().map(|request| request.text("")).collect();
        assert_eq!(texts.len(), 2 * LOGGING_IN as usize);
        assert!(texts.iter().all(|text| text.len() == texts[0].len()));
    }
}
