//! Whatever is wrong with a backup is found, and leaves nothing behind.

use proptest::prelude::*;

use super::super::super::tables::{FORMAT, FORMAT_KEY};
use super::super::format::{FrameWriter, Tag};
use super::super::sending::KIND;
use super::*;

#[tokio::test]
async fn every_byte_counts() {
    let (_home, backup) = backed_up().await;
    assert!(copied(&backup).is_ok());
    for at in 0..backup.len() {
        let mut damaged = backup.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(copied(&damaged).is_err(), "byte {at} of {}", backup.len());
    }
}

#[tokio::test]
async fn every_end_but_the_right_one_is_found() {
    let (_home, backup) = backed_up().await;
    for end in 0..backup.len() {
        let found = copied(&backup[..end]);
        match end {
            0 => assert!(matches!(found, Err(StreamError::NotABackup)), "{found:?}"),
            _ => assert!(matches!(found, Err(StreamError::BrokenOff(told)) if told == end as u64), "{end}: {found:?}"),
        }
    }
    let longer = [&backup[..], b"\n"].concat();
    assert!(matches!(copied(&longer), Err(StreamError::Damaged { .. })));
    let twice = [&backup[..], &backup].concat();
    assert!(matches!(copied(&twice), Err(StreamError::Damaged { .. })));
}

#[tokio::test]
async fn what_is_damaged_is_not_restored() {
    let (_home, backup) = backed_up().await;
    let step = backup.len() / 16;
    for at in (0..backup.len()).step_by(step) {
        let other = Home::new();
        let mut damaged = backup.clone();
        damaged[at] = !damaged[at];
        for bad in [&damaged[..], &backup[..at]] {
            assert!(matches!(restored(bad, &other, Present::Refuse), Err(RestoreError::Stream(_))), "byte {at}");
            assert_eq!(files(&other), [""; 0], "byte {at}");
        }
    }
}

#[test]
fn what_is_no_backup_is_called_so() {
    for foreign in [&b""[..], b"\n", b"{\"account\":{}}\n", b"redb\x1a\x0a\xa9\x0d\x0a", &[0; 4096]] {
        assert!(matches!(copied(foreign), Err(StreamError::NotABackup)), "{foreign:?}");
    }
    assert!(matches!(copied(b"keybin\0B\x00\x02and more"), Err(StreamError::Newer(2))));
}

/// Anything that can happen to bytes on their way.
#[derive(Clone, Debug)]
enum Mishap {
    Changed { at: usize, to: Vec<u8> },
    Missing { at: usize, length: usize },
    Added { at: usize, what: Vec<u8> },
    Doubled { at: usize, length: usize },
    Moved { from: usize, length: usize, to: usize },
}

impl Mishap {
    fn any() -> impl Strategy<Value = Self> {
        let (place, length) = (any::<usize>(), 1..600_usize);
        let bytes = prop::collection::vec(any::<u8>(), 1..64);
        prop_oneof![
            (place, bytes.clone()).prop_map(|(at, to)| Self::Changed { at, to }),
            (place, length.clone()).prop_map(|(at, length)| Self::Missing { at, length }),
            (place, bytes).prop_map(|(at, what)| Self::Added { at, what }),
            (place, length.clone()).prop_map(|(at, length)| Self::Doubled { at, length }),
            (place, length, place).prop_map(|(from, length, to)| Self::Moved { from, length, to }),
        ]
    }

    fn befall(&self, bytes: &mut Vec<u8>) {
        let within = |at: usize| at % (bytes.len() + 1);
        match self {
            Self::Changed { at, to } => {
                let at = within(*at);
                let end = (at + to.len()).min(bytes.len());
                bytes[at..end].copy_from_slice(&to[..end - at]);
            }
            Self::Missing { at, length } => {
                let at = within(*at);
                bytes.drain(at..(at + length).min(bytes.len()));
            }
            Self::Added { at, what } => {
                let at = within(*at);
                bytes.splice(at..at, what.iter().copied());
            }
            Self::Doubled { at, length } => {
                let at = within(*at);
                let again = bytes[at..(at + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, again);
            }
            Self::Moved { from, length, to } => {
                let from = within(*from);
                let moved: Vec<u8> = bytes.drain(from..(from + length).min(bytes.len())).collect();
                let to = to % (bytes.len() + 1);
                bytes.splice(to..to, moved);
            }
        }
    }
}

#[test]
fn any_mishap_is_found() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (_home, backup) = runtime.block_on(backed_up());
    proptest!(|(mishaps in prop::collection::vec(Mishap::any(), 1..4))| {
        let mut bytes = backup.clone();
        mishaps.iter().for_each(|mishap| mishap.befall(&mut bytes));
        prop_assert_eq!(copied(&bytes).is_ok(), bytes == backup);
    });
}

