//! How long tokens live, by client id.

use std::collections::BTreeMap;

use super::ClientId;

/// Seconds that a new token lives: looked up for the whole client id first, then for its family, then the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenExpirations {
    default: u32,
    by_client: BTreeMap<String, u32>,
}

impl TokenExpirations {
    /// The default, and what wins over it for single client ids or families.
    #[must_use]
    pub const fn new(default: u32, by_client: BTreeMap<String, u32>) -> Self {
        Self { default, by_client }
    }

    /// Seconds that a new token of this client id lives.
    #[must_use]
    pub fn seconds_for(&self, client_id: &ClientId) -> u32 {
        let of = |name: &str| self.by_client.get(name).copied();
        of(client_id.as_str()).or_else(|| of(client_id.family())).unwrap_or(self.default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_id_wins_over_the_family_and_that_over_the_default() {
        let table = [("web", 43_200), ("web/kiosk", 60)].map(|(name, seconds)| (name.to_owned(), seconds));
        let expirations = TokenExpirations::new(300, table.into());
        for (id, seconds) in [("web/kiosk", 60), ("web/1", 43_200), ("web", 43_200), ("default", 300), ("webby", 300)] {
            assert_eq!(ClientId::parse(id).map(|id| expirations.seconds_for(&id)), Ok(seconds), "{id}");
        }
    }
}
