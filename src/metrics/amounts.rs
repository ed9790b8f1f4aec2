//! How much there is, as it was when somebody last looked. Whoever asks for metrics does not make the store look.

use std::fmt;

use arc_swap::ArcSwapOption;
use prometheus_client::metrics::gauge::ConstGauge;

use super::page::Page;
use crate::domain::Amounts;
use crate::service::Observer;

/// What was found last; nothing before the first look, and while the store does not answer.
#[derive(Debug, Default)]
pub(super) struct LastAmounts(ArcSwapOption<Amounts>);

impl LastAmounts {
    pub(super) async fn look(&self, observer: &Observer) {
        let found = observer.amounts().await;
        if let Err(reason) = &found {
            tracing::debug!("how much there is cannot be told: {reason}");
        }
        self.0.store(found.ok().map(Into::into));
    }

    pub(super) fn write(&self, page: &mut Page<'_>) -> fmt::Result {
        let Some(amounts) = self.0.load_full() else { return Ok(()) };
        let Amounts { accounts, tokens, documents, bytes } = *amounts;
        let mut level = |name, help: &str, amount: u64| page.one(name, help, &ConstGauge::new(amount));
        let seen = "as the store last told";
        let rough = "what has expired counts until it is removed, which takes a minute or two";
        level("keybin_accounts", &format!("Accounts, {seen}"), accounts)?;
        level("keybin_tokens", &format!("Tokens, {seen}; {rough}"), tokens)?;
        level("keybin_documents", &format!("Documents, {seen}; {rough}"), documents)?;
        let what = "the length of the embedded file, which never shrinks, or on MongoDB its collections and indexes";
        level("keybin_store_bytes", &format!("Bytes on disk, {seen}: {what}"), bytes)
    }
}
