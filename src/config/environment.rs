//! The environment: `KEYBIN_<SECTION>_<KEY>`, and what Rocket understands of `ROCKET_*`.
//!
//! A secret may stand in a file instead, as containers and service managers hand them over: `KEYBIN_<SECTION>_<KEY>_FILE`
//! names it.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::keys::{self, FREE_SECTION, KEYS, SECTIONS};
use super::layer::Layer;
use super::problem::{self, Problem, Problems};

const PREFIX: &str = "KEYBIN_";

/// What a variable ends with that names a file.
const FILE: &str = "_FILE";

/// Environment variables, handed in from outside so that a test can have its own.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The environment of this process. What is not UTF-8 in it becomes `�`.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect())
    }

    /// Where the shell keeps its history: a file in the user's home, if there is one.
    #[must_use]
    pub fn shell_history(&self) -> Option<PathBuf> {
        self.get("HOME").filter(|home| !home.is_empty()).map(|home| Path::new(home).join(".keybin_history"))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Rocket's own variables by Rocket's name for them. Like Rocket, it does not look at the case.
    pub(super) fn rocket(&self) -> impl Iterator<Item = (&str, String, &str)> {
        self.0.iter().filter_map(|(variable, value)| {
            let name = variable.to_ascii_lowercase().strip_prefix("rocket_")?.to_owned();
            (!name.is_empty()).then_some((variable.as_str(), name, value.as_str()))
        })
    }

    /// `ROCKET_ADDRESS` and `ROCKET_PORT`, which say where to listen as well.
    pub(super) fn listening(&self) -> Layer {
        let mut layer = Layer::new("environment");
        for (variable, name, value) in self.rocket() {
            let key = match name.as_str() {
                "address" => "host",
                "port" => "port",
                _ => continue,
            };
            layer.set("APP", key, value.trim(), &format!("environment {variable}"));
        }
        layer
    }

    /// The variables that stand for a key, or for the file of a secret. Every other one that begins like them is a problem.
    pub(super) fn keys(&self, directory: &Path, problems: &mut Problems) -> Layer {
        let mut layer = Layer::new("environment");
        for (variable, value) in &self.0 {
            let Some(rest) = variable.strip_prefix(PREFIX) else { continue };
            if rest == "CONFIG" || rest.starts_with("TEST_") || is_service_link(rest, value) {
                continue;
            }
            let place = format!("environment {variable}");
            if let Some((section, name)) = known(rest) {
                layer.set(section, &name, value.trim(), &place);
            } else if let Some((section, name)) = secret_in_file(rest) {
                match self.content(variable, &directory.join(value.trim())) {
                    Ok(text) => layer.set(section, &name, text.trim(), &place),
                    Err(advice) => problems.add(Problem::new(variable, "environment", advice)),
                }
            } else {
                problems.add(Problem::new(variable, "environment", advice(rest)));
            }
        }
        layer
    }

    /// What stands in the file that this variable names, or what would have been right.
    fn content(&self, variable: &str, file: &Path) -> Result<String, String> {
        if let Some(same) = variable.strip_suffix(FILE).filter(|same| self.get(same).is_some()) {
            return Err(format!("must not be set together with {same}"));
        }
        fs::read_to_string(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// Only the names: the values may be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The key that a variable without its prefix stands for.
fn known(rest: &str) -> Option<(&'static str, String)> {
    SECTIONS.into_iter().find_map(|section| {
        let name = rest.strip_prefix(section)?.strip_prefix('_')?.to_lowercase();
        (!name.is_empty() && keys::find(section, &name).is_some()).then_some((section, name))
    })
}

/// The secret whose file a variable without its prefix names.
fn secret_in_file(rest: &str) -> Option<(&'static str, String)> {
    let (section, name) = known(rest.strip_suffix(FILE)?)?;
    keys::find(section, &name)?.secret.then_some((section, name))
}

/// Container platforms announce a service called `keybin` under names that begin like ours; nobody configured those.
fn is_service_link(rest: &str, value: &str) -> bool {
    let rest = format!("_{rest}");
    rest.ends_with("_SERVICE_HOST")
        || rest.contains("_SERVICE_PORT")
        || (rest.ends_with("_PORT") && value.contains("://"))
        || rest.split("_PORT_").skip(1).any(|tail| tail.starts_with(|c: char| c.is_ascii_digit()))
}

fn advice(rest: &str) -> String {
    // Somebody may have left out the section.
    let bare = KEYS.iter().find(|key| key.section != FREE_SECTION && key.name.eq_ignore_ascii_case(rest));
    let full = |section: &str, name: &str| format!("{section}_{}", name.to_uppercase());
    let names: Vec<_> = KEYS.iter().map(|key| full(key.section, key.name)).collect();
    let meant = match bare {
        Some(key) => Some(full(key.section, key.name)),
        None => problem::nearest(rest, names.iter().map(String::as_str)).map(str::to_owned),
    };
    match meant {
        Some(meant) => format!("unknown variable; did you mean {PREFIX}{meant}?"),
        None => format!("unknown variable; a key is spelled {PREFIX}<SECTION>_<KEY>, such as {PREFIX}APP_PORT"),
    }
}
