//! `cargo xtask torture`: whether the promises hold whatever happens; see `tests/it/process/torture`.

use std::path::Path;

use crate::mongod;
use crate::step::{Result, cargo, heading, run as run_step, told};

/// What may be said, and the variable in which the tests find it.
const OPTIONS: [(&str, &str, &str); 3] = [
    ("--minutes", "KEYBIN_TORTURE_MINUTES", "10"),
    ("--seed", "KEYBIN_TORTURE_SEED", "1"),
    ("--faults", "KEYBIN_TORTURE_FAULTS", ""),
];

/// Tortures both stores, one after the other.
pub(crate) fn run(root: &Path, args: &[String]) -> Result {
    let mut values = OPTIONS.map(|(_, _, default)| default.to_owned());
    for option in args.chunks(2) {
        match (OPTIONS.iter().position(|(name, ..)| *name == option[0]), option.get(1)) {
            (Some(nth), Some(value)) => values[nth].clone_from(value),
            (Some(_), None) => return told(format!("{} needs a value", option[0])),
            (None, _) => return told(format!("torture has no option {}", option[0])),
        }
    }
    heading("MongoDB");
    let mongod = mongod::find(root)?;
    heading("torture");
    let mut test = cargo(root, &["test", "--locked", "--test", "it", "--", "torture", "--test-threads", "1"]);
    test.env(mongod::VARIABLE, mongod);
    for ((_, variable, _), value) in OPTIONS.iter().zip(values) {
        test.env(variable, value);
    }
    run_step(test)
}
