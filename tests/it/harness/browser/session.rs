//! One browser: how it is started, what it is asked through, and how it ends.

use std::any::Any;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use futures_util::FutureExt;
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::driver::{Browsers, Driver};
use super::{Scheme, Scripts, Width};

/// How long a person waits for something to appear. Far more than it needs, for machines that are busy.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long a browser may take to end.
const ENDING: Duration = Duration::from_secs(30);

/// What finds things on a page.
const PAGE: &str = include_str!("page.js");

/// A time zone that is neither UTC nor a whole number of hours away from it, so that whoever mixes them up is found out.
const TIME_ZONE: &str = "Asia/Kolkata";

/// The key under which WebDriver gives an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser that looks at one server.
pub(crate) struct Browser {
    pub(super) client: Client,
    pub(super) scripts: Scripts,
    pub(super) axe: String,
    /// Where the browser keeps what it has, and the test what it uploads.
    pub(super) directory: TempDir,
    address: SocketAddr,
    patience: Duration,
}

/// Runs a case in a browser of its own and ends it, whatever happened. A case that went well must also have left nothing
/// on the console, and one that did not leaves a picture.
pub(crate) async fn with_browser(
    browsers: &Browsers,
    address: SocketAddr,
    scripts: Scripts,
    name: &str,
    case: impl AsyncFnOnce(&mut Browser),
) {
    let started = Browser::start(browsers, address, scripts).await;
    let mut browser = started.unwrap_or_else(|reason| fail(reason));
    let watched = async {
        case(&mut browser).await;
        browser.assert_calm().await;
    };
    let outcome = AssertUnwindSafe(watched).catch_unwind().await;
    let reason = outcome.as_ref().err().and_then(|panic| message(panic.as_ref()));
    let reason = match reason {
        Some(reason) => {
            let picture = timeout(ENDING, browser.picture_of_failure(name)).await;
            Some(format!("{reason}\n{}", picture.unwrap_or_default()))
        }
        None => None,
    };
    let closed = timeout(ENDING, browser.client.close()).await;
    if let Some(reason) = reason {
        fail(reason);
    }
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
    assert!(matches!(closed, Ok(Ok(()))), "the browser does not end: {closed:?}");
}

/// What a panic says, if it is text.
pub(super) fn message(panic: &(dyn Any + Send)) -> Option<String> {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
}

/// Ends the test with this message. It says all there is; a place within the harness would say nothing.
pub(super) fn fail(message: String) -> ! {
    resume_unwind(Box::new(message))
}

