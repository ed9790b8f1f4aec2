//! How far a command is, for whoever waits at a terminal. Elsewhere nothing is shown.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over so many bytes, or without an end where nobody knows how many.
pub(super) fn over_bytes(total: Option<u64>) -> ProgressBar {
    match total {
        Some(total) => styled(ProgressBar::new(total), "{bar:40} {bytes} of {total_bytes}, {eta} left"),
        None => styled(ProgressBar::new_spinner(), "{spinner} {bytes}, {elapsed}"),
    }
}

/// A bar over so many documents, or without an end where nobody knows how many.
pub(super) fn over_documents(total: Option<u64>) -> ProgressBar {
    match total {
        Some(total) => styled(ProgressBar::new(total), "{bar:40} {human_pos} of {human_len} documents, {eta} left"),
        None => styled(ProgressBar::new_spinner(), "{spinner} {human_pos} documents, {elapsed}"),
    }
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    // A template that is wrong leaves the style that there is.
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// `1 document`, `2 documents`.
pub(super) fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
