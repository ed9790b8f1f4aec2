//! Which secrets the operator has written into the configuration file.

use std::path::Path;

use super::{Config, Origin};

impl Config {
    /// The configuration file, and the keys in it whose values are secrets, if there are any.
    #[must_use]
    pub fn secrets_in_file(&self) -> Option<(&Path, Vec<String>)> {
        let (named, file) = &self.file;
        let begins_with = format!("{}, line ", named.display());
        let is_secret = |origin: &&Origin| {
            let has_secret = match (origin.key.section, origin.key.name) {
                // Only some connection strings hold a password.
                ("STORE", "host") => self.store.location.has_secret(),
                _ => origin.key.secret && !(origin.key.show)(self, &origin.name).is_empty(),
            };
            has_secret && origin.place.starts_with(&begins_with)
        };
        let keys = self.origins.iter().filter(is_secret);
        let keys: Vec<_> = keys.map(|origin| format!("[{}] {}", origin.key.section, origin.name)).collect();
        (!keys.is_empty()).then_some((file, keys))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::config::{Config, Environment, Overrides};

    fn keys(text: &str, environment: &[(&str, &str)]) -> Option<Vec<String>> {
        let directory = tempfile::tempdir().expect("a directory");
        fs::write(directory.path().join("store.cfg"), text).expect("writes");
        let environment: Environment = environment.iter().copied().collect();
        let config = Config::load(&Overrides::default(), &environment, directory.path()).expect("a configuration");
        let (file, keys) = config.secrets_in_file()?;
        assert_eq!(file, directory.path().join("store.cfg"));
        Some(keys)
    }

    #[test]
    fn secrets_in_the_file_are_known() {
        let jwt = "secret=0123456789abcdef0123456789abcdef\n";
        assert_eq!(keys("", &[]), None);
        assert_eq!(keys("[JWT]\nsecret=\n[STORE]\nhost=mongodb://h/\n", &[]), None);
        assert_eq!(keys(&format!("[JWT]\n{jwt}"), &[]), Some(vec!["[JWT] secret".to_owned()]));
        let both = format!("[STORE]\nhost=mongodb://me:secret@h/\n[JWT]\n{jwt}");
        assert_eq!(keys(&both, &[]), Some(vec!["[STORE] host".to_owned(), "[JWT] secret".to_owned()]));
        // The stronger one counts; what is in the environment is in no file.
        let environment = [("KEYBIN_JWT_SECRET", "fedcba9876543210fedcba9876543210")];
        assert_eq!(keys("[APP]\nport=1\n", &environment), None);
    }
}
