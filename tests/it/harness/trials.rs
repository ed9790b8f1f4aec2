//! The list of tests, and what happens around each: a store of its own, a deadline, and tidying up, also after a
//! failure.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use libtest_mimic::Trial;
use tokio::time::timeout;

use super::program::Installation;
use super::{Backend, Harness, TestServer, TestStore};

/// How long a test may take. Far more than it needs: this is for those that hang.
const DEADLINE: Duration = Duration::from_secs(180);

/// Collects the tests.
pub(crate) struct Trials {
    /// `None` when the tests are listed only.
    harness: Option<Arc<Harness>>,
    list: Vec<Trial>,
}

impl Trials {
    pub(crate) fn new(harness: Option<Arc<Harness>>) -> Self {
        Self { harness, list: Vec::new() }
    }

    pub(crate) fn into_list(self) -> Vec<Trial> {
        self.list
    }

    /// A test that needs nothing.
    pub(crate) fn plain(&mut self, name: impl Into<String>, test: fn()) {
        self.list.push(Trial::test(name, move || {
            test();
            Ok(())
        }));
    }

    /// A test that needs the runtime, and perhaps a MongoDB.
    pub(crate) fn on_harness<T>(&mut self, name: impl Into<String>, test: T)
    where
        T: AsyncFnOnce(&Harness) + Send + 'static,
    {
        let harness = self.harness.clone();
        self.list.push(Trial::test(name, move || {
            let harness = harness.expect("the harness is started for every run that is no listing");
            let in_time = harness.runtime.block_on(async { timeout(DEADLINE, test(&harness)).await });
            in_time.map_err(|_| format!("did not end within {DEADLINE:?}").into())
        }));
    }

    /// A test that runs on each store: one trial for each of them.
    pub(crate) fn on_both<C>(&mut self, name: &str, case: C)
    where
        C: AsyncFn(&mut TestStore) + Copy + Send + 'static,
    {
        for backend in Backend::BOTH {
            let name = format!("{backend}::{name}");
            self.on_harness(name.clone(), async move |harness| on_store(harness, backend, &name, case).await);
        }
    }

    /// A test of a server, over each store.
    pub(crate) fn served<C>(&mut self, name: &str, case: C)
    where
        C: AsyncFn(&mut TestServer<'_>) + Copy + Send + 'static,
    {
        self.on_both(name, async move |store: &mut TestStore| on_server(store, case).await);
    }

    /// A test of the program itself on each store: one trial for each of them.
    pub(crate) fn in_both<C>(&mut self, name: &str, case: C)
    where
        C: AsyncFn(&mut Installation) + Copy + Send + 'static,
    {
        for backend in Backend::BOTH {
            self.in_one(backend, name, case);
        }
    }

    /// A test of the program itself on the embedded file.
    pub(crate) fn in_embedded<C>(&mut self, name: &str, case: C)
    where
        C: AsyncFn(&mut Installation) + Copy + Send + 'static,
    {
        self.in_one(Backend::Embedded, name, case);
    }

    /// A test of the program itself on MongoDB.
    pub(crate) fn in_mongo<C>(&mut self, name: &str, case: C)
    where
        C: AsyncFn(&mut Installation) + Copy + Send + 'static,
    {
        self.in_one(Backend::Mongo, name, case);
    }

    fn in_one<C>(&mut self, backend: Backend, name: &str, case: C)
    where
        C: AsyncFn(&mut Installation) + Copy + Send + 'static,
    {
        let name = format!("{backend}::{name}");
        self.on_harness(name.clone(), async move |harness| in_installation(harness, backend, &name, case).await);
    }
}

/// Runs a case on a server of its own and ends the server, whatever happened.
async fn on_server(store: &mut TestStore, case: impl AsyncFn(&mut TestServer<'_>)) {
    let mut server = TestServer::start(store).await;
    let outcome = AssertUnwindSafe(case(&mut server)).catch_unwind().await;
    if let Err(panic) = outcome {
        drop(server);
        resume_unwind(panic);
    }
    server.stop().await;
}

/// Runs a case in an installation of its own and removes its data, whatever happened.
async fn in_installation(harness: &Harness, backend: Backend, name: &str, case: impl AsyncFn(&mut Installation)) {
    let mut installation = Installation::new(backend, harness.mongod(), name);
    let outcome = AssertUnwindSafe(case(&mut installation)).catch_unwind().await;
    installation.remove().await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Runs a case on a store of its own and removes the store, whatever happened.
async fn on_store(harness: &Harness, backend: Backend, name: &str, case: impl AsyncFn(&mut TestStore)) {
    let mut store = TestStore::open(backend, harness.mongod(), name).await;
    let outcome = AssertUnwindSafe(case(&mut store)).catch_unwind().await;
    let removed = timeout(Duration::from_secs(30), store.remove()).await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
    removed.expect("the store should close within 30 seconds");
}

/// The name of a test: where it stands within this binary, and what it is called.
pub(crate) fn trial_name(module: &str, function: &str) -> String {
    let within = module.split_once("::").map_or("", |(_, within)| within);
    format!("{within}::{function}")
}

/// Registers functions under their own names: `cases!(trials.on_both: a, b)`.
macro_rules! cases {
    ($trials:ident.$how:ident: $($case:ident),+ $(,)?) => {
        $($trials.$how(&$crate::harness::trial_name(module_path!(), stringify!($case)), $case);)+
    };
}
pub(crate) use cases;
