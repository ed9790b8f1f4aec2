//! The threads for bcrypt.

use std::fmt;

use prometheus_client::metrics::gauge::ConstGauge;

use super::page::Page;
use crate::auth::PasswordCounts;

pub(super) fn write(page: &mut Page<'_>, passwords: &PasswordCounts) -> fmt::Result {
    let busy = passwords.busy.get();
    let idle = passwords.threads.get().saturating_sub(busy);
    let [busy, idle] = [busy, idle].map(ConstGauge::new);
    page.several(
        "keybin_password_threads",
        "Threads that hash and verify passwords",
        [([("state", "busy")], &busy), ([("state", "idle")], &idle)],
    )?;
    page.one("keybin_passwords_waiting", "Passwords that wait for a thread", &passwords.waiting)?;
    page.several(
        "keybin_password_seconds",
        "How long passwords waited for a thread, and how long they were worked on",
        [([("phase", "waiting")], &passwords.waits), ([("phase", "working")], &passwords.works)],
    )
}
