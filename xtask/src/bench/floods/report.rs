//! FLOODS.md.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::super::load::Statuses;
use super::super::options::Options;
use super::super::plot::number_text;
use super::super::report;
use super::super::stats::Spread;
use super::{Finding, Flood};
use crate::found::failed_at;
use crate::step::Result;

/// Writes the report into a folder.
pub(super) fn write(folder: &Path, machine: &[String], options: &Options, found: &[(&Flood, Vec<Finding>)]) -> Result {
    fs::create_dir_all(folder).map_err(failed_at(folder))?;
    let file = folder.join("FLOODS.md");
    let mut text =
        "# What floods do\n\nMade by `cargo xtask bench --floods`: what becomes of everybody else, and of the \
                    server, while somebody floods it.\n\n"
            .to_owned();
    for line in machine {
        let _ = writeln!(text, "* {line}");
    }
    let Options { rounds, seconds, .. } = options;
    let _ = writeln!(
        text,
        "* {rounds} rounds, {seconds} s for each run of those who read: medians, with the least and the most in brackets"
    );
    let _ = write!(text, "\n## What must be reached\n\n{}", goals_table(found));
    for (flood, findings) in found.iter().filter(|(_, findings)| !findings.is_empty()) {
        let rows: String = findings.iter().flat_map(|finding| &finding.rows).map(String::as_str).collect();
        let _ = write!(text, "\n## {}\n\n{}\n\n{}{rows}", capitalized(flood.name), flood.what, flood.head);
    }
    fs::write(&file, text).map_err(failed_at(&file))?;
    eprintln!("{}", file.display());
    Ok(())
}

/// The table of the goals, for the terminal and for the report.
pub(super) fn goals_table(found: &[(&Flood, Vec<Finding>)]) -> String {
    report::table("figure", found.iter().flat_map(|(_, findings)| findings).flat_map(|finding| &finding.goals))
}

/// How often each status was answered.
pub(super) fn count(statuses: &Statuses) -> String {
    let shown = |(status, number): (&u16, &u64)| {
        let name = if *status == 0 { "none".to_owned() } else { status.to_string() };
        format!("{name}: {}", cell(*number as f64))
    };
    if statuses.is_empty() { "–".to_owned() } else { statuses.iter().map(shown).collect::<Vec<_>>().join(", ") }
}

/// How many answers had none of these statuses, or did not come.
pub(super) fn unlike(statuses: &Statuses, these: &[u16]) -> f64 {
    let unlike: u64 = statuses.iter().filter(|(status, _)| !these.contains(status)).map(|(_, number)| number).sum();
    unlike as f64
}

/// The median, with the least and the most.
pub(super) fn shown(numbers: impl IntoIterator<Item = f64>) -> String {
    Spread::of(numbers)
        .map_or("–".to_owned(), |it| format!("{} ({}–{})", cell(it.median), cell(it.min), cell(it.max)))
}

pub(super) fn cell(number: f64) -> String {
    number_text(number)
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_listed_and_told_apart() {
        let statuses = Statuses::from([(0, 1), (401, 3), (429, 1996)]);
        assert_eq!(count(&statuses), "none: 1, 401: 3, 429: 1,996");
        assert_eq!(unlike(&statuses, &[429]), 4.0);
        assert_eq!(unlike(&statuses, &[401, 429]), 1.0);
        assert_eq!(count(&Statuses::new()), "–");
    }

    #[test]
    fn figures_come_with_their_spread() {
        assert_eq!(shown([1200.0, 900.0, 1000.0]), "1,000 (900–1,200)");
        assert_eq!(shown([]), "–");
        assert_eq!(capitalized("a storm"), "A storm");
    }
}
