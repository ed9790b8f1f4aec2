//! `cargo xtask bench`: how fast Keybin is, beside the limit, a plain handler, and what people would pick instead.
//!
//! Everything runs on one machine and in turns: every subject once with a shape of load, then the next shape; then all of it
//! again. So what disturbs the machine for a while disturbs all of them.

mod database;
mod floods;
mod floor;
mod goals;
mod growth;
mod http;
mod install;
mod keybin;
mod load;
mod machine;
mod many;
mod measure;
mod options;
mod peers;
mod plot;
mod process;
mod report;
mod results;
mod shape;
mod stats;
mod subject;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use database::Database;
use keybin::{Size, Store};
use load::{Load, Plan, Sample};
use options::Options;
use results::{Peak, Results};
use shape::{LOG_INS, Shape, get, post};
use subject::Subject;

use crate::found::failed_at;
use crate::step::{Result, cargo, heading, run as run_step, told};

/// What every subject holds.
const SIZE: Size = Size { accounts: 64, keys: 1000, bytes: 100 };

/// The same for a trial: 200 keys in all.
const SMALL: Size = Size { accounts: 4, keys: 50, bytes: 100 };

/// Log-ins are so few in a second, by intention, that they are counted for longer.
const LOG_IN_FACTOR: u32 = 3;

/// What a run needs.
struct Bench<'b> {
    options: &'b Options,
    keybin: &'b Path,
    work: &'b Path,
    database: &'b Database,
    load: Load,
}

/// Runs all of it.
pub(crate) fn run(root: &Path, words: &[String]) -> Result {
    let options = Options::parse(words)?;
    let (keybin, floor) = built(root, &options)?;
    let work = root.join("target/bench/run");
    if work.exists() {
        fs::remove_dir_all(&work).map_err(failed_at(&work))?;
    }
    fs::create_dir_all(&work).map_err(failed_at(&work))?;

    let load = Load::new(root, &work)?;
    let database = Database::start(root, &work, &floor)?;
    let mut bench = Bench { options: &options, keybin: &keybin, work: &work, database: &database, load };
    if options.floods {
        floods::run(root, &mut bench)?;
        drop(database);
        return fs::remove_dir_all(&work).map_err(failed_at(&work));
    }
    let mut results = Results::default();
    let subjects = bench.subjects(root, &floor)?;
    bench.compare(&subjects, &mut results)?;
    drop(subjects);
    if !options.no_growth {
        bench.grow(&mut results)?;
    }
    if options.smoke {
        floods::run(root, &mut bench)?;
    }
    drop(database);

    heading("report");
    let folder = if options.smoke { root.join("target/bench/smoke") } else { root.join("bench") };
    report::write(&folder, &machine::described(root), &options, &results)?;
    fs::remove_dir_all(&work).map_err(failed_at(&work))?;
    if options.smoke {
        return smoked(&results);
    }
    println!("{}", report::goals_table(&results));
    Ok(())
}

/// Builds what is measured, and gives the paths of Keybin and of bench/floor.
fn built(root: &Path, options: &Options) -> Result<(PathBuf, PathBuf)> {
    heading("building");
    let (profile, args): (_, &[&str]) = if options.smoke {
        // With the tests' features, so that what the tests have built is there already.
        ("debug", &["build", "--workspace", "--bins", "--tests", "--locked"])
    } else {
        ("release", &["build", "--release", "--locked", "--package", "keybin", "--package", "bench-floor"])
    };
    run_step(cargo(root, args))?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target));
    Ok((target.join(profile).join("keybin"), target.join(profile).join("bench-floor")))
}

/// A trial is content when everything was measured and nothing failed.
fn smoked(results: &Results) -> Result {
    let silent = results.series.iter().flat_map(|series| &series.samples).any(|sample| sample.requests < 1.0);
    match results.errors() {
        0 if silent => told("the benchmark's trial: some server answered nothing"),
        0 => Ok(()),
        errors => told(format!("the benchmark's trial: {errors} requests failed, see target/bench/smoke/RESULTS.md")),
    }
}

impl Bench<'_> {
    /// Starts all subjects that take part.
    fn subjects(&self, root: &Path, floor: &Path) -> Result<Vec<Subject>> {
        heading("starting and filling the servers");
        let size = if self.options.smoke { SMALL } else { SIZE };
        let mut subjects = Vec::new();
        let mut add = |name: &str, start: &mut dyn FnMut() -> Result<Subject>| -> Result {
            if self.options.wants(name) {
                eprintln!("{name}");
                let subject = start()?;
                subject.check()?;
                subjects.push(subject);
            }
            Ok(())
        };
        add(floor::LIMIT, &mut || floor::limit(floor, self.work, size))?;
        add(floor::PLAIN, &mut || floor::plain(floor, self.work, self.database, size))?;
        for store in [Store::Embedded, Store::MongoDb(self.database)] {
            add(store.subject(), &mut || keybin::start(self.keybin, self.work, store, size, "main"))?;
        }
        for peer in &peers::ALL {
            if !self.options.no_peers {
                add(peer.name, &mut || peer.start(root, self.work, self.database, size))?;
            }
        }
        if subjects.is_empty() { told("--only leaves nothing to measure") } else { Ok(subjects) }
    }

    /// Measures the subjects side by side, and then the most memory that they had in use.
    fn compare(&mut self, subjects: &[Subject], results: &mut Results) -> Result {
        let shapes = if self.options.smoke { shape::few() } else { shape::all() };
        for round in 1..=self.options.rounds {
            heading(&format!("round {round} of {}", self.options.rounds));
            for shape in &shapes {
                for subject in subjects {
                    let label = format!("{}: {shape}", subject.name);
                    if let Some(sample) = self.measure(subject, *shape, &label)? {
                        results.add(subject.name, *shape, sample);
                    }
                }
            }
        }
        if self.options.smoke {
            return Ok(());
        }
        heading("256 connections");
        for subject in subjects {
            for shape in [get(256), post(256)] {
                self.measure(subject, shape, &format!("{}: {shape}", subject.name))?;
            }
            let bytes = measure::peak_bytes(subject.server.id());
            results.peaks.push(Peak { subject: subject.name.to_owned(), bytes, cache_bytes: subject.cache_bytes });
        }
        Ok(())
    }

    /// One run; `None` where the subject has nothing of this kind.
    fn measure(&mut self, subject: &Subject, shape: Shape, label: &str) -> Result<Option<Sample>> {
        let mut kinds = Vec::new();
        for (weight, what) in shape.mix.kinds() {
            let requests = (subject.dialect)(what)?;
            if requests.is_empty() {
                return Ok(None);
            }
            kinds.push((weight, requests));
        }
        let seconds = self.options.seconds * if shape == LOG_INS { LOG_IN_FACTOR } else { 1 };
        let sample = self.load.run(subject, &Plan { keys: &subject.keys, kinds }, shape.connections, seconds)?;
        let failed = if sample.errors > 0 { format!(", {} FAILED", sample.errors) } else { String::new() };
        eprintln!("{label}: {:.0}/s, p50 {:.0} µs, p99 {:.0} µs{failed}", sample.per_second(), sample.p50, sample.p99);
        Ok(Some(sample))
    }
}
