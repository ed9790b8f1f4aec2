//! What holds of `store.cfg`, whatever comes in. Its author is no stranger, but may be tired.

use std::path::Path;

use figment::value::Dict;
use figment::{Figment, Profile, Provider};

use super::{SECTIONS, parse};
use crate::config::layer::Layer;
use crate::config::problem::{Problems, shown};
use crate::config::rocket_toml::RocketToml;
use crate::config::{Config, ConfigErrors, Environment, keys};

/// The same whatever ends its lines, and again from a file that is made of what was read; problems take a line each, and
/// no secret is told.
pub fn store_cfg(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (layer, errors) = read(text);
    let (same, same_errors) = read(&text.replace('\n', "\r\n"));
    assert_eq!((values(&layer), &errors), (values(&same), &same_errors));
    let (again, none) = read(&written(&layer));
    assert_eq!((values(&again), none), (values(&layer), None));
    one_line_each(errors.as_ref());

    let mut problems = Problems::default();
    let rocket = RocketToml::read(&Environment::default(), Path::new("/nowhere"), &mut problems);
    let config = Config::typed(&Figment::new().merge(keys::defaults()).merge(layer), rocket, &mut problems);
    let report = config.report();
    if let Some(secret) = &config.jwt.secret
        && text.matches(secret.as_str()).count() == 1
    {
        assert!(!report.contains(secret.as_str()) && !format!("{config:?}").contains(secret.as_str()));
    }
    one_line_each(problems.into_result(()).err().as_ref());
}

fn read(text: &str) -> (Layer, Option<ConfigErrors>) {
    let mut problems = Problems::default();
    let layer = parse(text, "store.cfg", &mut problems);
    (layer, problems.into_result(()).err())
}

fn values(layer: &Layer) -> Dict {
    layer.data().expect("texts").remove(&Profile::Default).unwrap_or_default()
}

fn written(layer: &Layer) -> String {
    let mut text = String::new();
    for section in SECTIONS {
        let values = values(layer).remove(section).and_then(figment::value::Value::into_dict).unwrap_or_default();
        if !values.is_empty() {
            text.push_str(&format!("[{section}]\n"));
        }
        for (name, value) in values {
            text.push_str(&format!("{name}={}\n", value.as_str().expect("a text")));
        }
    }
    text
}

fn one_line_each(errors: Option<&ConfigErrors>) {
    for problem in errors.into_iter().flat_map(ConfigErrors::problems) {
        let text = problem.to_string();
        assert!(!text.contains(['\n', '\r']), "{}", shown(&text));
    }
}
