//! RESULTS.md and the plots beside it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::goals::{self, Bound, Goal, Measured};
use super::growth::{QUANTITIES, shapes};
use super::keybin::{EMBEDDED, MONGODB};
use super::load::Sample;
use super::options::Options;
use super::plot::{Bar, Line, bars, lines, number_text};
use super::results::{Results, Series};
use super::shape::{self, Shape, get, post};
use super::stats::Spread;
use crate::found::failed_at;
use crate::step::Result;

/// Writes the report into a folder.
pub(crate) fn write(folder: &Path, machine: &[String], options: &Options, results: &Results) -> Result {
    let plots = folder.join("plots");
    fs::create_dir_all(&plots).map_err(failed_at(&plots))?;
    let drawn = drawn(results);
    for (name, svg) in &drawn {
        let file = plots.join(name);
        fs::write(&file, svg).map_err(failed_at(&file))?;
    }
    let file = folder.join("RESULTS.md");
    let names: Vec<&str> = drawn.iter().map(|(name, _)| name.as_str()).collect();
    fs::write(&file, text(machine, options, results, &names)).map_err(failed_at(&file))?;
    eprintln!("{}", file.display());
    Ok(())
}

/// The table of the goals, for the terminal and for the report.
pub(crate) fn goals_table(results: &Results) -> String {
    table("ratio", &goals::all(results))
}

/// A table of goals, the first column of which is called so.
pub(crate) fn table<'g>(first: &str, goals: impl IntoIterator<Item = &'g Goal>) -> String {
    let mut text = format!("| {first} | wanted | measured | |\n|---|---|---|---|\n");
    for goal in goals {
        let Goal { what, bound, measured } = goal;
        let wanted = match bound {
            Bound::AtLeast(least) => format!("≥ {least}"),
            Bound::AtMost(most) => format!("≤ {most}"),
        };
        let measured = match measured {
            Some(Measured::Ratio(ratio)) => format!("{ratio:.2}"),
            Some(Measured::Failed) => "errors".to_owned(),
            None => "–".to_owned(),
        };
        let _ = writeln!(text, "| {what} | {wanted} | {measured} | {} |", goal.verdict());
    }
    text
}

fn text(machine: &[String], options: &Options, results: &Results, plots: &[&str]) -> String {
    let mut text =
        "# What was measured\n\nMade by `cargo xtask bench`; how to read it stands in README.md beside it.\n\n"
            .to_owned();
    for line in machine {
        let _ = writeln!(text, "* {line}");
    }
    let Options { rounds, seconds, .. } = options;
    let _ =
        writeln!(text, "* {rounds} rounds, {seconds} s for each run: medians, with the least and the most in brackets");
    let errors = results.errors();
    if errors > 0 {
        let _ = writeln!(text, "\n**{errors} requests failed**: figures of what failed are marked, and reach nothing.");
    }
    let _ = write!(text, "\n## What must be reached\n\n{}", goals_table(results));

    let _ = write!(text, "\n## Side by side\n");
    for plot in plots.iter().filter(|plot| !plot.starts_with("grows")) {
        let _ = write!(text, "\n![{plot}](plots/{plot})\n");
    }
    for shape in shapes_of(results) {
        let _ = write!(text, "\n### {shape}\n\n{}", shape_table(results, shape));
    }
    if !results.peaks.is_empty() {
        let _ = write!(text, "\n## Peak memory of the server, after everything and 256 connections\n\n");
        text += "| subject | MiB | of it the cache of the store, at most |\n|---|---:|---:|\n";
        for peak in &results.peaks {
            let mebibytes = |bytes: u64| bytes as f64 / 1_048_576.0;
            let (all, cache) = (mebibytes(peak.bytes), mebibytes(peak.cache_bytes));
            let _ = writeln!(text, "| {} | {all:.1} | {cache:.1} |", peak.subject);
        }
    }
    if !results.growth.is_empty() {
        text += "\n## How cost grows\n";
        for (quantity, connections) in QUANTITIES {
            let plot = format!("grows-{quantity}.svg");
            if plots.contains(&plot.as_str()) {
                let _ = write!(text, "\n### {quantity}\n\n![{plot}](plots/{plot})\n\n");
                text += &growth_table(results, quantity, connections);
            }
        }
    }
    text
}

/// The shapes that were measured, in order.
fn shapes_of(results: &Results) -> Vec<Shape> {
    let measured = |shape: &Shape| results.series.iter().any(|series| series.shape == *shape);
    let all = shape::all().into_iter().chain(shape::few());
    let mut found: Vec<Shape> = all.filter(measured).collect();
    found.sort();
    found.dedup();
    found
}

fn shape_table(results: &Results, shape: Shape) -> String {
    let mut text = "| subject | requests/s | p50 µs | p99 µs | server CPU µs/request | database CPU µs/request |\n\
                    |---|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for subject in results.subjects() {
        if let Some(series) = results.find(subject, shape) {
            let cells = cells(series).join(" | ");
            let _ = writeln!(text, "| {subject}{} | {cells} |", failed(series));
        }
    }
    text
}

fn failed(series: &Series) -> String {
    match series.errors() {
        0 => String::new(),
        errors => format!(" **(failed: {errors} errors)**"),
    }
}

