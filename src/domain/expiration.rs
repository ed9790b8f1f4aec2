//! How long tokens live, by client id.

use std::collections::BTreeMap;

use super::ClientId;

/// Seconds for which a new token is good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenExpirations {
    /// By whole client id, or by family.
    pub by_client: BTreeMap<String, u32>,
    /// For all the others.
    pub others: u32,
}

impl TokenExpirations {
    /// Seconds for which a new token of this client id is good. An entry for the whole id wins over one for its family,
    /// and that over the rest.
    #[must_use]
    pub fn seconds_for(&self, client_id: &ClientId) -> u32 {
        let entry = |name: &str| self.by_client.get(name).copied();
        entry(client_id.as_str()).or_else(|| entry(client_id.family())).unwrap_or(self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_id_wins_over_the_family_and_that_over_the_rest() {
        let by_client =
            [("web", 10), ("web/kiosk", 20), ("Phone", 30)].map(|(name, seconds)| (name.to_owned(), seconds));
        let expirations = TokenExpirations { by_client: by_client.into(), others: 300 };
        for (id, seconds) in [
            ("web", 10),
            ("web/3f9a", 10),
            ("web/kiosk", 20),
            ("web/kiosk/2", 10),
            ("website", 300),
            ("Phone", 30),
            ("phone", 300),
            ("default", 300),
            ("/web", 300),
        ] {
            assert_eq!(expirations.seconds_for(&ClientId::parse(id).expect("a client id")), seconds, "{id}");
        }
    }
}
