//! Making, recognising and refusing a file.

use std::fs;
use std::io::{Error, ErrorKind};

use redb::TableDefinition;

use super::*;

fn refusal(path: &Path) -> OpenError {
    let error = EmbeddedStore::open(path, SetClock::at(NOW)).expect_err("refused");
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    error
}

#[tokio::test]
async fn what_was_written_is_there_after_opening_again() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    put(&store, ada, "k", "[1]").await;
    drop(store);
    let store = home.open();
    assert_eq!(get_json(&store, ada, "k").await.as_deref(), Some("[1]"));
    store.close().await;
    let store = home.open();
    assert_eq!(get_json(&store, ada, "k").await.as_deref(), Some("[1]"));
}

#[tokio::test]
async fn a_closed_store_is_not_available() {
    let home = Home::new();
    let store = home.open();
    let ada = register(&store, "ada").await;
    tokio::join!(store.close(), store.close());
    store.close().await;
    let unavailable = |error: Option<StoreError>| assert!(matches!(error, Some(StoreError::Unavailable(_))));
    unavailable(store.ping().await.err());
    unavailable(store.account(ada).await.err());
    unavailable(store.erase_account(ada).await.err());
    unavailable(store.list_keys(ada, &everything(), NOW).await.err());
    unavailable(store.put(ada, &key("k"), &write("1"), Precondition::None, NOW).await.err());
}

#[tokio::test]
async fn a_reading_that_is_under_way_does_not_keep_the_file() {
    let home = Home::new();
    let store = home.open();
    let reading = store.file.read(|snapshot| Ok(snapshot.meta.get(FORMAT_KEY)?)).expect("reads");
    store.close().await;
    home.open();
    drop(reading);
}

#[test]
fn two_cannot_have_one_file() {
    let home = Home::new();
    let _first = home.open();
    let error = refusal(&home.path());
    assert!(matches!(error, OpenError::InUse(_)));
    assert!(error.to_string().ends_with("is in use by another Keybin"), "{error}");
}

#[test]
fn a_file_that_somebody_is_making_is_in_use() {
    let home = Home::new();
    let draft = fs::File::create(home.directory.path().join("keybin.redb.new")).expect("a draft");
    draft.lock().expect("locks");
    assert!(matches!(refusal(&home.path()), OpenError::InUse(_)));
}

#[test]
fn a_draft_that_was_broken_off_is_no_hindrance() {
    let home = Home::new();
    let draft = home.directory.path().join("keybin.redb.new");
    fs::write(&draft, [0; 5000]).expect("a draft");
    home.open();
    assert!(home.path().exists() && !draft.exists());
}

#[test]
fn an_empty_file_becomes_a_store() {
    let home = Home::new();
    fs::write(home.path(), "").expect("a file");
    home.open();
    assert!(fs::metadata(home.path()).expect("a file").len() > 0);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.open();
    assert_eq!(fs::metadata(home.path()).expect("a file").permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let home = Home::new();
    let elsewhere = tempfile::tempdir().expect("a directory");
    let target = elsewhere.path().join("data.redb");
    std::os::unix::fs::symlink(&target, home.path()).expect("a link");
    home.open();
    assert!(target.exists());
    assert!(fs::symlink_metadata(home.path()).expect("a link").is_symlink());
    home.open();
}

#[test]
fn a_newer_format_is_refused() {
    let home = Home::new();
    home.open();
    home.tamper(|tables| {
        tables.meta.insert(FORMAT_KEY, 7).expect("inserts");
    });
    let error = refusal(&home.path());
    assert!(matches!(error, OpenError::NewerFormat { found: 7, .. }));
    assert!(error.to_string().contains("format 7"), "{error}");
}

#[test]
fn what_is_no_store_is_refused_and_left_alone() {
    let home = Home::new();
    for text in ["x", "This is a letter to my aunt."] {
        fs::write(home.path(), text).expect("a file");
        assert!(matches!(refusal(&home.path()), OpenError::NotAStore(_)));
        assert_eq!(fs::read_to_string(home.path()).expect("a file"), text);
    }
}

#[test]
fn a_database_of_another_program_is_refused() {
    let home = Home::new();
    let database = Database::create(home.path()).expect("a database");
    let transaction = database.begin_write().expect("begins");
    transaction.open_table(TableDefinition::<&str, &str>::new("keybin")).expect("a table");
    transaction.commit().expect("commits");
    drop(database);
    assert!(matches!(refusal(&home.path()), OpenError::NotAStore(_)));
}

#[test]
fn a_store_without_one_of_its_tables_is_refused() {
    let home = Home::new();
    home.open();
    let database = Database::open(home.path()).expect("opens");
    let transaction = database.begin_write().expect("begins");
    assert!(transaction.delete_table(tables::EXPIRIES).expect("deletes"));
    transaction.commit().expect("commits");
    drop(database);
    assert!(matches!(refusal(&home.path()), OpenError::Damaged { .. }));
}

#[test]
fn a_truncated_store_is_refused() {
    let home = Home::new();
    home.open();
    let whole = fs::read(home.path()).expect("a file");
    fs::write(home.path(), &whole[..whole.len() / 2]).expect("a file");
    assert!(matches!(refusal(&home.path()), OpenError::Damaged { .. }));
}

#[test]
fn a_missing_directory_is_named() {
    let home = Home::new();
    let directory = home.directory.path().join("no/where");
    let error = refusal(&directory.join("keybin.redb"));
    assert!(matches!(&error, OpenError::NoDirectory { directory: named, .. } if *named == directory));
}

#[test]
fn what_the_system_says_is_told_apart() {
    let home = Home::new();
    assert!(matches!(refusal(home.directory.path()), OpenError::Io { .. }));
    // Tests may run as root, whom no permission stops.
    for kind in [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem] {
        let error = open::of_io(&home.path(), Error::from(kind));
        assert!(matches!(error, OpenError::NotPermitted { .. }));
        assert!(error.to_string().ends_with("keybin.redb cannot be read and written"), "{error}");
    }
}

#[test]
fn debug_shows_the_path_only() {
    let home = Home::new();
    let store = home.open();
    assert_eq!(format!("{store:?}"), format!("EmbeddedStore {{ path: {:?}, .. }}", home.path()));
}
