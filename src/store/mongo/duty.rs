//! What the store does by itself: prepare the database as soon as it is there, finish broken-off erasures, remove
//! remains.

use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};

use super::super::Result;
use super::client::Collections;
use super::gate::Gate;
use super::{erase, schema};
use crate::domain::Clock;

/// Between two tries to prepare the database; each try itself waits for the driver to find a primary.
const RETRY: Duration = Duration::from_millis(500);

/// Between two looks for broken-off erasures.
const ROUND: Duration = Duration::from_secs(60);

/// Every so many rounds the remains of dead processes are looked for.
const ORPHANS_EVERY: u32 = 60;

/// Runs until it is aborted.
pub(super) async fn run(db: Arc<Collections>, gate: Arc<Gate>, clock: Arc<dyn Clock>) {
    prepare(&db, clock.as_ref()).await;
    gate.open();
    for round in 0_u32.. {
        if let Err(error) = tidy(&db, &gate, round.is_multiple_of(ORPHANS_EVERY)).await {
            warn!("tidying up is put off: {error}");
        }
        tokio::time::sleep(ROUND).await;
    }
}

async fn prepare(db: &Collections, clock: &dyn Clock) {
    let mut told = String::new();
    loop {
        match schema::prepare(db, clock).await {
            Ok(adoption) => {
                if !adoption.is_empty() {
                    info!("adopted an existing database: {adoption}");
                }
                info!("MongoDB is ready");
                return;
            }
            Err(error) => {
                let why = error.to_string();
                if why != told {
                    warn!("MongoDB is not ready, trying again: {why}");
                    told = why;
                }
            }
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn tidy(db: &Arc<Collections>, gate: &Gate, orphans: bool) -> Result<()> {
    let pending = Arc::clone(db);
    for account in gate.read(async move { erase::marked(&pending).await }).await? {
        info!(%account, "finishing an erasure");
        erase::finish(db, gate, account).await?;
    }
    if orphans {
        let removed = erase::orphans(db, gate).await?;
        if removed > 0 {
            info!("removed the remains of {removed} accounts");
        }
    }
    Ok(())
}
