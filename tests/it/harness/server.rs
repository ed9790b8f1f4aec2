//! A server for one test alone: Keybin as `keybin serve` puts it together, in this process, on a port of its own, over
//! the store of the test and by its clock.

use std::fs;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use keybin::app;
use keybin::config::{Config, Environment, Overrides};
use keybin::domain::Clock;
use keybin::service::Services;
use rocket::Shutdown;
use rocket::fairing::AdHoc;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::http::Http;
use super::{TestClock, TestStore};

/// A signal is meant for the tests, not for the servers in them, and nobody waits for connections that tests leave open.
const ROCKET: &str = "[default.shutdown]\nctrlc = false\nsignals = []\ngrace = 1\nmercy = 1\n";

/// Passwords that cost nothing, and any free port.
const ENVIRONMENT: [(&str, &str); 3] =
    [("KEYBIN_APP_PORT", "0"), ("KEYBIN_PASSWORD_BCRYPT_COST", "4"), ("KEYBIN_PASSWORD_THREADS", "2")];

/// Tests are many clients at one address. Those that are about limits say so in their `store.cfg`.
pub(crate) const NO_LIMITS: [(&str, &str); 3] =
    [("KEYBIN_LIMITS_WRONG_PASSWORDS", "0"), ("KEYBIN_LIMITS_LOG_INS", "0"), ("KEYBIN_LIMITS_REGISTRATIONS", "0")];

/// A running server, used like the client of it that it brings along.
pub(crate) struct TestServer<'s> {
    store: &'s mut TestStore,
    /// Where its `store.cfg` lies.
    directory: TempDir,
    /// `None` only while it is started anew.
    running: Option<Running>,
}

/// What a server is while it runs. It does not outlive this.
struct Running {
    http: Http,
    /// The method and the path of each.
    routes: Vec<(String, String)>,
    services: Services,
    shutdown: Shutdown,
    task: JoinHandle<()>,
}

impl Deref for TestServer<'_> {
    type Target = Http;

    fn deref(&self) -> &Http {
        &self.running().http
    }
}

impl<'s> TestServer<'s> {
    /// Starts with an empty `store.cfg`, where every default holds.
    pub(crate) async fn start(store: &'s mut TestStore) -> Self {
        let directory = tempfile::Builder::new().prefix("keybin-server-").tempdir().expect("a temporary directory");
        fs::write(directory.path().join("Rocket.toml"), ROCKET).expect("writes");
        let running = Some(launch(store, directory.path()).await);
        Self { store, directory, running }
    }

    /// A client, for tasks of their own.
    pub(crate) fn http(&self) -> Http {
        self.running().http.clone()
    }

    /// The services, to do what no request can. They must be gone before the server ends.
    pub(crate) fn services(&self) -> Services {
        self.running().services.clone()
    }

    /// The method and the path of every route.
    pub(crate) fn routes(&self) -> &[(String, String)] {
        &self.running().routes
    }

    /// The store below.
    pub(crate) fn store(&self) -> &TestStore {
        self.store
    }

    /// The clock of server and store. It starts at [`TestClock::START`].
    pub(crate) fn clock(&self) -> &TestClock {
        self.store.clock()
    }

    /// Starts anew with this `store.cfg`, over the same data and at the same time.
    pub(crate) async fn restart_with(&mut self, store_cfg: &str) {
        self.stop().await;
        fs::write(self.directory.path().join("store.cfg"), store_cfg).expect("writes");
        self.running = Some(launch(self.store, self.directory.path()).await);
    }

    /// How many rows there are in the store, seen past it. The server starts anew for that, as the store does.
    pub(crate) async fn rows(&mut self) -> u64 {
        self.stop().await;
        let rows = self.store.rows().await;
        self.running = Some(launch(self.store, self.directory.path()).await);
        rows
    }

    /// Ends the server; nobody has the store any more but the test.
    pub(crate) async fn stop(&mut self) {
        drop(self.running.take());
        self.store.come_back().await;
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("the server runs")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.clone().notify();
        // What is left of it waits for the connections, whose own tasks end them now.
        self.task.abort();
    }
}

async fn launch(store: &TestStore, directory: &Path) -> Running {
    let store_cfg = fs::read_to_string(directory.join("store.cfg")).unwrap_or_default();
    let limits = if store_cfg.contains("[LIMITS]") { &[][..] } else { &NO_LIMITS };
    let environment: Environment = ENVIRONMENT.iter().chain(limits).copied().collect();
    let config = Config::load(&Overrides::default(), &environment, directory);
    let config = config.unwrap_or_else(|errors| panic!("{errors}"));
    let clock: Arc<dyn Clock> = store.share_clock();
    let services = app::services(&config, &store.share(), &clock).expect("threads");
    let (announce, announced) = oneshot::channel();
    let liftoff = AdHoc::on_liftoff("announce", |rocket| {
        let address = (rocket.config().address, rocket.config().port).into();
        let _given_up = announce.send((address, rocket.shutdown()));
        Box::pin(async {})
    });
    let rocket = app::rocket(&config, services.clone()).attach(liftoff);
    let route = |route: &rocket::Route| (route.method.to_string(), route.uri.path().to_owned());
    let routes = rocket.routes().map(route).collect();
    let task = tokio::spawn(async {
        if let Err(error) = rocket.launch().await {
            panic!("{error}");
        }
    });
    let (address, shutdown) = announced.await.expect("the server starts");
    Running { http: Http::new(address), routes, services, shutdown, task }
}
