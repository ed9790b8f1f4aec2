//! One source of values as figment sees it: texts by section and key, each with the place it was found.

use std::collections::BTreeMap;

use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

/// The values of one source.
#[derive(Debug)]
pub(super) struct Layer {
    name: &'static str,
    values: BTreeMap<(String, String), Found>,
}

#[derive(Debug)]
struct Found {
    text: String,
    place: String,
}

impl Layer {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, values: BTreeMap::new() }
    }

    /// Adds a value, in place of one with the same name.
    pub(super) fn set(&mut self, section: &str, name: &str, text: &str, place: &str) {
        let found = Found { text: text.to_owned(), place: place.to_owned() };
        self.values.insert((section.to_owned(), name.to_owned()), found);
    }

    /// The place of a value that was set before.
    pub(super) fn place_of(&self, section: &str, name: &str) -> Option<&str> {
        Some(&self.values.get(&(section.to_owned(), name.to_owned()))?.place)
    }
}

impl Provider for Layer {
    /// The interpolater answers with the place, which is what a reader of a message wants to know of a key.
    fn metadata(&self) -> Metadata {
        let places: BTreeMap<_, _> =
            self.values.iter().map(|(key, found)| (key.clone(), found.place.clone())).collect();
        let name = self.name;
        Metadata::named(name).interpolater(move |_, path| {
            let [section, key] = path else { return name.to_owned() };
            places.get(&((*section).to_owned(), (*key).to_owned())).cloned().unwrap_or_else(|| name.to_owned())
        })
    }

    // Sections and keys go in as they are and are taken out by the section alone: a client id may hold the dot at
    // which figment would split a path.
    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        let mut sections: BTreeMap<&str, Dict> = BTreeMap::new();
        for ((section, name), found) in &self.values {
            sections.entry(section).or_default().insert(name.clone(), Value::from(found.text.as_str()));
        }
        let sections = sections.into_iter().map(|(section, values)| (section.to_owned(), values.into()));
        Ok(Profile::Default.collect(sections.collect()))
    }
}

/// Where a value of a figment came from.
pub(super) fn place(figment: &Figment, value: &Value, path: &[&str]) -> String {
    figment.get_metadata(value.tag()).map(|source| source.interpolate(&Profile::Default, path)).unwrap_or_default()
}
