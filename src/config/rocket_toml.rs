//! Rocket's own configuration: `Rocket.toml` and `ROCKET_*`, found and ranked as Rocket does it, but checked before
//! anything starts and with Keybin's decisions above it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::layer::Layer;
use super::problem::{self, Problem, Problems};
use super::{AppConfig, Environment};

const DEFAULT_FILE: &str = "Rocket.toml";

/// What Keybin decides whatever Rocket is told. Rocket's log would repeat tokens that stand in paths, and anybody can
/// send the header that names a client's address.
const FIXED: [&str; 4] = ["log_level", "ident", "ip_header", "cli_colors"];

/// `[APP]` has these two, and their precedence.
const LISTENING: [(&str, &str); 2] = [("address", "host"), ("port", "port")];

/// What the operator told Rocket.
#[derive(Clone)]
pub(super) struct RocketToml {
    file: Figment,
    told: Figment,
}

impl RocketToml {
    /// Reads the file and the variables, and checks every key that Keybin does not decide.
    pub(super) fn read(env: &Environment, directory: &Path, problems: &mut Problems) -> Self {
        let profile =
            env.rocket().find(|(_, name, _)| name == "profile").map(|(.., value)| Profile::from(value.trim()));
        let mut file = Figment::new().select(profile.unwrap_or(rocket::Config::DEFAULT_PROFILE));
        if let Some((place, text)) = find(env, directory, problems) {
            let data = profiles(&text, &place, problems);
            check_names(&data, &place, problems);
            file = file.merge(Part { place, data });
        }
        let mut told = file.clone();
        for (variable, name, value) in env.rocket().filter(|(_, name, _)| name != "profile" && name != "config") {
            let place = format!("environment {variable}");
            // Rocket passes over it too, and would answer in plain text where somebody counts on TLS.
            if name == "tls" && !known().contains_key("tls") {
                problems.add(Problem::new("tls", &place, "this build cannot do TLS; let a proxy in front do it"));
            }
            let Ok(value) = value.parse::<Value>();
            told = told.merge(Part::one(&place, Profile::Global, &name, value));
        }
        let rocket = Self { file, told };
        rocket.check_values(problems);
        rocket
    }

    /// The address and the port of `Rocket.toml`, under their names in `[APP]`.
    pub(super) fn listening(&self) -> Layer {
        let mut layer = Layer::new(DEFAULT_FILE);
        for (theirs, ours) in LISTENING {
            if let Ok(value) = self.file.find_value(theirs) {
                layer.set("APP", ours, &text(&value), &format!("{}, {theirs}", place(&self.file, &value)));
            }
        }
        layer
    }

    /// What to build Rocket from. The global profile is above the selected one, and that above the default.
    pub(super) fn figment(&self, app: &AppConfig) -> Figment {
        let default = |name, seconds: u8| Part::one("default", Profile::Default, name, seconds.into());
        let fixed = |name, value| Part::one("fixed by Keybin", Profile::Global, name, value);
        // What is under way gets longer to finish than an operation on the store may take.
        let mut figment = Figment::from(rocket::Config::default())
            .merge(default("shutdown.grace", 6))
            .merge(default("shutdown.mercy", 3))
            .merge(&self.told)
            .merge(fixed("address", app.host.to_string().into()))
            .merge(fixed("port", app.port.into()));
        for name in FIXED {
            let off = if name == "log_level" { Value::from("off") } else { Value::from(false) };
            figment = figment.merge(fixed(name, off));
        }
        figment
    }

    /// What is not as Rocket has it by itself: name, value, place.
    pub(super) fn entries(&self, app: &AppConfig) -> Vec<(String, String, String)> {
        let figment = self.figment(app);
        let default = rocket::Config::default().metadata();
        let mut entries = Vec::new();
        for name in known().keys().filter(|name| !is_listening(name)) {
            let Ok(value) = figment.find_value(name) else { continue };
            leaves(name, &value, &mut |name, value| {
                if figment.get_metadata(value.tag()).is_some_and(|source| *source != default) {
                    entries.push((name, text(value), place(&figment, value)));
                }
            });
        }
        entries
    }

    /// Tries each key that the operator set alone on Rocket's defaults, so that all wrong ones are found.
    fn check_values(&self, problems: &mut Problems) {
        for name in known().keys().filter(|name| !is_listening(name) && !FIXED.contains(&name.as_str())) {
            let Ok(value) = self.told.find_value(name) else { continue };
            let place = place(&self.told, &value);
            let alone = Figment::from(rocket::Config::default()).merge((name, value));
            for error in rocket::Config::try_from(alone).err().into_iter().flatten() {
                problems.add(Problem::new(error.path.join("."), &place, error.kind.to_string()));
            }
        }
    }
}

impl fmt::Debug for RocketToml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RocketToml")
    }
}

/// A part of Rocket's configuration that came from one place.
struct Part {
    place: String,
    data: Map<Profile, Dict>,
}

impl Part {
    fn one(place: &str, profile: Profile, name: &str, value: Value) -> Self {
        let dict = figment::util::nest(name, value).into_dict().unwrap_or_default();
        Self { place: place.to_owned(), data: profile.collect(dict) }
    }
}

