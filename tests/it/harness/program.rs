//! The real `keybin` as a process of its own.
//!
//! * An [`Installation`] is what programs share over restarts: a working directory, a store, an environment. Nothing
//!   that the tests themselves were started with shows in it.
//! * [`Installation::serve`] starts a server, which is a [`Program`]; it ends with its handle.
//! * [`Installation::command`] carries a command out and gives what it said.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{self, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use keybin::domain::SystemClock;
use keybin::store::Store;
use keybin::store::embedded::EmbeddedStore;
use keybin::store::mongo::{MongoStore, Options};
use tempfile::TempDir;
use tokio::time::sleep;
use uuid::Uuid;

use super::child::{Process, Signal};
use super::mongod::Mongod;
use super::stores::{count_documents, count_rows, database_name};
use super::{Backend, NO_LIMITS};

/// How long a program may take to start, and a command to be carried out. Far more than either needs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What programs share.
pub(crate) struct Installation {
    directory: TempDir,
    /// `None` for the embedded file of the working directory, which is what a program takes that is told nothing.
    database: Option<(mongodb::Database, Options)>,
    environment: Vec<(String, String)>,
}

impl Installation {
    /// One with nothing in its store.
    pub(crate) fn new(backend: Backend, mongod: &Mongod, test: &str) -> Self {
        let directory = tempfile::Builder::new().prefix("keybin-program-").tempdir();
        let mut installation =
            Self { directory: directory.expect("a temporary directory"), database: None, environment: Vec::new() };
        installation.set("KEYBIN_PASSWORD_BCRYPT_COST", "4");
        // Tests are many clients at one address.
        for (limit, none) in NO_LIMITS {
            installation.set(limit, none);
        }
        if backend == Backend::Mongo {
            let name = database_name(test);
            installation.set("KEYBIN_STORE_HOST", &mongod.uri());
            installation.set("KEYBIN_STORE_DATABASE", &name);
            installation.database = Some((mongod.client().database(&name), Options::new(mongod.uri(), name)));
        }
        installation
    }

    /// Sets a variable of the environment for the programs that are started from now on.
    pub(crate) fn set(&mut self, variable: &str, value: &str) {
        self.environment.push((variable.to_owned(), value.to_owned()));
    }

    /// The directory that the programs run in.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The database itself, where the store is on MongoDB.
    pub(crate) fn database(&self) -> Option<&mongodb::Database> {
        self.database.as_ref().map(|(database, _)| database)
    }

    /// The store, opened by the test. A server must not run on an embedded file meanwhile.
    pub(crate) async fn store(&self) -> Arc<dyn Store> {
        let clock = Arc::new(SystemClock);
        let store: Arc<dyn Store> = match &self.database {
            None => Arc::new(EmbeddedStore::open(&self.file(), clock).expect("the file opens")),
            Some((_, options)) => Arc::new(MongoStore::open(options, clock).await.expect("the database opens")),
        };
        let start = Instant::now();
        while let Err(error) = store.ping().await {
            assert!(start.elapsed() < PATIENCE, "the store is not ready after {PATIENCE:?}: {error}");
            sleep(Duration::from_millis(10)).await;
        }
        store
    }

    /// How many rows there are in all tables, or documents in all collections, seen past the store. A server must not
    /// run on an embedded file meanwhile.
    pub(crate) async fn rows(&self) -> u64 {
        match &self.database {
            None => count_rows(&self.file()),
            Some((database, options)) => count_documents(database, options).await,
        }
    }

    /// Starts a server on a free port and waits until it listens and its store is ready.
    pub(crate) async fn serve(&self) -> Program {
        let program = self.listen().await;
        program.wait_for_store().await;
        program
    }

    /// Starts a server on a free port and waits until it listens, whatever becomes of its store.
    pub(crate) async fn listen(&self) -> Program {
        let mut program = self.launch();
        program.listen().await;
        program
    }

    /// Starts a server on a free port; [`Program::listen`] waits for it.
    pub(crate) fn launch(&self) -> Program {
        self.launch_with(["serve", "--port", "0"])
    }

    /// Starts a server with arguments of the test's own.
    pub(crate) fn launch_with<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Program {
        Program { running: self.command(arguments).spawn(), address: None }
    }

    /// A command with these arguments.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = process::Command::new(env!("CARGO_BIN_EXE_keybin"));
        for (variable, _) in std::env::vars_os() {
            let name = variable.to_string_lossy().to_ascii_uppercase();
            if ["KEYBIN_", "ROCKET_", "RUST_LOG"].iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(variable);
            }
        }
        command.envs(self.environment.iter().map(|(variable, value)| (variable, value)));
        command.args(arguments).current_dir(self.directory()).stdin(Stdio::null());
        let said = self.directory().join(format!("said-{}", Uuid::new_v4().simple()));
        Command { command, input: String::new(), said }
    }

    /// Everything that the programs and commands of this installation have written, of whatever kind.
    pub(crate) fn said(&self) -> String {
        let files = fs::read_dir(self.directory()).expect("the directory can be read");
        let files = files.map(|file| file.expect("the directory can be read").path());
        let said =
            files.filter(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("said-")));
        said.map(|file| read(&file)).collect()
    }

    /// Removes what no directory holds.
    pub(crate) async fn remove(self) {
        if let Some(database) = self.database() {
            database.drop().await.expect("drops the database of the test");
        }
    }

    fn file(&self) -> PathBuf {
        self.directory().join("keybin.redb")
    }
}

