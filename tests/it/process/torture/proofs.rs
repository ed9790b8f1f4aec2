//! The checker itself: histories that can be, and histories that cannot.

use std::time::Duration;

use super::checker::{Violation, check};
use super::history::{Act, Event, Outcome};
use crate::harness::{Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.plain:
        what_can_be_is_explained,
        what_cannot_be_is_found,
        a_dozen_at_once_are_explained,
    );
}

use Act::{Read, ReadOther, Write};
use Outcome::{Done, Refused, Unknown};

type Row = (Act, Outcome, u64, u64);

fn history(rows: &[Row]) -> Vec<Event> {
    let millis = Duration::from_millis;
    let event = |(act, outcome, called, returned): &Row| Event {
        register: "r".to_owned(),
        act: *act,
        outcome: *outcome,
        called: millis(*called),
        returned: millis(*returned),
    };
    rows.iter().map(event).collect()
}

fn what_can_be_is_explained() {
    let histories: &[&[Row]] = &[
        &[],
        &[(Read(None), Done, 0, 1)],
        &[(Write(Some(1)), Done, 0, 1), (Read(Some(1)), Done, 2, 3)],
        // Which of two at the same time came first, a reading tells.
        &[(Write(Some(1)), Done, 0, 9), (Write(Some(2)), Done, 0, 9), (Read(Some(1)), Done, 10, 11)],
        &[(Write(Some(1)), Done, 0, 9), (Read(None), Done, 1, 2), (Read(Some(1)), Done, 3, 4)],
        // What is unknown may be done late, or never.
        &[(Write(Some(1)), Done, 0, 1), (Write(Some(2)), Unknown, 2, 3), (Read(Some(1)), Done, 4, 5)],
        &[
            (Write(Some(1)), Done, 0, 1),
            (Write(Some(2)), Unknown, 2, 3),
            (Read(Some(1)), Done, 4, 5),
            (Read(Some(2)), Done, 6, 7),
        ],
        &[(Write(Some(1)), Done, 0, 1), (Write(None), Unknown, 2, 3), (Read(None), Done, 4, 5)],
        &[(Write(Some(1)), Done, 0, 1), (Write(Some(2)), Refused, 2, 3), (Read(Some(1)), Done, 4, 5)],
        // A token that was refused after another was issued, perhaps.
        &[(Write(Some(1)), Done, 0, 1), (Write(Some(2)), Unknown, 2, 3), (ReadOther(1), Done, 4, 5)],
        &[(Write(Some(1)), Done, 0, 1), (Write(Some(2)), Done, 2, 3), (ReadOther(1), Done, 4, 5)],
    ];
    for rows in histories {
        assert_eq!(check(&history(rows)), [], "{rows:?}");
    }
}

fn what_cannot_be_is_found() {
    let phantom = |value| Violation::Phantom { register: "r".to_owned(), value };
    assert_eq!(check(&history(&[(Write(Some(1)), Done, 0, 1), (Read(Some(2)), Done, 2, 3)])), [phantom(2)]);
    let refused = Violation::RefusedButDone { register: "r".to_owned(), value: 1 };
    assert_eq!(check(&history(&[(Write(Some(1)), Refused, 0, 1), (Read(Some(1)), Done, 2, 3)])), [refused]);
    let histories: &[&[Row]] = &[
        // Lost.
        &[(Write(Some(1)), Done, 0, 1), (Read(None), Done, 2, 3)],
        &[(Write(Some(1)), Done, 0, 1), (Write(Some(2)), Done, 2, 3), (Read(Some(1)), Done, 4, 5)],
        // Old.
        &[(Write(Some(1)), Done, 0, 9), (Read(Some(1)), Done, 1, 2), (Read(None), Done, 3, 4)],
        // Read before it was written.
        &[(Read(Some(1)), Done, 0, 1), (Write(Some(1)), Done, 2, 3)],
        // Done twice.
        &[
            (Write(Some(1)), Unknown, 0, 1),
            (Read(Some(1)), Done, 2, 3),
            (Write(Some(2)), Done, 4, 5),
            (Read(Some(1)), Done, 6, 7),
        ],
        &[
            (Write(Some(1)), Done, 0, 1),
            (Write(None), Unknown, 2, 3),
            (Read(None), Done, 4, 5),
            (Write(Some(2)), Done, 6, 7),
            (Read(None), Done, 8, 9),
        ],
        // A write that nobody saw explains nothing.
        &[(Write(Some(1)), Done, 0, 1), (Write(Some(2)), Unknown, 2, 3), (Read(None), Done, 4, 5)],
        // A removal that was called later than what it would explain.
        &[(Write(Some(1)), Done, 0, 1), (Read(None), Done, 2, 3), (Write(None), Unknown, 4, 5)],
        // A token that was good after another was issued, and one that was refused too early.
        &[(Write(Some(1)), Done, 0, 1), (Write(Some(2)), Done, 2, 3), (Read(Some(1)), Done, 4, 5)],
        &[(Write(Some(1)), Done, 0, 1), (ReadOther(1), Done, 2, 3)],
    ];
    for rows in histories {
        let found = check(&history(rows));
        assert!(matches!(found[..], [Violation::NoOrder { .. }]), "{rows:?}: {found:?}");
    }
}

/// More than there are clients, with readers that saw each of them.
fn a_dozen_at_once_are_explained() {
    let mut rows: Vec<Row> = (1..=12).map(|n| (Write(Some(n)), Done, 0, 1000)).collect();
    rows.extend((1..=12).map(|n| (Read(Some(13 - n)), Done, 2 * n, 2 * n + 1)));
    assert_eq!(check(&history(&rows)), []);
    // The first that was read cannot come back.
    rows.push((Read(Some(12)), Done, 2000, 2001));
    assert_eq!(check(&history(&rows)).len(), 1);
}
