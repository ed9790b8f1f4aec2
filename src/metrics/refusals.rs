//! Who was told to come again, by why.

use std::fmt;

use super::Traffic;
use super::page::Page;
use crate::auth::Counts;

pub(super) fn write(page: &mut Page<'_>, traffic: &Traffic, auth: &Counts) -> fmt::Result {
    let reasons = [
        ("wrong_passwords", &auth.throttled.wrong_passwords),
        ("log_ins", &auth.throttled.log_ins),
        ("registrations", &auth.throttled.registrations),
        ("passwords_waiting", &auth.passwords.refused),
        ("requests_under_way", &traffic.refused),
    ];
    page.several(
        "keybin_refusals",
        "Requests that were told to come again because a limit was reached, by the limit",
        reasons.map(|(reason, count)| ([("reason", reason)], count)),
    )
}