/// A command that was not carried out yet.
pub(crate) struct Command {
    command: process::Command,
    input: String,
    /// Where to write what it says, without the ending.
    said: PathBuf,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// What it printed, where it went well.
    pub(crate) fn good(self) -> String {
        assert!(self.status.success(), "{self:?}");
        self.stdout
    }

    /// The reason it gave, where it failed as it should: one line, and the exit status 1.
    pub(crate) fn reason(self) -> String {
        assert_eq!(self.status.code(), Some(1), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        assert_eq!(self.stderr.matches('\n').count(), 1, "{self:?}");
        self.stderr
    }
}

impl Command {
    /// What it reads from its standard input, which is a pipe then.
    pub(crate) fn stdin(mut self, text: &str) -> Self {
        self.command.stdin(Stdio::piped());
        text.clone_into(&mut self.input);
        self
    }

    /// Carries it out and waits for its end.
    pub(crate) async fn output(self) -> Output {
        let mut running = self.spawn();
        let status = running.process.ended(PATIENCE).await;
        let (stdout, stderr) = (running.stdout(), running.stderr());
        let status = status.unwrap_or_else(|| panic!("goes on after {PATIENCE:?}\n{stdout}\n{stderr}"));
        Output { status, stdout, stderr }
    }

    fn spawn(mut self) -> Running {
        let file = |ending| File::create(self.said.with_extension(ending)).expect("a file for the output");
        self.command.stdout(file("out")).stderr(file("err"));
        let mut process = Process::spawn(&mut self.command).expect("the program was built");
        if let Some(mut stdin) = process.stdin() {
            // It may have ended without reading.
            let _ = stdin.write_all(self.input.as_bytes());
        }
        Running { process, said: self.said }
    }
}

/// A process, and where it writes.
struct Running {
    process: Process,
    said: PathBuf,
}

impl Running {
    fn stdout(&self) -> String {
        read(&self.said.with_extension("out"))
    }

    fn stderr(&self) -> String {
        read(&self.said.with_extension("err"))
    }
}

fn read(file: &Path) -> String {
    String::from_utf8_lossy(&fs::read(file).expect("the output can be read")).into_owned()
}

/// A server.
pub(crate) struct Program {
    running: Running,
    address: Option<SocketAddr>,
}

impl Program {
    /// Waits until it says where it listens.
    pub(crate) async fn listen(&mut self) -> SocketAddr {
        let start = Instant::now();
        loop {
            if let Some(address) = self.announcement().and_then(|line| address_in(&line)) {
                self.address = Some(address);
                return address;
            }
            let ended = self.running.process.try_wait().expect("a child can be waited for");
            let late = start.elapsed() > PATIENCE;
            assert!(ended.is_none() && !late, "does not listen: {ended:?}\n{}{}", self.stdout(), self.stderr());
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until it does not answer any more that its store is away.
    async fn wait_for_store(&self) {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let path = format!("http://{}/user/{}/keys", self.address(), Uuid::new_v4());
        let start = Instant::now();
        while http.get(&path).send().await.expect("an answer").status() == 503 {
            assert!(start.elapsed() < PATIENCE, "its store is away\n{}", self.stderr());
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The line in which it says where it listens and where the data is.
    pub(crate) fn announcement(&self) -> Option<String> {
        let stdout = self.stdout();
        let (line, _) = stdout.split_once('\n')?;
        Some(line.to_owned())
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address.expect("it was waited for")
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.running.process.id()
    }

    /// What it has written to its standard output.
    pub(crate) fn stdout(&self) -> String {
        self.running.stdout()
    }

    /// What it has written to its standard error.
    pub(crate) fn stderr(&self) -> String {
        self.running.stderr()
    }

    /// Ends it at once, as a power failure would (SIGKILL).
    pub(crate) async fn kill(mut self) {
        self.running.process.signal(Signal::KILL);
        self.ended().await;
    }

    /// Holds it: it keeps its connections and answers nothing (SIGSTOP).
    pub(crate) fn pause(&mut self) {
        self.running.process.signal(Signal::STOP);
    }

    /// Lets it go on after [`Program::pause`].
    pub(crate) fn resume(&mut self) {
        self.running.process.signal(Signal::CONT);
    }

    /// Asks it to stop (SIGTERM), and waits until it did.
    pub(crate) async fn terminate(mut self) -> ExitStatus {
        self.ask_to_stop();
        self.ended().await
    }

    /// Asks it to stop (SIGTERM).
    pub(crate) fn ask_to_stop(&mut self) {
        self.running.process.signal(Signal::TERM);
    }

    /// Tells it that its files have changed (SIGHUP).
    pub(crate) fn hang_up(&mut self) {
        self.running.process.signal(Signal::HUP);
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let ended = self.running.process.ended(PATIENCE).await;
        ended.unwrap_or_else(|| panic!("goes on after {PATIENCE:?}\n{}", self.stderr()))
    }
}

/// The address in `Keybin … listens on http://ADDRESS, data in …`.
fn address_in(announcement: &str) -> Option<SocketAddr> {
    let (_, rest) = announcement.split_once(" listens on http://")?;
    rest.split_once(", data in ")?.0.parse().ok()
}