/// A record of a table.
type Record<'r> = (TableName, &'r [u8], &'r [u8]);

/// A backup whose seals are all right, whatever is in it.
fn forged(layout: u64, records: &[Record<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut stream = FrameWriter::begin(&mut bytes).expect("writes");
    let head = [&[KIND][..], &layout.to_be_bytes(), &NOW.as_micros().to_be_bytes(), b"1.0"].concat();
    stream.write(Tag::Head, &head).expect("writes");
    let mut counts = Counts::default();
    for (table, key, value) in records {
        let name = table.as_str();
        let [k, v] = [key.len(), value.len()].map(|length| (length as u32).to_be_bytes());
        let content = [&[name.len() as u8][..], name.as_bytes(), &k, &v, key, value].concat();
        stream.write(Tag::Records, &content).expect("writes");
        counts.add(*table, 1);
    }
    let mut end = vec![TableName::ALL.len() as u8];
    counts.0.iter().for_each(|count| end.extend_from_slice(&count.to_be_bytes()));
    end.extend_from_slice(&stream.hash());
    stream.write(Tag::End, &end).expect("writes");
    bytes
}

#[test]
fn what_does_not_hold_together_is_not_restored() {
    let format: Record<'_> = (TableName::Meta, FORMAT_KEY, &FORMAT.to_le_bytes());
    let empty = Home::new();
    restored(&forged(FORMAT, &[format]), &empty, Present::Refuse).expect("an empty store is one");
    assert_eq!(files(&empty), ["keybin.redb"]);

    let place = [&[7; 16][..], b"k"].concat();
    let bad: &[&[Record<'_>]] = &[
        &[],
        &[format, format],
        &[(TableName::Meta, FORMAT_KEY, &2_u64.to_le_bytes())],
        &[(TableName::Meta, FORMAT_KEY, b"1")],
        &[format, (TableName::Meta, b"other", &[0; 8])],
        &[format, (TableName::Accounts, &[7; 16], b"record")],
        &[format, (TableName::Accounts, b"short", b"record")],
        &[format, (TableName::Names, b"ada", &[7; 16])],
        &[format, (TableName::Numbers, &[1, 0, 0, 0, 0, 0, 0, 0], &[7; 16])],
        &[format, (TableName::Emails, b"ada@example.org", &[7; 16])],
        &[format, (TableName::Tokens, &place, b"record")],
        &[format, (TableName::TokenHashes, &[7; 32], b"short")],
        &[format, (TableName::Documents, &place, b"record")],
        &[format, (TableName::Values, &place, b"value")],
        &[format, (TableName::Expiries, b"soon", b"")],
        &[format, (TableName::Expiries, b"soon", b"something")],
        &[format, (TableName::Secrets, b"\xff", b"")],
    ];
    for records in bad {
        let home = Home::new();
        let refused = restored(&forged(FORMAT, records), &home, Present::Refuse);
        assert!(matches!(refused, Err(RestoreError::Content(_))), "{records:?}: {refused:?}");
        assert_eq!(files(&home), [""; 0], "{records:?}");
    }
    assert!(matches!(copied(&forged(FORMAT + 1, &[])), Err(StreamError::Damaged { .. })));
}

#[test]
fn why_there_is_no_backup_is_told() {
    let mut told = Vec::new();
    sending::refuse("it rains", &mut told).expect("writes");
    assert!(matches!(copied(&told), Err(StreamError::Refused(why)) if why == "it rains"));
}
