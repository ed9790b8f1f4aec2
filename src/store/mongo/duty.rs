//! What the store does by itself: prepare the database as soon as it is there, finish what was broken off.

use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};

use super::super::Result;
use super::client::Collections;
use super::gate::Gate;
use super::{accounts, erase, schema};
use crate::domain::Clock;

/// Between two tries to prepare the database; each try itself waits for the driver to find a primary.
const RETRY: Duration = Duration::from_millis(500);

/// Between two looks for what was broken off.
const ROUND: Duration = Duration::from_secs(60);

/// Runs until it is aborted.
pub(super) async fn run(db: Arc<Collections>, gate: Arc<Gate>, clock: Arc<dyn Clock>) {
    prepare(&db, clock.as_ref()).await;
    gate.open();
    loop {
        if let Err(error) = tidy(&db, &gate, clock.as_ref()).await {
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

async fn tidy(db: &Arc<Collections>, gate: &Gate, clock: &dyn Clock) -> Result<()> {
    let pending = Arc::clone(db);
    for account in gate.read(async move { erase::marked(&pending).await }).await? {
        info!(%account, "finishing an erasure");
        erase::finish(db, gate, account, clock.now()).await?;
    }
    erase::sweep(db, gate, clock.now()).await?;
    let pending = Arc::clone(db);
    gate.write(async move { accounts::finish_password_changes(&pending).await }).await
}
