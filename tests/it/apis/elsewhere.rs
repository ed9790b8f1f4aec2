//! A second server beside the one of the test, over the same data and by the same clock, as behind a balancer.

use std::fs;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bson::{Document, doc};
use keybin::app;
use keybin::config::{Config, Environment, Overrides};
use keybin::domain::Clock;
use keybin::store::Store;
use keybin::store::mongo::{MongoStore, Options};
use rocket::Shutdown;
use rocket::fairing::AdHoc;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::harness::http::Http;
use crate::harness::{NO_LIMITS, TestServer};

const ROCKET: &str = "[default.shutdown]\nctrlc = false\nsignals = []\ngrace = 1\nmercy = 1\n";

/// How long the store may take until it answers.
const PATIENCE: Duration = Duration::from_secs(30);

const ENVIRONMENT: [(&str, &str); 3] =
    [("KEYBIN_APP_PORT", "0"), ("KEYBIN_PASSWORD_BCRYPT_COST", "4"), ("KEYBIN_PASSWORD_THREADS", "1")];

/// A running server, used like the client of it that it brings along. It must be gone before the one of the test ends.
pub(super) struct Elsewhere {
    http: Http,
    shutdown: Shutdown,
    task: JoinHandle<()>,
    /// Where the data allows it, the store is another one.
    own: Option<Arc<dyn Store>>,
}

impl Deref for Elsewhere {
    type Target = Http;

    fn deref(&self) -> &Http {
        &self.http
    }
}

impl Elsewhere {
    /// Starts with this `store.cfg`. On MongoDB it has connections of its own; the embedded file has one store only.
    pub(super) async fn beside(server: &TestServer<'_>, store_cfg: &str) -> Self {
        let clock: Arc<dyn Clock> = server.store().share_clock();
        let own = match server.store().database() {
            Some(database) => Some(open(database, clock.clone()).await),
            None => None,
        };
        let store = own.clone().unwrap_or_else(|| server.store().share());
        let directory = tempfile::Builder::new().prefix("keybin-server-").tempdir().expect("a temporary directory");
        let config = config(directory.path(), store_cfg);
        let rocket = app::rocket(&config, app::services(&config, &store, &clock).expect("threads"));
        let (announce, announced) = oneshot::channel();
        let liftoff = AdHoc::on_liftoff("announce", |rocket| {
            let address = (rocket.config().address, rocket.config().port).into();
            let _given_up = announce.send((address, rocket.shutdown()));
            Box::pin(async {})
        });
        let rocket = rocket.attach(liftoff);
        let task = tokio::spawn(async {
            if let Err(error) = rocket.launch().await {
                panic!("{error}");
            }
        });
        let (address, shutdown) = announced.await.expect("the server starts");
        Self { http: Http::new(address), shutdown, task, own }
    }

    /// Ends it.
    pub(super) async fn end(mut self) {
        if let Some(store) = self.own.take() {
            store.close().await;
        }
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.shutdown.clone().notify();
        self.task.abort();
    }
}

fn config(directory: &Path, store_cfg: &str) -> Config {
    fs::write(directory.join("Rocket.toml"), ROCKET).expect("writes");
    fs::write(directory.join("store.cfg"), store_cfg).expect("writes");
    let environment: Environment = ENVIRONMENT.into_iter().chain(NO_LIMITS).collect();
    let config = Config::load(&Overrides::default(), &environment, directory);
    config.unwrap_or_else(|errors| panic!("{errors}"))
}

async fn open(database: &mongodb::Database, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    let hello: Document = database.run_command(doc! { "hello": 1 }).await.expect("answers");
    let (node, set) = (hello.get_str("me").expect("an address"), hello.get_str("setName").expect("a name"));
    let options = Options::new(format!("mongodb://{node}/?replicaSet={set}"), database.name());
    let store: Arc<dyn Store> = Arc::new(MongoStore::open(&options, clock).await.expect("the database opens"));
    app::wait_for(&*store, PATIENCE).await.expect("the database answers");
    store
}
