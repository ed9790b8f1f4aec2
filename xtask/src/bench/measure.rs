//! What a server costs, as the kernel counts it: time on the processor, and the most memory it ever had.
//!
//! A server may be several processes; those that it started count as its own.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// Ticks in a second, in which Linux tells times to programs.
const TICKS: u64 = 100;

/// Microseconds that a process and its children have been on a processor.
pub(crate) fn cpu_micros(root: u32) -> u64 {
    let ticks: u64 = family(root).iter().filter_map(|process| Stat::read(*process)).map(|stat| stat.ticks).sum();
    ticks * (1_000_000 / TICKS)
}

/// The most memory, in bytes, that a process and its children ever had in use.
pub(crate) fn peak_bytes(root: u32) -> u64 {
    let peak = |process: &u32| {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        peak_in(&status)
    };
    family(root).iter().filter_map(peak).sum()
}

/// What one process holds at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) bytes: u64,
    /// Open files, connections among them.
    pub(crate) files: u64,
    pub(crate) threads: u64,
}

/// What a process holds now; `None` where it is gone.
pub(crate) fn held(process: u32) -> Option<Held> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let files = fs::read_dir(format!("/proc/{process}/fd")).ok()?.count() as u64;
    Some(Held { bytes: bytes_in(&status, "VmRSS:")?, files, threads: after(&status, "Threads:")?.parse().ok()? })
}

/// `VmHWM:      12345 kB`.
fn peak_in(status: &str) -> Option<u64> {
    bytes_in(status, "VmHWM:")
}

fn bytes_in(status: &str, name: &str) -> Option<u64> {
    let kibibytes: u64 = after(status, name)?.strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn after<'s>(status: &'s str, name: &str) -> Option<&'s str> {
    status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// A process and all that descend from it.
fn family(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    for process in entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()) {
        if let Some(stat) = Stat::read(process) {
            children.entry(stat.parent).or_default().push(process);
        }
    }
    let mut all = vec![root];
    let mut at = 0;
    while let Some(process) = all.get(at) {
        all.extend(children.get(process).into_iter().flatten().copied().collect::<Vec<_>>());
        at += 1;
    }
    all
}

/// What of /proc/<process>/stat is needed.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    ticks: u64,
}

impl Stat {
    fn read(process: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat")).ok()?)
    }

    /// The name stands in brackets and may hold anything; behind it come state, parent, …, and as the 12th and 13th the
    /// times.
    fn parse(text: &str) -> Option<Self> {
        let (_, behind) = text.rsplit_once(')')?;
        let fields: Vec<&str> = behind.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Self { parent: fields.get(1)?.parse().ok()?, ticks: ticks(11)? + ticks(12)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_behind_a_name_that_may_hold_anything() {
        let text = "42 (a) b (c)) S 7 42 42 0 -1 4194304 100 0 0 0 250 50 9 9 20 0 3 0 100 1000 200 1844";
        assert_eq!(Stat::parse(text), Some(Stat { parent: 7, ticks: 300 }));
        assert_eq!(Stat::parse("42 (a) S"), None);
    }

    #[test]
    fn a_peak_is_in_kibibytes() {
        assert_eq!(peak_in("Name:\tx\nVmPeak:\t  9 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"), Some(2 * 1024 * 1024));
        assert_eq!(peak_in("Name:\tx\n"), None);
    }

    #[test]
    fn this_process_has_memory() {
        assert!(peak_bytes(std::process::id()) > 0);
        let held = held(std::process::id()).expect("this process");
        assert!(held.bytes > 0 && held.files > 0 && held.threads > 0);
    }
}
