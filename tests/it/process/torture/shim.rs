//! Faults inside of one process: a disk that fails, a clock that is wrong. A small library does it (`shim.c`), which the C
//! compiler that Rust links with makes, and which is loaded into the program before all others.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::program::Installation;

/// "No space left on device", as errno(3) numbers it on Linux.
pub(super) const NO_SPACE: i64 = 28;

/// "Input/output error".
pub(super) const INPUT_OUTPUT: i64 = 5;

/// What happens to the programs of one installation.
#[derive(Debug)]
pub(super) struct Shim {
    orders: File,
}

impl Shim {
    /// Sees to it that the programs that are started from now on can be troubled.
    pub(super) fn install(installation: &mut Installation) -> Self {
        let library = build(installation.directory());
        let orders = installation.directory().join("orders");
        fs::write(&orders, [0; 24]).expect("the orders can be written");
        installation.set("LD_PRELOAD", &library.to_string_lossy());
        installation.set("KEYBIN_TEST_SHIM", &orders.to_string_lossy());
        Self { orders: File::options().write(true).open(orders).expect("the orders can be opened") }
    }

    /// Lets every write to the embedded file fail, or none (0).
    pub(super) fn fail_writes(&self, error: i64) {
        self.order(0, error);
    }

    /// Lets it fail to be made durable, or not (0).
    pub(super) fn fail_syncs(&self, error: i64) {
        self.order(1, error);
    }

    /// Sets the clock so many seconds ahead of the true one, or behind it.
    pub(super) fn set_clock(&self, ahead: i64) {
        self.order(2, ahead);
    }

    fn order(&self, nth: u64, value: i64) {
        self.orders.write_all_at(&value.to_ne_bytes(), nth * 8).expect("the orders can be written");
    }
}

fn build(directory: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/process/torture/shim.c");
    let library = directory.join("shim.so");
    let compiler = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .arg(&library)
        .arg(source)
        .output();
    let compiler = compiler.expect("there is a C compiler, since Rust links with it");
    assert!(compiler.status.success(), "{}", String::from_utf8_lossy(&compiler.stderr));
    library
}
