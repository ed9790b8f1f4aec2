//! `cargo xtask test`: everything that must hold before a change is taken, cheapest first.

use std::path::Path;

use crate::step::{Result, cargo, heading, run as run_step};
use crate::{axe, bench, chromium, mongod, schemathesis};

/// Runs all steps. `filter` narrows the last one to the integration tests it names.
pub(crate) fn run(root: &Path, filter: &[String]) -> Result {
    let cargo = |args: &[&str]| cargo(root, args);

    heading("formatting");
    run_step(cargo(&["fmt", "--all", "--check"]))?;

    heading("lints");
    run_step(cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))?;

    heading("MongoDB");
    let mongod = mongod::find(root)?;

    heading("browser");
    let chromium = chromium::find(root)?;
    let axe = axe::find(root)?;

    heading("schemathesis");
    let schemathesis = schemathesis::find(root)?;

    heading("documentation");
    let mut doc = cargo(&["doc", "--no-deps", "--document-private-items", "--locked"]);
    doc.env("RUSTDOCFLAGS", "-Dwarnings");
    run_step(doc)?;

    heading("tests");
    let mut test = if filter.is_empty() {
        cargo(&["test", "--workspace", "--locked"])
    } else {
        let mut test = cargo(&["test", "--locked", "--test", "it", "--"]);
        test.args(filter);
        test
    };
    test.env(mongod::VARIABLE, mongod);
    test.env(chromium::VARIABLE, chromium.browser).env(chromium::DRIVER_VARIABLE, chromium.driver);
    test.env(axe::VARIABLE, axe).env(schemathesis::VARIABLE, schemathesis);
    run_step(test)?;

    if filter.is_empty() {
        bench::run(root, &["--smoke".to_owned()])?;
    }
    Ok(())
}
