//! Load: what is sent, by wrk, and what wrk says about it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::http::{FRESH, KEY, Request};
use super::measure::cpu_micros;
use super::subject::Subject;
use crate::found::{can_install, failed_at, install};
use crate::step::{Result, ask, command, heading, told};

/// How much one gives way that goes on beside another.
const NICENESS: u32 = 10;

/// What is sent, taken at random: one of the keys, and of the kinds each so often as its weight says.
#[derive(Debug)]
pub(crate) struct Plan<'p> {
    pub(crate) keys: &'p [String],
    /// A weight, and a request for each account.
    pub(crate) kinds: Vec<(u32, Vec<Request>)>,
}

/// What came of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    pub(crate) requests: f64,
    pub(crate) seconds: f64,
    /// Microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Answers with a status of 400 and above, and answers that did not come.
    pub(crate) errors: u64,
    /// Microseconds on a processor.
    pub(crate) server_cpu: f64,
    pub(crate) database_cpu: f64,
}

impl Sample {
    pub(crate) fn per_second(&self) -> f64 {
        self.requests / self.seconds
    }
}

/// How often each status was answered; under 0, how often nothing.
pub(crate) type Statuses = BTreeMap<u16, u64>;

/// The load generator, and where it writes.
#[derive(Debug)]
pub(crate) struct Load {
    wrk: PathBuf,
    script: PathBuf,
    plan: PathBuf,
    /// As `nice` has it.
    niceness: u32,
    runs: u32,
}

impl Load {
    pub(crate) fn new(root: &Path, folder: &Path) -> Result<Self> {
        let script = root.join("bench/load/load.lua");
        Ok(Self { wrk: find(root)?, script, plan: folder.join("plan.txt"), niceness: 0, runs: 0 })
    }

    /// One that goes on beside another, and gives way to it and to the server.
    pub(crate) fn beside(root: &Path, folder: &Path) -> Result<Self> {
        Ok(Self { plan: folder.join("plan-beside.txt"), niceness: NICENESS, ..Self::new(root, folder)? })
    }

    /// Sends a plan to a subject for so many seconds, over so many connections.
    pub(crate) fn run(&mut self, subject: &Subject, plan: &Plan<'_>, connections: u32, seconds: u32) -> Result<Sample> {
        let cpu = || (cpu_micros(subject.server.id()), subject.database.map_or(0, cpu_micros));
        let before = cpu();
        let said = self.send(subject.server.port(), &written(plan), connections, seconds)?;
        let after = cpu();
        subject.server.forget_log();
        let Some(sample) = parse(&said) else { return told(format!("wrk said something else:\n{said}")) };
        let (server_cpu, database_cpu) = (after.0.saturating_sub(before.0), after.1.saturating_sub(before.1));
        Ok(Sample { server_cpu: server_cpu as f64, database_cpu: database_cpu as f64, ..sample })
    }

    /// The same to whoever listens on a port, where only the statuses of the answers matter.
    pub(crate) fn flood(&mut self, port: u16, plan: &Plan<'_>, connections: u32, seconds: u32) -> Result<Statuses> {
        let said = self.send(port, &format!("statuses\n{}", written(plan)), connections, seconds)?;
        match statuses(&said) {
            Some(statuses) if !statuses.is_empty() => Ok(statuses),
            _ => told(format!("nobody was answered, says wrk:\n{said}")),
        }
    }

    /// Has wrk send a plan, and gives what it says.
    fn send(&mut self, port: u16, plan: &str, connections: u32, seconds: u32) -> Result<String> {
        fs::write(&self.plan, plan).map_err(failed_at(&self.plan))?;
        self.runs += 1;
        let threads = if connections == 1 { 1 } else { 2 };
        let (script, plan, seed) = (self.script.display(), self.plan.display(), self.runs);
        let mut wrk = command(Path::new("."), "nice", &["-n", &self.niceness.to_string()]);
        wrk.arg(&self.wrk).args([&format!("-t{threads}"), &format!("-c{connections}"), &format!("-d{seconds}s")]);
        wrk.args(["--latency", "--timeout", "20s", "-s"]).arg(script.to_string());
        wrk.args([&format!("http://127.0.0.1:{port}"), "--", &plan.to_string(), &seed.to_string()]);
        ask(wrk).or_else(|reason| told(format!("wrk failed: {reason}")))
    }
}

