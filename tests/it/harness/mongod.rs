//! MongoDB servers of the tests' own: each a replica set of one node, in a directory that goes with it.
//!
//! * A [`Mongod`] keeps its port and its data over [`Mongod::kill`], [`Mongod::stop`] and [`Mongod::restart`], so that
//!   a test can take the database away and bring it back.
//! * The TTL monitor is off: whoever relies on it for correctness fails here.
//! * Dropping it ends the process, also while a panic unwinds.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bson::doc;
use mongodb::Client;
use tempfile::TempDir;
use tokio::time::sleep;
use uuid::Uuid;

use super::child::{Process, Signal};

/// Names the server to use.
const VARIABLE: &str = "KEYBIN_TEST_MONGOD";

/// How long a server may take to start or to stop. Far more than it needs, for machines that are busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a start is tried anew because somebody else took the port in the meantime.
const ATTEMPTS: usize = 10;

/// The replica set of those that are in one.
pub(super) const SET: &str = "rs0";

/// What it writes once it listens.
const LISTENING: &str = "\"Waiting for connections\"";

/// The server that the environment names, that is on the PATH, or that `cargo xtask test` fetched.
pub(crate) fn find() -> Option<PathBuf> {
    let named = env::var_os(VARIABLE).map(PathBuf::from);
    if named.is_some() {
        return named.filter(|file| file.is_file());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).map(|folder| folder.join("mongod"));
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/mongodb/mongod");
    on_path.chain([fetched]).find(|file| file.is_file())
}

/// A running, killed or stopped server.
#[derive(Debug)]
pub(crate) struct Mongod {
    /// `None` while it is killed or stopped. First in order, because the process must be gone before its directory.
    process: Option<Process>,
    directory: TempDir,
    port: u16,
    binary: PathBuf,
    client: Client,
    /// `None` where it stands alone.
    set: Option<&'static str>,
}

/// Why a start did not succeed.
enum NotStarted {
    PortTaken,
    Other(String),
}

impl Mongod {
    /// Starts a server with an empty database and waits until it can be written to.
    pub(crate) async fn start(binary: &Path) -> Result<Self, String> {
        Self::start_in(binary, Some(SET)).await
    }

    /// Starts a server that belongs to no replica set.
    pub(crate) async fn start_alone(binary: &Path) -> Result<Self, String> {
        Self::start_in(binary, None).await
    }

    /// Starts a server that waits for being taken into a replica set.
    pub(super) async fn start_member(binary: &Path) -> Result<Self, String> {
        Self::launch_in(binary, Some(SET)).await
    }

    async fn start_in(binary: &Path, set: Option<&'static str>) -> Result<Self, String> {
        let mongod = Self::launch_in(binary, set).await?;
        if set.is_some() {
            mongod.initiate().await?;
        }
        mongod.wait_until_primary().await?;
        Ok(mongod)
    }

    async fn launch_in(binary: &Path, set: Option<&'static str>) -> Result<Self, String> {
        let directory = tempfile::Builder::new().prefix("keybin-mongod-").tempdir().map_err(|e| e.to_string())?;
        for _ in 0..ATTEMPTS {
            let port = free_port();
            match launch(binary, directory.path(), port, set).await {
                Ok(process) => {
                    let client = direct_client(port).await?;
                    return Ok(Self {
                        process: Some(process),
                        directory,
                        port,
                        binary: binary.to_owned(),
                        client,
                        set,
                    });
                }
                Err(NotStarted::PortTaken) => {}
                Err(NotStarted::Other(reason)) => return Err(reason),
            }
        }
        Err(format!("found no free port in {ATTEMPTS} attempts"))
    }

    /// Where it listens: `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// The connection string.
    pub(crate) fn uri(&self) -> String {
        let options = self.set.map_or_else(String::new, |set| format!("?replicaSet={set}"));
        format!("mongodb://{}/{options}", self.address())
    }

    /// A client that goes past the store, to see what is really there.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The number of its process; 0 while there is none.
    pub(super) fn id(&self) -> u32 {
        self.process.as_ref().map_or(0, Process::id)
    }

    /// Ends the process at once, as a power failure would (`kill -9`).
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Shuts the server down in good order.
    pub(crate) async fn stop(&mut self) {
        // The answer is a broken connection.
        let _ =
            self.client.database("admin").run_command(doc! { "shutdown": 1, "force": true, "timeoutSecs": 0 }).await;
        if let Some(process) = &mut self.process {
            process.ended(PATIENCE).await;
        }
        self.kill();
    }

