//! The process, by the names that all programs give these: memory, files, processor. And which Keybin it is.
//!
//! What the system tells is read when somebody asks; where there is no `/proc`, it is left out.

use std::fmt;

use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;

use super::page::Page;
use crate::service::Observer;
use crate::store::Inside;

pub(super) fn write(page: &mut Page<'_>, observer: &Observer) -> fmt::Result {
    let store = match observer.store().inside {
        Inside::Embedded(_) => "embedded",
        Inside::Mongo(_) => "mongodb",
    };
    let commit = option_env!("KEYBIN_COMMIT").unwrap_or_default();
    let build = Info::new([("version", env!("CARGO_PKG_VERSION")), ("commit", commit), ("store", store)]);
    page.one("keybin_build", "Which Keybin this is, and on which kind of store", &build)?;
    let since = observer.since().as_micros() as f64 / 1e6;
    page.one("process_start_time_seconds", "When the process started, in seconds since 1970", &ConstGauge::new(since))?;
    system(page)
}

#[cfg(target_os = "linux")]
fn system(page: &mut Page<'_>) -> fmt::Result {
    use procfs::process::{LimitValue, Process};
    use prometheus_client::metrics::counter::ConstCounter;

    let Ok(process) = Process::myself() else { return Ok(()) };
    if let Ok(stat) = process.stat() {
        let seconds = (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64;
        page.one(
            "process_cpu_seconds",
            "Seconds that the processors worked for the process",
            &ConstCounter::new(seconds),
        )?;
        let memory = ConstGauge::new(stat.rss.saturating_mul(procfs::page_size()));
        page.one("process_resident_memory_bytes", "Memory that the process has, in bytes", &memory)?;
        page.one("process_threads", "Threads of the process", &ConstGauge::new(stat.num_threads))?;
    }
    if let Ok(open) = process.fd_count() {
        page.one("process_open_fds", "Files and connections that are open", &ConstGauge::new(open))?;
    }
    let most = process.limits().map(|limits| limits.max_open_files.soft_limit);
    if let Ok(LimitValue::Value(most)) = most {
        page.one("process_max_fds", "Files and connections that may be open", &ConstGauge::new(most))?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn system(_: &mut Page<'_>) -> fmt::Result {
    Ok(())
}
