//! The machine and the versions that figures come from.

use std::fs;
use std::path::Path;
use std::thread::available_parallelism;

use crate::step::{ask, command};

/// Lines that say where figures come from.
pub(crate) fn described(root: &Path) -> Vec<String> {
    let said =
        |program: &str, args: &[&str]| ask(command(root, program, args)).unwrap_or_else(|_| "unknown".to_owned());
    let first = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
        line.map_or("unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let cores = available_parallelism().map_or(0, usize::from);
    let kibibytes: f64 = first("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse().unwrap_or(0.0);
    vec![
        format!(
            "{cores} cores ({}), {:.0} GiB of memory",
            first("/proc/cpuinfo", "model name"),
            kibibytes / 1_048_576.0
        ),
        format!("Linux {}", said("uname", &["-r"])),
        format!("{}, commit {}", said("rustc", &["--version"]), said("git", &["describe", "--always", "--dirty"])),
        format!("measured on {}", said("date", &["-u", "+%Y-%m-%d %H:%M UTC"])),
    ]
}