fn cells(series: &Series) -> [String; 5] {
    let per_request = |of: fn(&Sample) -> f64| series.figure(|sample| of(sample) / sample.requests.max(1.0));
    let shown = |spread: Option<Spread>| {
        spread.map_or("–".to_owned(), |it| {
            format!("{} ({}–{})", number_text(it.median), number_text(it.min), number_text(it.max))
        })
    };
    let micros = |spread: Option<Spread>| match spread {
        Some(it) if it.max > 0.0 => format!("{:.1}", it.median),
        _ => "–".to_owned(),
    };
    [
        shown(series.per_second()),
        shown(series.figure(|sample| sample.p50)),
        shown(series.figure(|sample| sample.p99)),
        micros(per_request(|sample| sample.server_cpu)),
        micros(per_request(|sample| sample.database_cpu)),
    ]
}

fn growth_table(results: &Results, quantity: &str, connections: u32) -> String {
    let mut text = format!(
        "| {quantity} | subject | over {connections} connections | requests/s | p50 µs | p99 µs | server CPU µs/request | \
         database CPU µs/request |\n|---:|---|---|---:|---:|---:|---:|---:|\n"
    );
    for growth in results.growth.iter().filter(|growth| growth.quantity == quantity) {
        let series = &growth.series;
        let at = number_text(growth.at as f64);
        let (name, cells) = (&series.subject, cells(series).join(" | "));
        let _ = writeln!(text, "| {at} | {name}{} | {} | {cells} |", failed(series), series.shape.mix);
    }
    text
}

/// The plots, by the names of their files.
fn drawn(results: &Results) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (name, title, shape) in [("get.svg", "GET", get(128)), ("post.svg", "POST", post(128))] {
        let bar = |subject: &str| {
            let spread = results.find(subject, shape)?.per_second()?;
            let ours = subject == EMBEDDED || subject == MONGODB;
            Some(Bar { name: subject.to_owned(), value: spread.median, min: spread.min, max: spread.max, ours })
        };
        let found: Vec<Bar> = results.subjects().into_iter().filter_map(bar).collect();
        if !found.is_empty() {
            let title = format!("{title} requests in a second, 128 connections");
            all.push((name.to_owned(), bars(&title, &found)));
        }
    }
    for (quantity, connections) in QUANTITIES {
        let found: Vec<Line> = [EMBEDDED, MONGODB]
            .into_iter()
            .flat_map(|store| shapes(connections).map(|shape| (store, shape)))
            .filter_map(|(store, shape)| line(results, quantity, store, shape))
            .collect();
        if !found.is_empty() {
            let title = format!("Requests in a second by {quantity}, {connections} connections");
            let below = if quantity == "bytes" { "bytes of a value" } else { quantity };
            // Large values cost so much more that small ones would all look alike.
            all.push((format!("grows-{quantity}.svg"), lines(&title, below, &found, quantity == "bytes")));
        }
    }
    all
}

fn line(results: &Results, quantity: &str, store: &str, shape: Shape) -> Option<Line> {
    let of = |growth: &&super::results::Growth| {
        growth.quantity == quantity && growth.series.subject == store && growth.series.shape == shape
    };
    let points: Vec<(f64, f64)> = results
        .growth
        .iter()
        .filter(of)
        .filter_map(|growth| Some((growth.at as f64, growth.series.per_second()?.median)))
        .collect();
    (!points.is_empty()).then(|| Line { name: format!("{}, {store}", shape.mix), points })
}

#[cfg(test)]
mod tests {
    use super::super::results::Peak;
    use super::*;

    fn sample(requests: f64, errors: u64) -> Sample {
        Sample {
            requests,
            seconds: 1.0,
            p50: 100.0,
            p99: 250.0,
            errors,
            server_cpu: requests * 12.5,
            ..Sample::default()
        }
    }

    fn some() -> Results {
        let mut results = Results::default();
        for requests in [900.0, 1000.0, 1200.0] {
            results.add(EMBEDDED, get(128), sample(requests, 0));
        }
        results.add("another", get(128), sample(500.0, 7));
        results.add_growth("bytes", 100, EMBEDDED, get(32), sample(10.0, 0));
        results.peaks.push(Peak { subject: EMBEDDED.to_owned(), bytes: 3 << 20, cache_bytes: 1 << 20 });
        results
    }

    #[test]
    fn medians_come_with_their_spread_and_failures_are_marked() {
        let options = Options::parse(&[]).expect("options");
        let text = text(&["a machine".to_owned()], &options, &some(), &["get.svg", "grows-bytes.svg"]);
        assert!(
            text.contains("| Keybin, embedded | 1,000 (900–1,200) | 100 (100–100) | 250 (250–250) | 12.5 | – |"),
            "{text}"
        );
        assert!(text.contains("| another **(failed: 7 errors)** | 500"), "{text}");
        assert!(text.contains("**7 requests failed**"), "{text}");
        assert!(text.contains("| Keybin, embedded | 3.0 | 1.0 |"), "{text}");
        assert!(text.contains("| 100 | Keybin, embedded | GET | 10 (10–10)"), "{text}");
        assert!(
            text.contains("Keybin, embedded: p99 : p50 of GET, 128 connections | ≤ 3 | 2.50 | reached |"),
            "{text}"
        );
    }

    #[test]
    fn only_what_was_measured_is_drawn() {
        let names: Vec<String> = drawn(&some()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["get.svg", "grows-bytes.svg"]);
        assert!(drawn(&Results::default()).is_empty());
    }
}
