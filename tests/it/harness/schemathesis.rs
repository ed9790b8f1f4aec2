//! schemathesis: reads `/openapi.json` of a server, makes up requests that it allows and requests that it does not, and
//! holds the answers against it.
//!
//! What it is told besides stands in `tests/schemathesis`.

use std::env;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::child::Process;

/// Names the program to use.
const VARIABLE: &str = "KEYBIN_TEST_SCHEMATHESIS";

/// How long it may take. Far more than it needs: this is for one that hangs.
const PATIENCE: Duration = Duration::from_secs(280);

/// Runs it against a server, as this account, and fails with what it says where it finds something.
pub(crate) async fn run(directory: &Path, server: SocketAddr, account: &str, arguments: &[&str]) {
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis");
    for file in ["schemathesis.toml", "hooks.py"] {
        fs::copy(settings.join(file), directory.join(file)).expect("copies");
    }
    let said = directory.join("schemathesis.txt");
    let file = || File::options().create(true).append(true).open(&said).expect("a file for the output");
    let mut command = Command::new(find());
    command.args(["--config-file", "schemathesis.toml", "run", "--no-color"]).args(arguments);
    command.arg(format!("http://{server}/openapi.json"));
    command.env("KEYBIN_ACCOUNT", account).env("NO_PROXY", "127.0.0.1").env("PYTHONDONTWRITEBYTECODE", "1");
    command.current_dir(directory).stdout(file()).stderr(file());
    let mut process = Process::lead(&mut command).expect("schemathesis was found");
    let ended = process.ended(PATIENCE).await;
    let said = fs::read_to_string(&said).expect("the output can be read");
    let status = ended.unwrap_or_else(|| panic!("goes on after {PATIENCE:?}\n{said}"));
    assert!(status.success(), "{status}\n{said}");
    println!("{}", said.lines().rev().find(|line| line.contains(" in ")).unwrap_or_default());
}

/// The program.
fn find() -> PathBuf {
    let named = env::var_os(VARIABLE).map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).map(|folder| folder.join("schemathesis"));
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/schemathesis/bin/schemathesis");
    let found = match named {
        Some(named) => Some(named).filter(|file| file.is_file()),
        None => on_path.chain([fetched]).find(|file| file.is_file()),
    };
    found.unwrap_or_else(|| {
        panic!("this test needs schemathesis; run `cargo xtask test`, which fetches it, or name it with {VARIABLE}")
    })
}