    /// Holds the process: it keeps its connections and answers nothing.
    pub(crate) fn pause(&mut self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on after [`Mongod::pause`].
    pub(crate) fn resume(&mut self) {
        self.signal(Signal::CONT);
    }

    fn signal(&mut self, signal: Signal) {
        if let Some(process) = &mut self.process {
            process.signal(signal);
        }
    }

    /// Starts it again after [`Mongod::kill`] or [`Mongod::stop`]: same port, same data. Waits until it can be written to.
    pub(crate) async fn restart(&mut self) -> Result<(), String> {
        self.revive().await?;
        self.wait_until_primary().await
    }

    /// The same, and waits only until it listens.
    pub(super) async fn revive(&mut self) -> Result<(), String> {
        self.kill();
        for _ in 0..ATTEMPTS {
            match launch(&self.binary, self.directory.path(), self.port, self.set).await {
                Ok(process) => {
                    self.process = Some(process);
                    return Ok(());
                }
                Err(NotStarted::PortTaken) => sleep(Duration::from_millis(500)).await,
                Err(NotStarted::Other(reason)) => return Err(reason),
            }
        }
        Err(format!("the port {} stays taken", self.port))
    }

    async fn initiate(&self) -> Result<(), String> {
        let config = doc! {
            "_id": SET,
            "members": [{ "_id": 0, "host": self.address() }],
            "settings": { "electionTimeoutMillis": 1000, "heartbeatIntervalMillis": 500 },
        };
        let initiated = self.client.database("admin").run_command(doc! { "replSetInitiate": config }).await;
        initiated.map(|_| ()).map_err(|e| format!("replSetInitiate: {e}"))
    }

    async fn wait_until_primary(&self) -> Result<(), String> {
        let start = Instant::now();
        loop {
            let answer = self.client.database("admin").run_command(doc! { "hello": 1 }).await;
            if matches!(&answer, Ok(hello) if hello.get_bool("isWritablePrimary").unwrap_or(false)) {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("mongod does not become primary: {answer:?}\n{}", log_end(self.directory.path())));
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A port that nobody listens on. It lies below the range from which the kernel takes ports for outgoing connections,
/// so that it is free again at a restart.
fn free_port() -> u16 {
    loop {
        let [a, b, ..] = Uuid::new_v4().into_bytes();
        let port = 10_000 + u16::from_le_bytes([a, b]) % 20_000;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Connected to this node alone, whatever it says about its replica set.
async fn direct_client(port: u16) -> Result<Client, String> {
    let uri = format!("mongodb://127.0.0.1:{port}/?directConnection=true&serverSelectionTimeoutMS=5000");
    Client::with_uri_str(uri).await.map_err(|e| e.to_string())
}

/// Starts the process and waits until it listens.
async fn launch(binary: &Path, directory: &Path, port: u16, set: Option<&str>) -> Result<Process, NotStarted> {
    let other = |error: std::io::Error| NotStarted::Other(format!("{}: {error}", binary.display()));
    let log = log_file(directory);
    // What an earlier run wrote must not be taken for this one's.
    if log.exists() {
        fs::remove_file(&log).map_err(other)?;
    }
    let mut command = Command::new(binary);
    command.args(["--bind_ip", "127.0.0.1", "--port", &port.to_string()]);
    if let Some(set) = set {
        command.args(["--replSet", set]);
    }
    command.arg("--dbpath").arg(directory).arg("--logpath").arg(&log);
    command.args(["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64", "--noscripting", "--nounixsocket"]);
    for parameter in ["ttlMonitorEnabled=false", "enableTestCommands=1", "diagnosticDataCollectionEnabled=false"] {
        command.args(["--setParameter", parameter]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = Process::spawn(&mut command).map_err(other)?;

    let start = Instant::now();
    loop {
        if let Some(status) = process.try_wait().map_err(other)? {
            let end = log_end(directory);
            let taken = end.contains("Address already in use");
            return Err(if taken { NotStarted::PortTaken } else { NotStarted::Other(format!("{status}\n{end}")) });
        }
        if fs::read_to_string(&log).is_ok_and(|text| text.contains(LISTENING)) {
            return Ok(process);
        }
        if start.elapsed() > PATIENCE {
            return Err(NotStarted::Other(format!("mongod does not listen\n{}", log_end(directory))));
        }
        sleep(Duration::from_millis(20)).await;
    }
}

fn log_file(directory: &Path) -> PathBuf {
    directory.join("mongod.log")
}

fn log_end(directory: &Path) -> String {
    let text = fs::read_to_string(log_file(directory)).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
