//! `store.cfg`: INI as Keybin's operators know it.
//!
//! * A line is a `[SECTION]`, a `key=value`, a comment, or blank.
//! * Values are unquoted and taken as they are: no escapes, so that connection strings and paths survive.
//! * `#` or `;` begins a comment at the start of a line or after a blank.
//! * A section or a key that stands twice is a problem, not a choice.

#[cfg(any(test, fuzzing))]
pub mod fuzzing;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use ini::{Ini, ParseOption};

use super::keys::{self, SECTIONS};
use super::layer::Layer;
use super::problem::{self, Problem, Problems};
use super::{Environment, Overrides};

const DEFAULT_FILE: &str = "store.cfg";

/// The file that the command line or the environment names, and which of them does; or the usual one.
pub(super) fn named(overrides: &Overrides, env: &Environment) -> (PathBuf, Option<&'static str>) {
    match (&overrides.config, env.get("KEYBIN_CONFIG")) {
        (Some(file), _) => (file.clone(), Some("command line --config")),
        (None, Some(file)) => (PathBuf::from(file), Some("environment KEYBIN_CONFIG")),
        (None, None) => (DEFAULT_FILE.into(), None),
    }
}

/// Reads the file, which may be missing where it is the usual one.
pub(super) fn read(overrides: &Overrides, env: &Environment, directory: &Path, problems: &mut Problems) -> Layer {
    let (file, named_by) = named(overrides, env);
    let shown = file.display().to_string();
    let advice = match std::fs::read_to_string(directory.join(&file)) {
        Ok(text) => return parse(&text, &shown, problems),
        Err(error) if error.kind() == io::ErrorKind::NotFound && named_by.is_none() => return Layer::new(DEFAULT_FILE),
        Err(error) if error.kind() == io::ErrorKind::NotFound => "no such file".to_owned(),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => "must be a text file in UTF-8".to_owned(),
        Err(error) => format!("cannot be read: {error}"),
    };
    problems.add(Problem::new(shown, named_by.unwrap_or("in the working directory"), advice));
    Layer::new(DEFAULT_FILE)
}

/// What stands on a line.
enum Line {
    Nothing,
    Section(String),
    Value(String, String),
    Broken,
}

/// Parses the text of the file called `shown`.
fn parse(text: &str, shown: &str, problems: &mut Problems) -> Layer {
    let mut reader = Reader { shown, section: Section::None, seen: BTreeMap::new(), layer: Layer::new(DEFAULT_FILE) };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, line) in (1..).zip(text.lines()) {
        reader.line(number, line, problems);
    }
    reader.layer
}

/// The section that the lines belong to.
enum Section {
    None,
    Known(&'static str),
    Unknown,
}

struct Reader<'a> {
    shown: &'a str,
    section: Section,
    seen: BTreeMap<String, usize>,
    layer: Layer,
}

impl Reader<'_> {
    fn line(&mut self, number: usize, line: &str, problems: &mut Problems) {
        let place = format!("{}, line {number}", self.shown);
        let problem = match split(line) {
            Line::Nothing => None,
            Line::Section(name) => self.section(number, &name, place),
            Line::Value(name, text) => self.value(&name, &text, place),
            // The line is not repeated: it may hold a password.
            Line::Broken => Some(Problem::new("broken line", place, "must be a [SECTION], a key=value or a # comment")),
        };
        if let Some(problem) = problem {
            problems.add(problem);
        }
    }

    fn section(&mut self, number: usize, name: &str, place: String) -> Option<Problem> {
        let known = SECTIONS.into_iter().find(|known| *known == name);
        self.section = known.map_or(Section::Unknown, Section::Known);
        let advice = match (known, self.seen.get(name)) {
            (_, Some(first)) => format!("this section is already in line {first}; put its keys together"),
            (Some(_), None) => {
                self.seen.insert(name.to_owned(), number);
                return None;
            }
            (None, None) => match problem::nearest(name, SECTIONS) {
                Some(meant) => format!("unknown section; did you mean [{meant}]?"),
                None => format!("unknown section; known are {}", SECTIONS.join(", ")),
            },
        };
        Some(Problem::new(format!("[{name}]"), place, advice))
    }

    fn value(&mut self, name: &str, text: &str, place: String) -> Option<Problem> {
        let section = match self.section {
            Section::Known(section) => section,
            // Told already, once for all of its keys.
            Section::Unknown => return None,
            Section::None => {
                let example = keys::meant("", name).map_or("APP", |key| key.section);
                let advice = format!("stands above the first section; put it under one, such as [{example}]");
                return Some(Problem::new(name, place, advice));
            }
        };
        let what = format!("[{section}] {name}");
        if keys::find(section, name).is_none() {
            return Some(Problem::new(what, place, unknown(section, name)));
        }
        if let Some(first) = self.layer.place_of(section, name) {
            return Some(Problem::new(what, place, format!("already set in {first}; keep one of them")));
        }
        self.layer.set(section, name, text, &place);
        None
    }
}

fn unknown(section: &str, name: &str) -> String {
    match keys::meant(section, name) {
        Some(key) if key.section == section => format!("unknown key; did you mean {}?", key.name),
        Some(key) => format!("unknown key; did you mean [{}] {}?", key.section, key.name),
        None => format!("unknown key; known here are {}", keys::names(section)),
    }
}

/// Takes one line apart. The parser gets every line for itself: over a whole file it would join a line that lacks its
/// `=` with the next one, and could not tell which line a value came from.
fn split(line: &str) -> Line {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', ';']) {
        return Line::Nothing;
    }
    let plain = ParseOption { enabled_quote: false, enabled_escape: false, ..ParseOption::default() };
    let Ok(ini) = Ini::load_from_str_opt(line, plain) else { return Line::Broken };
    let found = ini.iter().flat_map(|(section, values)| {
        let section = section.map(|section| Line::Section(section.to_owned()));
        section.into_iter().chain(values.iter().map(|(name, text)| Line::Value(name.to_owned(), text.to_owned())))
    });
    let mut found = found.collect::<Vec<_>>();
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => only,
        _ => Line::Broken,
    }
}
