//! What holds of `If-Match` and `If-None-Match`, whatever comes in.

use super::{Tags, parse};

/// What is read is read again from what it means, and weak tags only ever add to strong ones.
pub fn conditions(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (strong, weak) = (parse(text, false), parse(text, true));
    match (&strong, &weak) {
        (None, None) => assert_eq!(parse(&format!("{text},\"a b\""), true), None),
        (Some(Tags::Any), Some(Tags::Any)) => assert_eq!(text.trim_matches([' ', '\t']), "*"),
        (Some(Tags::These(strong)), Some(Tags::These(weak))) => {
            assert!(strong.iter().all(|revision| weak.contains(revision)));
            assert!(weak.iter().all(|revision| text.contains(&format!("\"{revision}\""))));
            let tags: Vec<_> = weak.iter().map(|revision| format!("\"{revision}\"")).collect();
            if !tags.is_empty() {
                assert_eq!(parse(&tags.join(","), false), Some(Tags::These(weak.clone())));
            }
            // As if it stood in two lines.
            assert_eq!(parse(&format!("{text},,{text}"), true), Some(Tags::These(weak.repeat(2))));
        }
        _ => panic!("{strong:?} and {weak:?}"),
    }
}
