//! What comes back, where it is put, and what becomes of what is there.

use super::super::super::OpenError;
use super::super::draft::{Draft, Predecessor};
use super::*;

#[tokio::test]
async fn what_comes_back_is_the_same() {
    let (home, backup) = backed_up().await;
    let other = Home::new();
    let restored = restored(&backup, &other, Present::Refuse).expect("restores");
    let summary = &restored.summary;
    assert_eq!((summary.accounts(), summary.tokens(), summary.documents()), (2, 1, 7));
    assert_eq!((summary.taken_at, summary.bytes, restored.kept), (NOW, backup.len() as u64, None));
    let all = entries(&home);
    let is_there = |table: &&TableName| all.iter().any(|(of, ..)| of == *table);
    let missing: Vec<_> = TableName::ALL.iter().filter(|table| !is_there(table)).collect();
    assert_eq!(missing, [&TableName::Erasing], "nothing is tried of these");
    assert_eq!(entries(&other), all);
    assert_eq!(files(&other), ["keybin.redb"]);
    // It is a store like any other.
    let store = other.open();
    register(&store, "eve").await;
}

#[tokio::test]
async fn nobody_else_can_read_what_is_made() {
    use std::os::unix::fs::PermissionsExt;

    let (home, _) = backed_up().await;
    let file = home.directory.path().join("backup");
    take_to_file(&home.path(), CACHE, SetClock::at(NOW).as_ref(), &file, |_| {}).expect("a backup");
    let other = Home::new();
    restored(&fs::read(&file).expect("reads"), &other, Present::Refuse).expect("restores");
    for file in [file, other.path()] {
        assert_eq!(fs::metadata(&file).expect("is there").permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    assert_eq!(files(&home), ["backup", "keybin.redb"]);
}

#[tokio::test]
async fn a_store_that_is_there_stays() {
    let (home, backup) = backed_up().await;
    let store = home.open();
    register(&store, "eve").await;
    store.close().await;
    let before = entries(&home);
    assert!(matches!(restored(&backup, &home, Present::Refuse), Err(RestoreError::Exists(_))));
    let damaged = &backup[..backup.len() - 1];
    assert!(matches!(restored(damaged, &home, Present::Replace), Err(RestoreError::Stream(_))));
    assert_eq!(files(&home), ["keybin.redb"]);
    assert_eq!(entries(&home), before);

    let open = home.open();
    assert!(matches!(restored(&backup, &home, Present::Replace), Err(RestoreError::Open(OpenError::InUse(_)))));
    open.close().await;
    assert_eq!(entries(&home), before);
}

#[tokio::test]
async fn a_store_that_is_replaced_is_kept() {
    let (home, backup) = backed_up().await;
    let wanted = entries(&home);
    let store = home.open();
    register(&store, "eve").await;
    store.close().await;
    let before = entries(&home);
    let done = restored(&backup, &home, Present::Replace).expect("restores");
    let kept = done.kept.expect("the old one is kept");
    assert_eq!(files(&home), ["keybin.redb", "keybin.redb.before-restore"]);
    assert_eq!(entries(&home), wanted);

    // A second time would lose the first.
    assert!(matches!(restored(&backup, &home, Present::Replace), Err(RestoreError::Kept(path)) if path == kept));
    fs::rename(&kept, home.path()).expect("moves it back");
    assert_eq!(entries(&home), before);
}

#[tokio::test]
async fn nothing_is_taken_of_nothing() {
    let home = Home::new();
    let taken = take(&home.path(), CACHE, SetClock::at(NOW).as_ref(), io::sink(), |_| {});
    assert!(matches!(taken, Err(BackupError::NoStore(_))), "{taken:?}");
    fs::write(home.path(), "Dear Ann,\n").expect("writes");
    let taken = take(&home.path(), CACHE, SetClock::at(NOW).as_ref(), io::sink(), |_| {});
    assert!(matches!(taken, Err(BackupError::Open(OpenError::NotAStore(_)))), "{taken:?}");
}

#[tokio::test]
async fn a_store_that_is_damaged_gives_no_backup() {
    let (home, backup) = backed_up().await;
    home.tamper(|tables| drop(tables.names.insert(&b"nobody"[..], &[9; 16]).expect("inserts")));
    let file = home.directory.path().join("backup");
    fs::write(&file, &backup).expect("writes");
    let taken = take_to_file(&home.path(), CACHE, SetClock::at(NOW).as_ref(), &file, |_| {});
    assert!(matches!(taken, Err(BackupError::Store(crate::store::StoreError::Damaged(_)))), "{taken:?}");
    // The backup that was there is there.
    assert_eq!(fs::read(&file).expect("reads"), backup);
    let mut sent = Vec::new();
    let taken = take(&home.path(), CACHE, SetClock::at(NOW).as_ref(), &mut sent, |_| {});
    assert!(taken.is_err());
    assert!(matches!(copied(&sent), Err(StreamError::Refused(_))));
}

#[tokio::test]
async fn nothing_but_a_backup_is_overwritten() {
    let (home, _) = backed_up().await;
    let clock = SetClock::at(NOW);
    let to = |target: &std::path::Path| take_to_file(&home.path(), CACHE, clock.as_ref(), target, |_| {});
    let letter = home.directory.path().join("letter");
    fs::write(&letter, "Dear Ann,\n").expect("writes");
    let before = entries(&home);
    for target in [&letter, &home.path(), &home.directory.path().to_owned(), &"/dev/null".into()] {
        assert!(matches!(to(target), Err(BackupError::File { .. })), "{target:?}");
    }
    assert_eq!(fs::read_to_string(&letter).expect("reads"), "Dear Ann,\n");
    assert_eq!(entries(&home), before);
    fs::write(&letter, "").expect("writes");
    to(&letter).expect("an empty file is nothing");
    to(&letter).expect("a backup gives way to a newer one");
}

/// Whoever restored was killed between the two names that the new file had.
#[tokio::test]
async fn what_has_its_name_already_is_no_draft() {
    let (home, _) = backed_up().await;
    let before = entries(&home);
    let left = home.directory.path().join("keybin.redb.restoring");
    fs::hard_link(home.path(), &left).expect("links");
    let draft = Draft::of(&home.path(), ".restoring").expect("a draft");
    assert_eq!(entries(&home), before);
    let other = Draft::of(&home.path(), ".restoring").err().expect("one at a time");
    assert!(other.to_string().contains("another process"), "{other}");
    assert!(draft.keep(Predecessor::Kept).is_err());
    assert_eq!(files(&home), ["keybin.redb"]);
    assert_eq!(entries(&home), before);
}
