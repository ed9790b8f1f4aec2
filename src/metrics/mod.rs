//! The metrics: everything that is counted, under the names by which it is asked for.
//!
//! Whoever counts has handles without names (`tally`), and knows nothing of this room. Here they are read when somebody asks,
//! and written as Prometheus or OpenMetrics has it. `docs/METRICS.md` is the list.
//!
//! ```text
//! traffic    requests, by route                 store      what the store counts
//! passwords  the threads for bcrypt             refusals   who was told to come again
//! amounts    how much there is                  process    memory, files, and which Keybin this is
//! page       families, one after the other      format     the two ways to write them
//! ```

mod amounts;
mod format;
mod page;
mod passwords;
mod process;
mod refusals;
mod store;
mod traffic;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, text};
use prometheus_client::registry::Registry;

pub use self::format::Format;
pub use self::traffic::{RouteCounts, Traffic};

use self::amounts::LastAmounts;
use self::page::Page;
use crate::service::Observer;

/// See the module.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    families: Arc<Families>,
}

/// What is read when somebody asks.
#[derive(Debug)]
struct Families {
    observer: Observer,
    traffic: Traffic,
    amounts: LastAmounts,
}

impl Metrics {
    /// The metrics of what is observed, and of requests yet to come.
    #[must_use]
    pub fn new(observer: Observer) -> Self {
        let families = Arc::new(Families { observer, traffic: Traffic::default(), amounts: LastAmounts::default() });
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Arc::clone(&families)));
        Self { registry, families }
    }

    /// Where requests are counted.
    #[must_use]
    pub fn traffic(&self) -> &Traffic {
        &self.families.traffic
    }

    /// All of them, as text. This reads a few small files of the system.
    ///
    /// # Errors
    /// None that is known: the text has room for everything.
    pub fn text(&self, format: Format) -> Result<String, fmt::Error> {
        let mut open_metrics = String::new();
        text::encode(&mut open_metrics, &self.registry)?;
        Ok(format.of(open_metrics))
    }

    /// Looks how much there is, again and again with pauses between, until it is dropped.
    pub async fn look_again_and_again(&self, pause: Duration) {
        loop {
            self.families.amounts.look(&self.families.observer).await;
            tokio::time::sleep(pause).await;
        }
    }
}

impl Collector for Families {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        process::write(&mut page, &self.observer)?;
        self.traffic.write(&mut page)?;
        refusals::write(&mut page, &self.traffic, self.observer.auth())?;
        passwords::write(&mut page, &self.observer.auth().passwords)?;
        store::write(&mut page, self.observer.store())?;
        self.amounts.write(&mut page)
    }
}
