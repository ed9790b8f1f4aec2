//! The rules. Each looks at one file and gives a line for every place that breaks it.

use super::paths::{WrittenPath, module_of, paths, within_crate};
use super::tokens::{Token, tokens};

/// A file of the repository, with its path from the root.
pub(super) struct SourceFile<'f> {
    pub(super) path: &'f str,
    pub(super) text: &'f str,
}

/// What is wrong with a file, if anything.
pub(super) type Rule = fn(&SourceFile<'_>) -> Vec<String>;

/// Which rooms a room may use besides itself. Dependencies point inwards.
const ROOMS: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("tally", &[]),
    ("store", &["domain", "tally"]),
    ("auth", &["domain", "tally", "store"]),
    ("service", &["domain", "store", "auth"]),
    ("config", &["domain", "store"]),
    ("metrics", &["domain", "tally", "store", "auth", "service"]),
    ("http", &["domain", "tally", "auth", "service", "metrics"]),
    ("app", &["domain", "store", "auth", "service", "config", "metrics", "http"]),
    ("cli", &["domain", "store", "auth", "service", "config", "metrics", "http", "app"]),
    ("fuzzing", &["domain", "auth", "service", "config", "http"]),
];

/// The longest that a file may be.
const MAX_LINES: usize = 400;

/// Types through which a `static` can change.
const CHANGEABLE: [&str; 10] =
    ["OnceLock", "LazyLock", "OnceCell", "LazyCell", "Lazy", "Mutex", "RwLock", "Cell", "RefCell", "UnsafeCell"];

impl SourceFile<'_> {
    fn is_product(&self) -> bool {
        self.path.starts_with("src/")
    }

    fn at(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }

    fn product_paths(&self) -> Vec<WrittenPath> {
        if self.is_product() { paths(self.text) } else { Vec::new() }
    }
}

/// A room uses only what lies further in.
pub(super) fn direction(file: &SourceFile<'_>) -> Vec<String> {
    let module = module_of(file.path);
    let Some(room) = module.first() else {
        // lib.rs and main.rs name the rooms; they are in none.
        return Vec::new();
    };
    let mut broken = Vec::new();
    for path in file.product_paths() {
        let Some(target) = within_crate(&path, &module) else { continue };
        let reached = target.first().map_or("the root", String::as_str);
        if reached != room && !may_use(room, reached) {
            let what = format!("{room} must not use {reached} ({})", path.segments.join("::"));
            broken.push(file.at(path.line, &what));
        }
    }
    if file.is_product() && ROOMS.iter().all(|(known, _)| known != room) {
        broken.push(file.at(1, &format!("{room} is a new room: tidy must know what it may use")));
    }
    broken
}

fn may_use(room: &str, reached: &str) -> bool {
    ROOMS.iter().any(|(name, allowed)| *name == room && allowed.contains(&reached))
}

/// The environment is read in `config` and by `main`.
pub(super) fn environment(file: &SourceFile<'_>) -> Vec<String> {
    if file.path.starts_with("src/config") || file.path == "src/main.rs" {
        return Vec::new();
    }
    let reads = |path: &WrittenPath| path.segments.starts_with(&["std".to_owned(), "env".to_owned()]);
    let found = file.product_paths().into_iter().filter(reads);
    found.map(|path| file.at(path.line, "std::env is for config and main alone")).collect()
}

/// The time of day comes from a `Clock`.
pub(super) fn clock(file: &SourceFile<'_>) -> Vec<String> {
    if file.path == "src/domain/time.rs" {
        return Vec::new();
    }
    let asks = |path: &WrittenPath| {
        let clocks = ["Utc", "Local", "SystemTime"];
        path.segments.windows(2).any(|pair| clocks.contains(&pair[0].as_str()) && pair[1] == "now")
    };
    let found = file.product_paths().into_iter().filter(asks);
    found.map(|path| file.at(path.line, "the time of day comes from a Clock")).collect()
}

/// Nothing is global: no `static` that can change, under whichever name.
pub(super) fn globals(file: &SourceFile<'_>) -> Vec<String> {
    if !file.is_product() {
        return Vec::new();
    }
    let tokens = tokens(file.text);
    let mut broken = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let behind = &tokens[at + 1..];
        let is_global = match token.text {
            "static" => is_changeable(behind),
            "lazy_static" | "thread_local" => true,
            _ => false,
        };
        if is_global {
            broken.push(file.at(token.line, "nothing is global"));
        }
    }
    broken
}

/// Whether what stands between `static` and its value says that it can change.
fn is_changeable(behind: &[Token<'_>]) -> bool {
    let declared = behind.iter().take_while(|token| !matches!(token.text, "=" | ";"));
    declared
        .map(|token| token.text)
        .any(|text| text == "mut" || CHANGEABLE.contains(&text) || text.starts_with("Atomic"))
}

/// A file can be read in one go.
pub(super) fn length(file: &SourceFile<'_>) -> Vec<String> {
    let lines = file.text.lines().count();
    let broken = (lines > MAX_LINES).then(|| file.at(lines, &format!("at most {MAX_LINES} lines")));
    broken.into_iter().collect()
}

/// A file opens by saying what it is. The tests of a module are what their name says.
pub(super) fn header(file: &SourceFile<'_>) -> Vec<String> {
    let fine = file.text.starts_with("//!") || file.path.ends_with("/tests.rs");
    let broken = (!fine).then(|| file.at(1, "begins with //!"));
    broken.into_iter().collect()
}
