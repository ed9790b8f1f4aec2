//! `keybin check-config`: the effective values and where each came from.

use std::io::{Write, stdout};

use super::CliError;
use crate::config::Config;

pub(super) fn run(config: &Config) -> Result<(), CliError> {
    Ok(stdout().write_all(config.report().as_bytes())?)
}