impl Provider for Part {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.place.clone())
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(self.data.clone())
    }
}

fn place(figment: &Figment, value: &Value) -> String {
    figment.get_metadata(value.tag()).map_or_else(String::new, |source| source.name.to_string())
}

fn is_listening(name: &str) -> bool {
    LISTENING.iter().any(|(theirs, _)| *theirs == name)
}

/// The keys that this Rocket understands.
fn known() -> Dict {
    rocket::Config::default().data().unwrap_or_default().remove(&Profile::Default).unwrap_or_default()
}

/// The text of the file and its name for messages. Rocket looks for it in the parent directories too.
fn find(env: &Environment, directory: &Path, problems: &mut Problems) -> Option<(String, String)> {
    let named = env.rocket().find(|(_, name, _)| name == "config").map(|(variable, _, value)| (variable, value.trim()));
    let file = Path::new(named.map_or(DEFAULT_FILE, |(_, file)| file));
    let found = directory.ancestors().map(|directory| directory.join(file)).find(|path| path.is_file());
    let Some(path) = found else {
        if let Some((variable, file)) = named {
            problems.add(Problem::new(file, format!("environment {variable}"), "no such file"));
        }
        return None;
    };
    let shown = path.strip_prefix(directory).map_or_else(|_| path.clone(), PathBuf::from).display().to_string();
    match fs::read_to_string(&path) {
        Ok(text) => Some((shown, text)),
        Err(error) => {
            problems.add(Problem::new("broken file", shown, format!("cannot be read: {error}")));
            None
        }
    }
}

/// The tables of the file, each of which is a profile.
fn profiles(text: &str, place: &str, problems: &mut Problems) -> Map<Profile, Dict> {
    let tables = match Toml::string(text).data() {
        Ok(mut data) => data.remove(&Profile::Default).unwrap_or_default(),
        Err(error) => {
            problems.add(Problem::new("broken file", place, broken(&error.to_string())));
            Dict::new()
        }
    };
    let mut profiles = Map::new();
    for (name, value) in tables {
        match value.into_dict() {
            Some(dict) => {
                profiles.insert(Profile::from(name), dict);
            }
            None => {
                problems.add(Problem::new(name, place, "must stand under [default] or a profile such as [release]"))
            }
        }
    }
    profiles
}

/// The line and the reason out of the parser's message, without what it quotes in between, which may be a secret.
fn broken(message: &str) -> String {
    let lines: Vec<_> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines.as_slice() {
        [first, .., last] => format!("{first}: {last}"),
        _ => lines.concat(),
    }
}

/// Rocket passes over what it does not know; here it is a problem as everywhere.
fn check_names(data: &Map<Profile, Dict>, place: &str, problems: &mut Problems) {
    let known = known();
    let shutdown = |dict: &Dict| dict.get("shutdown").and_then(Value::as_dict).cloned().unwrap_or_default();
    for (profile, given) in data {
        let within = unknown("shutdown.", &shutdown(given), &shutdown(&known));
        for (name, advice) in unknown("", given, &known).into_iter().chain(within) {
            problems.add(Problem::new(format!("[{profile}] {name}"), place, advice));
        }
    }
}

/// The names that are not known, with the way out.
fn unknown(under: &str, given: &Dict, known: &Dict) -> Vec<(String, String)> {
    let names = given.keys().filter(|name| !known.contains_key(*name));
    let told = names.map(|name| {
        let advice = match problem::nearest(name, known.keys().map(String::as_str)) {
            Some(meant) => format!("unknown key; did you mean {meant}?"),
            None => "Rocket has no such key, or not in this build; Keybin's keys stand in store.cfg".to_owned(),
        };
        (format!("{under}{name}"), advice)
    });
    told.collect()
}

/// The single values within a value, by their path.
fn leaves(name: &str, value: &Value, found: &mut dyn FnMut(String, &Value)) {
    match value.as_dict() {
        Some(dict) => dict.iter().for_each(|(key, value)| leaves(&format!("{name}.{key}"), value, found)),
        None => found(name.to_owned(), value),
    }
}

/// A value as it would be written.
fn text(value: &Value) -> String {
    match value {
        Value::String(_, text) => text.clone(),
        Value::Char(_, c) => c.to_string(),
        Value::Bool(_, b) => b.to_string(),
        Value::Num(_, number) => match (number.to_u128(), number.to_i128(), number.to_f64()) {
            (Some(n), ..) => n.to_string(),
            (None, Some(n), _) => n.to_string(),
            (None, None, n) => n.unwrap_or_default().to_string(),
        },
        Value::Empty(..) => String::new(),
        Value::Array(_, values) => format!("[{}]", values.iter().map(text).collect::<Vec<_>>().join(", ")),
        Value::Dict(_, values) => {
            let values: Vec<_> = values.iter().map(|(name, value)| format!("{name} = {}", text(value))).collect();
            format!("{{{}}}", values.join(", "))
        }
    }
}
