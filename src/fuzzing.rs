//! All that holds of the parsers that strangers can reach, in one place: a function for each, which takes whatever bytes
//! and panics when something does not hold. They live next to their parsers.
//!
//! Only for `fuzz`, which looks for such bytes, and for the test below, which tries those that were found before.

pub use crate::auth::fuzzing::jwt;
pub use crate::config::fuzzing::store_cfg;
pub use crate::domain::fuzzing::{bson, fields, filter, json, key, patch, time, words};
pub use crate::http::fuzzing::{authorization, body, conditions, listing};
pub use crate::service::fuzzing::import;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Tries the inputs that are kept for a target, and says which one it is that fails.
    fn replay(target: &str, holds: fn(&[u8])) {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
        let mut count = 0;
        for entry in fs::read_dir(&corpus).expect("the corpus can be read") {
            let path = entry.expect("the corpus can be read").path();
            let input = fs::read(&path).expect("the input can be read");
            let outcome = std::panic::catch_unwind(|| holds(&input));
            assert!(outcome.is_ok(), "{} fails", path.display());
            count += 1;
        }
        assert!(count > 0, "{} is empty", corpus.display());
    }

    macro_rules! replays {
        ($($target:ident),* $(,)?) => {
            $(#[test]
            fn $target() {
                replay(stringify!($target), super::$target);
            })*

            /// What is forgotten here is not tried.
            #[test]
            fn every_target_is_here() {
                let mut targets = [$(concat!(stringify!($target), ".rs")),*];
                targets.sort_unstable();
                let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/targets");
                let mut there: Vec<_> = fs::read_dir(folder).expect("the targets can be read")
                    .map(|entry| entry.expect("the targets can be read").file_name()).collect();
                there.sort_unstable();
                assert_eq!(there, targets);
            }
        };
    }

    replays!(
        authorization,
        body,
        bson,
        conditions,
        fields,
        filter,
        import,
        json,
        jwt,
        key,
        listing,
        patch,
        store_cfg,
        time,
        words
    );
}
