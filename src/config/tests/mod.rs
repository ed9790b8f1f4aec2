//! What the configuration promises, tried through [`Config::load`] on directories and environments of its own.

mod precedence;
mod problems;
mod report;
mod shipped;

use std::fs;

use tempfile::TempDir;

use super::*;

/// What an operator did before the start.
struct Given {
    directory: TempDir,
    environment: Vec<(String, String)>,
    overrides: Overrides,
}

/// Nothing at all.
fn given() -> Given {
    let directory = TempDir::new().expect("a temporary directory");
    Given { directory, environment: Vec::new(), overrides: Overrides::default() }
}

impl Given {
    fn file(self, name: &str, text: &str) -> Self {
        fs::write(self.directory.path().join(name), text).expect("a written file");
        self
    }

    fn store_cfg(self, text: &str) -> Self {
        self.file("store.cfg", text)
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn options(mut self, overrides: Overrides) -> Self {
        self.overrides = overrides;
        self
    }

    fn load(&self) -> Result<Config, ConfigErrors> {
        let environment: Environment = self.environment.iter().cloned().collect();
        Config::load(&self.overrides, &environment, self.directory.path())
    }

    fn config(&self) -> Config {
        self.load().unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// The problems, a line each.
    fn problems(&self) -> Vec<String> {
        self.load().err().map_or_else(Vec::new, |errors| errors.problems().iter().map(ToString::to_string).collect())
    }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Every value a key has, apart from where it came from.
fn values(config: &Config) -> Vec<String> {
    config.origins.iter().map(|origin| (origin.key.show)(config, &origin.name)).collect()
}
