//! The one ChromeDriver that all browsers of a run are started by.
//!
//! It starts when the first test asks for a browser, and ends with the harness, together with whatever browser is left.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};
use tokio::time::sleep;

use crate::harness::child::Process;

/// Names the ChromeDriver to use.
const CHROMEDRIVER: &str = "KEYBIN_TEST_CHROMEDRIVER";

/// Names the Chromium to use.
const CHROMIUM: &str = "KEYBIN_TEST_CHROMIUM";

/// Names the script of axe-core to use.
const AXE: &str = "KEYBIN_TEST_AXE";

/// How many browsers run at the same time: each takes a core while it starts.
const AT_ONCE: usize = 2;

/// How long ChromeDriver may take to start. Far more than it needs, for machines that are busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// What it writes in front of its port once it listens.
const LISTENING: &str = "was started successfully on port ";

/// What the tests that need browsers share.
#[derive(Debug)]
pub(crate) struct Browsers {
    driver: OnceCell<Driver>,
    axe: OnceCell<String>,
    seats: Semaphore,
}

/// A running ChromeDriver.
#[derive(Debug)]
pub(super) struct Driver {
    /// It leads a group of its own, so that browsers do not outlive it.
    _process: Process,
    /// Where it writes, and the browsers keep their profiles.
    directory: TempDir,
    port: u16,
    chromium: PathBuf,
}

impl Driver {
    /// The URL that it is spoken to at.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A directory for one browser alone.
    pub(super) fn profile(&self) -> TempDir {
        tempfile::Builder::new().prefix("profile-").tempdir_in(&self.directory).expect("a temporary directory")
    }

    /// The program to start browsers from.
    pub(super) fn chromium(&self) -> &Path {
        &self.chromium
    }
}

impl Browsers {
    /// None yet: most runs that are narrowed down to a few tests need none.
    pub(crate) fn new() -> Self {
        Self { driver: OnceCell::new(), axe: OnceCell::new(), seats: Semaphore::new(AT_ONCE) }
    }

    /// Waits until there is room for one more browser.
    pub(crate) async fn seat(&self) -> SemaphorePermit<'_> {
        self.seats.acquire().await.expect("it is never closed")
    }

    pub(super) async fn driver(&self) -> Result<&Driver, String> {
        self.driver.get_or_try_init(start).await
    }

    /// The script of axe-core.
    pub(super) async fn axe(&self) -> Result<&str, String> {
        let read = async || {
            let named = env::var_os(AXE).map(PathBuf::from);
            let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe-core/axe.min.js");
            let file = named.unwrap_or(fetched);
            fs::read_to_string(&file)
                .map_err(|error| format!("{}: {error}\n{}", file.display(), needed("axe-core", AXE)))
        };
        self.axe.get_or_try_init(read).await.map(String::as_str)
    }
}

/// Starts a ChromeDriver and waits until it listens.
async fn start() -> Result<Driver, String> {
    let chromedriver = find("chromedriver", CHROMEDRIVER)?;
    let chromium = find("chromium", CHROMIUM)?;
    let failed = |error: io::Error| format!("{}: {error}", chromedriver.display());
    let directory = tempfile::Builder::new().prefix("keybin-browsers-").tempdir().map_err(failed)?;
    let said = directory.path().join("chromedriver.log");
    let mut command = Command::new(&chromedriver);
    // Whichever port is free.
    command.arg("--port=0").current_dir(&directory).env("TMPDIR", directory.path());
    command.stdin(Stdio::null()).stdout(File::create(&said).map_err(failed)?).stderr(Stdio::null());
    let mut process = Process::lead(&mut command).map_err(failed)?;

    let start = Instant::now();
    loop {
        let text = fs::read_to_string(&said).map_err(failed)?;
        let port = text.split_once(LISTENING).and_then(|(_, rest)| rest.split_once('.')?.0.parse().ok());
        if let Some(port) = port {
            return Ok(Driver { _process: process, directory, port, chromium });
        }
        if let Some(status) = process.try_wait().map_err(failed)? {
            return Err(format!("{} ended ({status})\n{text}", chromedriver.display()));
        }
        if start.elapsed() > PATIENCE {
            return Err(format!("{} does not listen\n{text}", chromedriver.display()));
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// The program that the environment names, or that is on the PATH.
pub(super) fn find(program: &str, variable: &str) -> Result<PathBuf, String> {
    let named = env::var_os(variable).map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let mut on_path = env::split_paths(&path).map(|folder| folder.join(program));
    let found = if named.is_some() { named.filter(|file| file.is_file()) } else { on_path.find(|file| file.is_file()) };
    found.ok_or_else(|| needed(program, variable))
}

fn needed(what: &str, variable: &str) -> String {
    format!(
        "The tests of the web interface need {what}. Run `cargo xtask test`, which looks for it and installs it, or name \
         one with {variable}."
    )
}
