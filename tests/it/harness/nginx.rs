//! nginx in front of a server, with the configuration that operators are given.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::time::sleep;

use super::child::Process;

/// Names the program to use.
const VARIABLE: &str = "KEYBIN_TEST_NGINX";

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running nginx, which ends with its handle.
pub(crate) struct Nginx {
    _process: Process,
    _directory: TempDir,
    address: SocketAddr,
}

impl Nginx {
    /// Starts it in front of `server`, as operators are told to.
    pub(crate) async fn start(server: SocketAddr) -> Self {
        let others = [
            ("server 127.0.0.1:5000;", format!("server {server};")),
            ("<keybin.example.org>", "localhost".to_owned()),
            ("/var/log/nginx/keybin.log", "errors.log".to_owned()),
        ];
        Self::configured("deploy/nginx/keybin.conf", &others).await
    }

    /// Starts it with a configuration that is shipped. Of that, only what belongs to the machine is another: where it
    /// listens, without TLS, and what the test says.
    pub(crate) async fn configured(shipped: &str, others: &[(&str, String)]) -> Self {
        let directory = tempfile::Builder::new().prefix("keybin-nginx-").tempdir().expect("a directory");
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join(shipped);
        let shipped = fs::read_to_string(shipped).expect("the configuration that is shipped");
        let lines = shipped.lines().filter(|line| !line.trim_start().starts_with("ssl_"));
        let conf = lines.collect::<Vec<_>>().join("\n");
        let conf = replaced(&conf, "listen 443 ssl;", &format!("listen {address};"));
        let conf = others.iter().fold(conf, |conf, (that, this)| replaced(&conf, that, this));
        let whole = format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr;\nevents {{ worker_connections 4096; }}\n\
             http {{ client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; \
             uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n{conf}\n}}\n"
        );
        let file = directory.path().join("nginx.conf");
        fs::write(&file, whole).expect("the configuration can be written");
        let said = fs::File::create(directory.path().join("said")).expect("a file for what it says");
        let mut command = Command::new(program());
        command.arg("-p").arg(directory.path()).arg("-c").arg(&file);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said);
        let mut process = Process::spawn(&mut command).expect("nginx starts");
        let start = Instant::now();
        while tokio::net::TcpStream::connect(address).await.is_err() {
            let ended = process.try_wait().expect("a child can be waited for");
            let late = start.elapsed() > PATIENCE;
            let said = || fs::read_to_string(directory.path().join("said")).unwrap_or_default();
            assert!(ended.is_none() && !late, "nginx does not listen: {ended:?}\n{}", said());
            sleep(Duration::from_millis(10)).await;
        }
        Self { _process: process, _directory: directory, address }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The same with this in place of that, which must be there.
fn replaced(text: &str, that: &str, this: &str) -> String {
    assert!(text.contains(that), "{that} is not in the configuration");
    text.replace(that, this)
}

/// The nginx that the environment names, or that of the PATH and of where Debian has it.
fn program() -> PathBuf {
    if let Some(named) = env::var_os(VARIABLE) {
        return named.into();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = folders.map(|folder| folder.join("nginx")).find(|file| file.is_file());
    found.expect("there is an nginx; `cargo xtask test` fetches one")
}
