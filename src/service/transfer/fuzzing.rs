//! What holds of the lines of an import, whatever comes in: a whole file.

use futures_util::FutureExt;

use super::line::{self, Times};
use super::profile;
use super::source::Lines;
use crate::domain::Timestamp;
use crate::store::Credentials;

/// The longest line of a file.
const LONGEST: usize = 1000;

/// Every line is there once with its number, and what is read from one is read again from the line that is made of it.
pub fn import(data: &[u8]) {
    let mut source = data;
    let mut lines = Lines::of(&mut source, LONGEST);
    let there: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let mut last = 0;
    while let Some((number, line)) = lines.next().now_or_never().expect("nothing is waited for") {
        assert!(number > last);
        let sent = there[usize::try_from(number).expect("not that many") - 1];
        assert_eq!(line.as_deref().ok(), Some(sent).filter(|sent| sent.len() <= LONGEST));
        last = number;
        match line {
            Ok(line) if profile::is_one(&line) => account(&line),
            Ok(line) => document(&line),
            Err(_) => {}
        }
    }
}

fn document(line: &[u8]) {
    let Ok((key, read)) = line::read(line, line.len()) else { return };
    let absent = Timestamp::from_micros(1);
    let times = Times {
        created_at: read.created_at.unwrap_or(absent),
        modified_at: read.modified_at.unwrap_or(absent),
        expires_at: read.expires_at,
    };
    let mut written = Vec::new();
    line::write(&mut written, &key, &read.value, &times).expect("sound");
    assert!(!profile::is_one(&written));
    let (again, same) = line::read(&written, written.len()).expect("what is written is read");
    assert_eq!((&again, &same.value), (&key, &read.value));
    assert_eq!((same.modified_at, same.expires_at), (Some(times.modified_at), times.expires_at));
    assert_eq!(same.created_at.map(Timestamp::as_millis), Some(times.created_at.as_millis()));
    assert!(written.ends_with(b"}\n") && !written[..written.len() - 1].contains(&b'\n'), "one line");
}

fn account(line: &[u8]) {
    let Ok(new) = profile::read(line) else { return };
    let number = new.number.expect("an archive has numbers");
    let mut written = Vec::new();
    profile::write(&mut written, &Credentials { account: new.numbered(number), password: new.password.clone() });
    assert!(profile::is_one(&written));
    let again = profile::read(&written).expect("what is written is read");
    assert_eq!((again.numbered(number), &again.password), (new.numbered(number), &new.password));
    assert_eq!(again.number, new.number);
}
