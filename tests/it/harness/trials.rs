//! The list of tests, and what happens around each: a store of its own, a deadline, and tidying up, also after a
//! failure.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use libtest_mimic::{Failed, Trial};
use tokio::time::timeout;

use super::browser::{Browser, Scripts, with_browser};
use super::program::Installation;
use super::{Backend, Harness, TestServer, TestStore};

/// How long a test may take. Far more than it needs: this is for those that hang.
const DEADLINE: Duration = Duration::from_secs(300);

/// Why there is a harness wherever a test runs.
const STARTED: &str = "the harness is started for every run that is no listing";

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
            let harness = harness.expect(STARTED);
            harness.runtime.block_on(in_time(test(&harness)))
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

    /// A test of the web interface: one trial for each store, with scripts and without.
    pub(crate) fn browsed<C>(&mut self, name: &str, case: C)
    where
        C: AsyncFn(&mut TestServer<'_>, &mut Browser) + Copy + Send + 'static,
    {
        for scripts in Scripts::BOTH {
            for backend in Backend::BOTH {
                self.in_browser(backend, scripts, format!("{backend}::{name}::{scripts}"), case);
            }
        }
    }

    /// A test of the web interface to which scripts make no difference, or that needs them: one trial for each store,
    /// with scripts.
    pub(crate) fn browsed_once<C>(&mut self, name: &str, case: C)
    where
        C: AsyncFn(&mut TestServer<'_>, &mut Browser) + Copy + Send + 'static,
    {
        for backend in Backend::BOTH {
            self.in_browser(backend, Scripts::On, format!("{backend}::{name}"), case);
        }
    }

    fn in_browser<C>(&mut self, backend: Backend, scripts: Scripts, name: String, case: C)
    where
        C: AsyncFn(&mut TestServer<'_>, &mut Browser) + Copy + Send + 'static,
    {
        self.seated(name.clone(), async move |harness| {
            let served = async |server: &mut TestServer<'_>| {
                let address = server.address();
                let browsed = async |browser: &mut Browser| case(server, browser).await;
                with_browser(harness.browsers(), address, scripts, &name, browsed).await;
            };
            on_store(harness, backend, &name, async |store: &mut TestStore| on_server(store, served).await).await;
        });
    }

    /// A test that runs a browser. It waits for its turn before its time runs.
    pub(crate) fn seated<T>(&mut self, name: impl Into<String>, test: T)
    where
        T: AsyncFnOnce(&Harness) + Send + 'static,
    {
        let harness = self.harness.clone();
        self.list.push(Trial::test(name, move || {
            let harness = harness.expect(STARTED);
            harness.runtime.block_on(async {
                let _seat = harness.browsers().seat().await;
                in_time(test(&harness)).await
            })
        }));
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

/// Carries a test out, within the deadline.
async fn in_time(test: impl Future<Output = ()>) -> Result<(), Failed> {
    timeout(DEADLINE, test).await.map_err(|_| format!("did not end within {DEADLINE:?}").into())
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