/// A plan as bench/load/load.lua reads it.
fn written(plan: &Plan<'_>) -> String {
    let mut text = String::new();
    for key in plan.keys {
        text += &format!("key {key}\n");
    }
    let sample = plan.keys.first().map_or("", String::as_str);
    for (weight, requests) in &plan.kinds {
        text += &format!("kind {weight}\n");
        for request in requests {
            let request = request.text(sample);
            let escaped = request.replace('\\', "\\\\").replace('\r', "\\r").replace('\n', "\\n").replace('\t', "\\t");
            text += &format!("from {}\n", escaped.replace(KEY, "\t").replace(FRESH, "\t"));
        }
    }
    text
}

/// Reads the lines `bench <name> <number>` that the script prints at the end.
fn parse(said: &str) -> Option<Sample> {
    let number = |name: &str| {
        let mut lines = said.lines().filter_map(|line| line.strip_prefix("bench ")?.split_once(' '));
        lines.find(|(given, _)| *given == name)?.1.trim().parse::<f64>().ok()
    };
    Some(Sample {
        requests: number("requests")?,
        seconds: number("microseconds").filter(|micros| *micros > 0.0)? / 1e6,
        p50: number("p50")?,
        p99: number("p99")?,
        errors: (number("refused")? + number("broken")?) as u64,
        server_cpu: 0.0,
        database_cpu: 0.0,
    })
}

/// Reads the lines `bench status <status> <number>`, and how often nothing was answered.
fn statuses(said: &str) -> Option<Statuses> {
    let mut statuses = Statuses::new();
    for line in said.lines() {
        if let Some((status, number)) = line.strip_prefix("bench status ").and_then(|rest| rest.split_once(' ')) {
            statuses.insert(status.parse().ok()?, number.trim().parse().ok()?);
        }
    }
    let broken = said.lines().find_map(|line| line.strip_prefix("bench broken "))?.trim().parse().ok()?;
    if broken > 0 {
        statuses.insert(0, broken);
    }
    Some(statuses)
}

/// wrk of the PATH, which root gets from Debian's packages where it is missing.
fn find(root: &Path) -> Result<PathBuf> {
    if let Some(found) = super::install::on_path("wrk") {
        return Ok(found);
    }
    if can_install(root) {
        heading("wrk: installing it");
        install(root, &["wrk"])?;
        if let Some(found) = super::install::on_path("wrk") {
            return Ok(found);
        }
    }
    told("The benchmark sends its load with wrk. Install it (Debian: `apt-get install wrk`)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wrk_says_is_read() {
        let said = "Running 2s test\n  Latency  2.39ms\nRequests/sec: 4254.96\nbench requests 8661\n\
                    bench microseconds 2000000\nbench p50 1862\nbench p99 16468\nbench refused 3\nbench broken 4\n";
        let sample = parse(said).expect("a sample");
        assert_eq!((sample.p50, sample.p99, sample.errors), (1862.0, 16468.0, 7));
        assert!((sample.per_second() - 4330.5).abs() < 1e-9);
        assert_eq!(parse("Running 2s test\nbench requests 8661\n"), None);
        assert_eq!(parse(&said.replace("2000000", "0")), None);
    }

    #[test]
    fn statuses_are_counted_one_by_one() {
        let said = "bench requests 9\nbench status 200 5\nbench status 503 4\nbench broken 0\n";
        assert_eq!(statuses(said), Some(Statuses::from([(200, 5), (503, 4)])));
        assert_eq!(statuses("bench broken 2\n"), Some(Statuses::from([(0, 2)])));
        assert_eq!(statuses("bench status 200 5\n"), None);
        assert_eq!(statuses("bench status 200 many\nbench broken 0\n"), None);
    }

    #[test]
    fn a_plan_is_lines() {
        let keys = ["k1".to_owned(), "k2".to_owned()];
        let get = Request::get(format!("/s/{KEY}"));
        let post = Request::post(format!("/t/{KEY}"), format!(r#"{{"a":"\\{FRESH}"}}"#));
        let keyless = Request::post("/u", "{}");
        let plan = Plan { keys: &keys, kinds: vec![(95, vec![get]), (5, vec![post, keyless])] };
        let text = written(&plan);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..3], ["key k1", "key k2", "kind 95"]);
        assert_eq!(lines[3], "from GET /s/\t HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n\\r\\n");
        assert_eq!(lines[4], "kind 5");
        let (path, rest) = lines[5].split_once('\t').expect("a place for the key");
        let (head, tail) = rest.split_once('\t').expect("a place for what is new");
        assert_eq!((path, tail), ("from POST /t/", "\"}"));
        assert!(head.ends_with(r#"Content-Length: 18\r\n\r\n{"a":"\\\\"#), "{head}");
        assert!(lines[6].starts_with("from POST /u ") && !lines[6].contains('\t'), "{}", lines[6]);
        assert_eq!(lines.len(), 7);
    }
}
