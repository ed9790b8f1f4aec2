//! The machine: files that may be open, memory, and the clock.

use std::fs;
use std::path::Path;

use indicatif::HumanBytes;

use super::finding::Finding;
use crate::config::Config;
use crate::domain::{Clock, SystemClock, Timestamp};
use crate::store::Location;

/// Files that are open beside connections: the store, the log, and connections to a database.
const OTHER_FILES: u64 = 256;

/// Connections to expect where requests have no limit.
const CONNECTIONS: u64 = 2048;

/// What no clock says that is right: before this program was written, or long after.
const PLAUSIBLE: (&str, &str) = ("2025-01-01T00:00:00Z", "2100-01-01T00:00:00Z");

/// The directory of systemd's time synchronisation, where that runs, and the file that it makes when it has succeeded.
const SYNCHRONISATION: (&str, &str) = ("/run/systemd/timesync", "/run/systemd/timesync/synchronized");

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let cache = matches!(config.store.location, Location::Embedded(_)).then_some(config.store.cache_bytes as u64);
    let memory = cache.and_then(|cache| Some(memory(cache, memory_of_machine()?)));
    [open_files(config.limits.requests), memory, Some(clock(SystemClock.now()))].into_iter().flatten().collect()
}

/// Each connection needs a file descriptor. `serve` raises the soft limit to the hard one.
fn open_files(requests: u32) -> Option<Finding> {
    let (soft, hard) = rlimit::getrlimit(rlimit::Resource::NOFILE).ok()?;
    let needed = if requests == 0 { CONNECTIONS } else { u64::from(requests) } + OTHER_FILES;
    let text = format!("{hard} files may be open (the soft limit of {soft} is raised to it)");
    Some(if hard >= needed {
        Finding::ok("limits.files", text)
    } else {
        Finding::warning(
            "limits.files",
            format!("{text}, and as many requests at once as are allowed need {needed}"),
            "raise it (LimitNOFILE= of systemd, ulimit -n), or lower [LIMITS] requests",
        )
    })
}

fn memory(cache: u64, memory: u64) -> Finding {
    let text = format!("the cache may take {} of {}", HumanBytes(cache), HumanBytes(memory));
    let advice = "lower [STORE] cache_bytes";
    if cache >= memory {
        Finding::problem("limits.memory", text, advice)
    } else if cache > memory / 2 {
        Finding::warning("limits.memory", text, advice)
    } else {
        Finding::ok("limits.memory", text)
    }
}

/// The memory that there is, or that this process may have; `None` where nobody tells.
fn memory_of_machine() -> Option<u64> {
    let told = fs::read_to_string("/proc/meminfo").ok()?;
    let kibibytes = told.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    let all = kibibytes?.parse::<u64>().ok()? * 1024;
    let allowed = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|most| most.trim().parse().ok());
    Some(allowed.map_or(all, |allowed: u64| allowed.min(all)))
}

/// Tokens and documents expire by this clock.
fn clock(now: Timestamp) -> Finding {
    let is_plausible = Timestamp::parse(PLAUSIBLE.0).is_none_or(|first| now > first)
        && Timestamp::parse(PLAUSIBLE.1).is_none_or(|last| now < last);
    if !is_plausible {
        return Finding::problem("clock", format!("it says {now}"), "set it: tokens and documents expire by it");
    }
    if Path::new(SYNCHRONISATION.0).is_dir() && !Path::new(SYNCHRONISATION.1).exists() {
        return Finding::warning(
            "clock",
            format!("it says {now}, and was not yet compared with others"),
            "see `timedatectl timesync-status`",
        );
    }
    Finding::ok("clock", format!("it says {now}"))
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_cache_must_fit_into_the_memory() {
        let of = |cache| memory(cache, 1000).state;
        assert_eq!([of(500), of(501), of(1000)], [State::Ok, State::Warning, State::Problem]);
        assert!(memory_of_machine().is_none_or(|memory| memory > 1 << 20));
    }

    #[test]
    fn a_clock_that_was_never_set_is_found() {
        let at = |text| clock(Timestamp::parse(text).expect("a time")).state;
        assert_eq!(at("1970-01-01T00:10:00Z"), State::Problem);
        assert_eq!(at("2120-01-01T00:00:00Z"), State::Problem);
        assert_ne!(at("2040-01-01T00:00:00Z"), State::Problem);
    }
}
