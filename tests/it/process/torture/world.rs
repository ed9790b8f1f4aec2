//! What is tortured: one Keybin on a file, or two on one replica set, and how clients find them.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};

use super::shim::Shim;
use crate::harness::program::{Installation, Program};
use crate::harness::replicas::Replicas;
use crate::harness::{Backend, Harness};
use crate::process::client::Client;

/// All that runs.
pub(super) struct World {
    /// Where the store is MongoDB.
    pub(super) set: Option<Replicas>,
    pub(super) instances: Vec<Instance>,
}

/// One Keybin, which may be killed and started again.
pub(super) struct Instance {
    pub(super) installation: Installation,
    pub(super) shim: Shim,
    program: Option<Program>,
    site: Site,
}

/// Where a Keybin is found. It has another port after each start.
#[derive(Clone)]
pub(super) struct Site {
    client: Arc<RwLock<Client>>,
    holds: Arc<AtomicUsize>,
}

impl World {
    /// Starts what belongs to this kind of store.
    pub(super) async fn start(harness: &Harness, backend: Backend) -> Self {
        let (set, instances) = match backend {
            Backend::Embedded => (None, 1),
            Backend::Mongo => (Some(Replicas::start(harness.mongod_binary()).await.expect("a replica set")), 2),
        };
        let uri = set.as_ref().map(Replicas::uri);
        let mut world = Self { set, instances: Vec::new() };
        for _ in 0..instances {
            world.instances.push(Instance::start(harness, uri.as_deref()).await);
        }
        world
    }

    /// Where the clients go.
    pub(super) fn sites(&self) -> Vec<Site> {
        self.instances.iter().map(|instance| instance.site.clone()).collect()
    }

    /// The replica set of a world that has one.
    pub(super) fn set(&mut self) -> &mut Replicas {
        self.set.as_mut().expect("a replica set")
    }
}

impl Instance {
    async fn start(harness: &Harness, uri: Option<&str>) -> Self {
        let mut installation = Installation::new(Backend::Embedded, harness.mongod(), "torture");
        installation.set("KEYBIN_STORE_TOKEN_EXPIRATION", "86400");
        // A request for each line would be gigabytes in the long run.
        installation.set("KEYBIN_LOG_LEVEL", "warn");
        if let Some(uri) = uri {
            installation.set("KEYBIN_STORE_HOST", uri);
        }
        let shim = Shim::install(&mut installation);
        let program = installation.serve().await;
        let client = Client::new(program.address());
        let site = Site { client: Arc::new(RwLock::new(client)), holds: Arc::default() };
        Self { installation, shim, program: Some(program), site }
    }

    /// Ends it at once, as a power failure would.
    pub(super) async fn kill(&mut self) {
        self.program.take().expect("it runs").kill().await;
    }

    /// Starts it again.
    pub(super) async fn revive(&mut self) {
        let program = self.installation.serve().await;
        *self.site.client.write().expect("nobody panics with it") = Client::new(program.address());
        self.program = Some(program);
    }

    /// Holds it: it keeps its connections and answers nothing.
    pub(super) fn pause(&mut self) {
        self.site.holds.fetch_add(1, Ordering::SeqCst);
        self.program.as_mut().expect("it runs").pause();
    }

    /// Lets it go on.
    pub(super) fn resume(&mut self) {
        self.program.as_mut().expect("it runs").resume();
        self.site.holds.fetch_add(1, Ordering::SeqCst);
    }

    /// Its embedded file.
    pub(super) fn file(&self) -> impl AsRef<Path> {
        self.installation.directory().join("keybin.redb")
    }
}

impl Site {
    /// A client of the program that runs there now.
    pub(super) fn client(&self) -> Client {
        self.client.read().expect("nobody panics with it").clone()
    }

    /// Changes whenever the program is held or goes on; odd while it is held, when nothing can be promised.
    pub(super) fn holds(&self) -> usize {
        self.holds.load(Ordering::SeqCst)
    }
}
