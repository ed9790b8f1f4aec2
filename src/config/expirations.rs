//! How long tokens live, by client id.

use std::collections::BTreeMap;

use crate::domain::ClientId;

/// Seconds for which a token is good: by client id, by family, or for all the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenExpirations {
    pub(super) others: u32,
    pub(super) by_client: BTreeMap<String, u32>,
}

impl TokenExpirations {
    /// Seconds for which a token of this client id is good. An entry for the whole id wins over one for its family,
    /// and that over `[STORE] token_expiration`.
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
        let expirations = TokenExpirations { others: 300, by_client: by_client.into() };
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