impl Browser {
    async fn start(browsers: &Browsers, address: SocketAddr, scripts: Scripts) -> Result<Self, String> {
        let driver = browsers.driver().await?;
        let axe = browsers.axe().await?.to_owned();
        let directory = driver.profile();
        let Value::Object(capabilities) = capabilities(driver, &directory) else { unreachable!("it is an object") };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&driver.url()).await;
        let client = client.map_err(|error| format!("no browser starts: {error}"))?;
        let browser = Self { client, scripts, axe, directory, address, patience: PATIENCE };
        browser.prepare().await.map_err(|error| format!("the browser cannot be set up: {error}"))?;
        Ok(browser)
    }

    async fn prepare(&self) -> Result<(), CmdError> {
        self.chrome("Emulation.setTimezoneOverride", json!({ "timezoneId": TIME_ZONE })).await?;
        self.chrome("Emulation.setLocaleOverride", json!({ "locale": "en-GB" })).await?;
        self.allow(self.scripts).await?;
        self.prefer(Scheme::Light).await;
        self.resize(Width::Wide).await;
        Ok(())
    }

    /// Looks at this server from now on: one that was started anew has a new port. Cookies stay.
    pub(crate) fn turn_to(&mut self, address: SocketAddr) {
        self.address = address;
    }

    /// Whether pages may run scripts.
    pub(crate) fn scripts(&self) -> Scripts {
        self.scripts
    }

    /// Gives up sooner, for tests of giving up.
    pub(super) fn be_impatient(&mut self) {
        self.patience = Duration::from_millis(200);
    }

    /// Prefers these colours from now on, also on the page that is open.
    pub(crate) async fn prefer(&self, scheme: Scheme) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme.to_string() });
        let done = self.chrome("Emulation.setEmulatedMedia", json!({ "features": [feature] })).await;
        done.unwrap_or_else(|error| fail(format!("the colours cannot be set: {error}")));
    }

    /// Makes the window this wide, also around the page that is open.
    pub(crate) async fn resize(&self, width: Width) {
        let (width, height) = width.size();
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        let done = self.chrome("Emulation.setDeviceMetricsOverride", metrics).await;
        done.unwrap_or_else(|error| fail(format!("the size cannot be set: {error}")));
    }

    /// Lets pages run scripts or not, from now on.
    pub(super) async fn allow(&self, scripts: Scripts) -> Result<(), CmdError> {
        let disabled = json!({ "value": scripts == Scripts::Off });
        self.chrome("Emulation.setScriptExecutionDisabled", disabled).await.map(|_| ())
    }

    /// Opens a page of the server, as by typing its address.
    pub(crate) async fn open(&self, path: &str) {
        if let Err(error) = self.client.goto(&format!("http://{}{path}", self.address)).await {
            self.give_up(&format!("{path} cannot be opened: {error}")).await;
        }
    }

    /// A command of the browser itself (Chrome DevTools Protocol).
    pub(super) async fn chrome(&self, command: &'static str, parameters: Value) -> Result<Value, CmdError> {
        self.client.issue_cmd(Extension::Chrome(command, parameters)).await
    }

    /// What has been written to the console since this was asked the last time.
    pub(super) async fn console(&self) -> Result<Value, CmdError> {
        self.client.issue_cmd(Extension::Console).await
    }

    /// Does one of the tasks of `page.js`.
    pub(super) async fn ask(&self, task: &str, words: &[Value]) -> Result<Value, String> {
        let words = [&[json!(task)], words].concat();
        self.client.execute(PAGE, words).await.map_err(|error| error.to_string())
    }

    /// What a task of `page.js` finds.
    pub(super) async fn find(&self, task: &str, words: &[Value]) -> Result<(Element, Value), String> {
        let found = self.ask(task, words).await?;
        match found["element"][ELEMENT].as_str() {
            Some(id) => Ok((Element::from_element_id(self.client.clone(), id.to_owned().into()), found)),
            None => Err(found["problem"].as_str().unwrap_or("not found").to_owned()),
        }
    }

    /// Tries until it succeeds, or the test fails with what is wanted and why it cannot be had.
    pub(super) async fn until<T>(&self, wanted: &str, attempt: impl AsyncFn() -> Result<T, String>) -> T {
        let start = Instant::now();
        loop {
            match attempt().await {
                Ok(done) => return done,
                Err(problem) if start.elapsed() > self.patience => self.give_up(&format!("{wanted}: {problem}")).await,
                Err(_) => sleep(Duration::from_millis(30)).await,
            }
        }
    }

    /// Fails with a message and with what the page is.
    pub(super) async fn give_up(&self, message: &str) -> ! {
        if let Some(text) = self.dialog().await {
            fail(format!("{message}\na dialog is open: “{text}”"));
        }
        let url = self.client.current_url().await.map_or_else(|error| error.to_string(), String::from);
        let title = self.client.title().await.unwrap_or_else(|error| error.to_string());
        let text = self.ask("text", &[]).await.unwrap_or_else(Value::from);
        let text: String = text.as_str().unwrap_or_default().chars().take(400).collect();
        fail(format!("{message}\non {url}, “{title}”, which begins:\n{text}"));
    }
}

/// What browser to start: one that calls nobody and knows nothing.
fn capabilities(driver: &Driver, directory: &TempDir) -> Value {
    let profile = format!("--user-data-dir={}", directory.path().join("profile").display());
    json!({
        "browserName": "chrome",
        "timeouts": { "pageLoad": 60_000, "script": 30_000, "implicit": 0 },
        // A dialog stays open until the test answers it.
        "unhandledPromptBehavior": "ignore",
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": {
            "binary": driver.chromium(),
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en-GB", profile,
            ],
            "prefs": { "intl.accept_languages": "en-GB,en" },
        },
    })
}

/// What ChromeDriver knows beyond WebDriver.
#[derive(Debug)]
enum Extension {
    Chrome(&'static str, Value),
    Console,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as std::str::FromStr>::Err> {
        let session = session.unwrap_or_default();
        base.join(&match self {
            Self::Chrome(..) => format!("session/{session}/goog/cdp/execute"),
            Self::Console => format!("session/{session}/se/log"),
        })
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = match self {
            Self::Chrome(command, parameters) => json!({ "cmd": command, "params": parameters }),
            Self::Console => json!({ "type": "browser" }),
        };
        (Method::POST, Some(body.to_string()))
    }
}
