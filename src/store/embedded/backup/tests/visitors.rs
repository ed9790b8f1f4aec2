//! The door beside an open file.

use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::Duration;

use super::super::super::tests::until;
use super::*;

fn socket(home: &Home) -> PathBuf {
    home.directory.path().join("keybin.redb.sock")
}

#[tokio::test]
async fn a_backup_of_an_open_store_holds_what_was_written() {
    let home = Home::new();
    let store = home.open();
    furnish(&store).await;
    let mode = fs::metadata(socket(&home)).expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let backup = taken(&home);
    store.close().await;
    assert_eq!(files(&home), ["keybin.redb"]);
    let other = Home::new();
    restored(&backup, &other, Present::Refuse).expect("restores");
    assert_eq!(entries(&other), entries(&home));
}

#[tokio::test]
async fn a_socket_that_was_left_gives_way_and_nothing_else_does() {
    let home = Home::new();
    drop(UnixListener::bind(socket(&home)).expect("binds"));
    assert!(!is_served(&home.path()).expect("nobody opens"));
    let store = home.open();
    assert!(is_served(&home.path()).expect("it can be asked"));
    store.close().await;

    fs::write(socket(&home), "Dear Ann,\n").expect("writes");
    let store = home.open();
    furnish(&store).await;
    store.close().await;
    assert_eq!(fs::read_to_string(socket(&home)).expect("reads"), "Dear Ann,\n");
}

#[tokio::test]
async fn a_path_that_is_too_long_for_a_socket_has_a_door() {
    let home = Home::new();
    let deep = home.directory.path().join("d".repeat(100)).join("e".repeat(100));
    fs::create_dir_all(&deep).expect("makes directories");
    let path = deep.join("keybin.redb");
    let store = EmbeddedStore::open(&path, SetClock::at(NOW)).expect("opens");
    assert!(fs::metadata(deep.join("keybin.redb.sock")).expect("a socket").file_type().is_socket());
    take(&path, CACHE, SetClock::at(NOW).as_ref(), io::sink(), |_| {}).expect("a backup");
    store.close().await;
    assert!(!deep.join("keybin.redb.sock").exists());

    // One whose name alone is too long serves all the same.
    let path = deep.join("k".repeat(200));
    let store = EmbeddedStore::open(&path, SetClock::at(NOW)).expect("opens");
    register(&store, "ada").await;
}

/// A store whose door has little patience, with more in it than a socket holds; and a visitor of it who takes nothing.
async fn with_a_slow_visitor(patience: Duration) -> (Home, EmbeddedStore, Door, impl io::Read) {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    let large = Write::of(large(4_000_000));
    store.put(ada, &key("large"), &large, Precondition::None, NOW).await.expect("puts");
    let other = home.directory.path().join("other");
    let door = Door::open_patiently(&other, store.file.clone(), SetClock::at(NOW), patience).expect("a door");
    let visitor = door::knock(&other).expect("somebody").expect("opens").ask().expect("asks");
    let shown = store.file.latest().expect("a snapshot");
    // The store, the visitor, and we here.
    until(async || std::sync::Arc::strong_count(&shown) == 3).await;
    (home, store, door, visitor)
}

#[tokio::test]
async fn a_visitor_who_takes_nothing_has_to_go() {
    let (_home, store, _door, visitor) = with_a_slow_visitor(Duration::from_millis(100)).await;
    let shown = store.file.latest().expect("a snapshot");
    // The visitor has none any more.
    until(async || std::sync::Arc::strong_count(&shown) == 2).await;
    let taken = receiving::copy(visitor, io::sink(), |_| {});
    assert!(matches!(taken, Err(StreamError::BrokenOff(_))), "{taken:?}");
}

#[tokio::test]
async fn nobody_waits_for_a_visitor() {
    let (_home, store, door, visitor) = with_a_slow_visitor(Duration::from_secs(3600)).await;
    drop(door);
    store.close().await;
    let taken = receiving::copy(visitor, io::sink(), |_| {});
    assert!(matches!(taken, Err(StreamError::BrokenOff(_))), "{taken:?}");
}

#[tokio::test]
async fn there_are_few_visitors_at_once() {
    let (home, _store, _door, first) = with_a_slow_visitor(Duration::from_secs(3600)).await;
    let other = home.directory.path().join("other");
    let ask = || door::knock(&other).expect("somebody").expect("opens").ask().expect("asks");
    let _slow = (first, [ask(), ask(), ask()]);
    let fifth = receiving::copy(ask(), io::sink(), |_| {});
    assert!(matches!(&fifth, Err(StreamError::Refused(why)) if why.contains("too many")), "{fifth:?}");
}
