//! What is told at `/metrics`, read as strictly as the two formats are written down: Prometheus' text format 0.0.4 and
//! OpenMetrics 1.0.

use std::collections::{BTreeMap, BTreeSet};

type Labels = BTreeMap<String, String>;

/// All families of metrics, by name.
#[derive(Debug)]
pub(crate) struct Exposition(pub(crate) BTreeMap<String, Family>);

/// Metrics of one name.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) kind: String,
    pub(crate) help: String,
    pub(crate) samples: Vec<Sample>,
}

/// One line with a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: Labels,
    pub(crate) value: f64,
}

impl Exposition {
    /// Reads Prometheus' text format.
    pub(crate) fn prometheus(text: &str) -> Self {
        let read = Self::read(text, |name, kind| match kind {
            "counter" if name.ends_with("_total") => vec![name.to_owned()],
            "gauge" => vec![name.to_owned()],
            "histogram" => of_histogram(name),
            _ => panic!("{name} must not be a {kind}"),
        });
        read.check();
        read
    }

    /// Reads OpenMetrics.
    pub(crate) fn open_metrics(text: &str) -> Self {
        let text = text.strip_suffix("# EOF\n").expect("an end");
        let read = Self::read(text, |name, kind| match kind {
            "counter" if !name.ends_with("_total") => vec![format!("{name}_total")],
            "info" => vec![format!("{name}_info")],
            "gauge" => vec![name.to_owned()],
            "histogram" => of_histogram(name),
            _ => panic!("{name} must not be a {kind}"),
        });
        read.check();
        read
    }

    /// The sum of all samples of this name that have these labels, among others.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let fits = |sample: &&Sample| {
            let has = |(label, value): &(&str, &str)| sample.labels.get(*label).is_some_and(|given| given == value);
            sample.name == name && labels.iter().all(has)
        };
        self.samples().filter(fits).map(|sample| sample.value).sum()
    }

    /// Every sample.
    pub(crate) fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.0.values().flat_map(|family| &family.samples)
    }

    fn read(text: &str, names: impl Fn(&str, &str) -> Vec<String>) -> Self {
        assert!(text.ends_with('\n') && !text.contains('\r'), "lines end with a line feed");
        let (mut families, mut lines) = (BTreeMap::new(), text.lines().peekable());
        while let Some(line) = lines.next() {
            let (name, help) = named(line, "# HELP ");
            let (same, kind) = named(lines.next().expect("a type"), "# TYPE ");
            assert_eq!(name, same, "help and type of one family");
            assert!(is_name(name, true) && !help.is_empty(), "{line}");
            let allowed = names(name, kind);
            let mut samples = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
                let sample = sample(line);
                assert!(allowed.contains(&sample.name), "{line} among {name}");
                samples.push(sample);
            }
            assert!(!samples.is_empty(), "{name} is empty");
            let family = Family { kind: kind.to_owned(), help: help.to_owned(), samples };
            assert!(families.insert(name.to_owned(), family).is_none(), "{name} is there twice");
        }
        Self(families)
    }

    fn check(&self) {
        let mut seen = BTreeSet::new();
        for (name, family) in &self.0 {
            for sample in &family.samples {
                assert!(seen.insert((&sample.name, &sample.labels)), "twice: {sample:?}");
                let is_count = family.kind == "counter" || family.kind == "histogram";
                assert!(sample.value.is_finite() && (!is_count || sample.value >= 0.0), "{sample:?}");
            }
            if family.kind == "histogram" {
                check_histogram(name, &family.samples);
            }
        }
    }
}

fn of_histogram(name: &str) -> Vec<String> {
    ["bucket", "sum", "count"].map(|ending| format!("{name}_{ending}")).into()
}

/// Buckets are cumulative, in order, and the last holds all.
fn check_histogram(name: &str, samples: &[Sample]) {
    let mut all: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| sample.name.ends_with("_bucket")) {
        let mut labels = sample.labels.clone();
        let bound = labels.remove("le").expect("a bound");
        all.entry(labels).or_default().push((number(&bound), sample.value));
    }
    for (labels, buckets) in all {
        assert!(buckets.is_sorted_by(|one, next| one.0 < next.0 && one.1 <= next.1), "{name} {labels:?} {buckets:?}");
        let of = |ending: &str| {
            let name = format!("{name}_{ending}");
            let mut found = samples.iter().filter(|sample| sample.name == name && sample.labels == labels);
            let value = found.next().unwrap_or_else(|| panic!("no {name}")).value;
            assert!(found.next().is_none(), "{name}");
            value
        };
        assert_eq!(buckets.last(), Some(&(f64::INFINITY, of("count"))), "{name} {labels:?}");
        assert!(of("sum") >= 0.0);
    }
}

/// The name and the rest of a line that begins like this.
fn named<'l>(line: &'l str, beginning: &str) -> (&'l str, &'l str) {
    let rest = line.strip_prefix(beginning).unwrap_or_else(|| panic!("{beginning}… expected: {line}"));
    rest.split_once(' ').unwrap_or_else(|| panic!("{line}"))
}

/// Letters, digits and `_`, and in names of metrics `:`; no digit at first.
fn is_name(text: &str, of_metric: bool) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || (of_metric && c == ':');
    text.chars().all(fits) && text.chars().next().is_some_and(|first| !first.is_ascii_digit())
}

/// `name value` or `name{label="text",…} value`.
fn sample(line: &str) -> Sample {
    let end = line.find(['{', ' ']).unwrap_or_else(|| panic!("{line}"));
    let (name, mut rest) = line.split_at(end);
    assert!(is_name(name, true), "{line}");
    let mut labels = Labels::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        loop {
            let (label, behind) = rest.split_once("=\"").unwrap_or_else(|| panic!("{line}"));
            assert!(is_name(label, false), "{line}");
            let (value, behind) = quoted(behind).unwrap_or_else(|| panic!("{line}"));
            assert!(labels.insert(label.to_owned(), value).is_none(), "{line}");
            match behind.strip_prefix(',') {
                Some(next) => rest = next,
                None => {
                    rest = behind.strip_prefix('}').unwrap_or_else(|| panic!("{line}"));
                    break;
                }
            }
        }
    }
    let value = rest.strip_prefix(' ').filter(|value| !value.contains(' ')).unwrap_or_else(|| panic!("{line}"));
    Sample { name: name.to_owned(), labels, value: number(value) }
}

/// A text up to its closing quote, and what comes behind that.
fn quoted(text: &str) -> Option<(String, &str)> {
    let (mut value, mut letters) = (String::new(), text.char_indices());
    loop {
        match letters.next()? {
            (at, '"') => return Some((value, &text[at + 1..])),
            (_, '\\') => value.push(match letters.next()?.1 {
                'n' => '\n',
                plain @ ('\\' | '"') => plain,
                _ => return None,
            }),
            (_, plain) => value.push(plain),
        }
    }
}

fn number(text: &str) -> f64 {
    match text {
        "+Inf" => f64::INFINITY,
        _ => {
            assert!(text.starts_with(|c: char| c.is_ascii_digit() || c == '-'), "{text} is no number");
            text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
        }
    }
}
