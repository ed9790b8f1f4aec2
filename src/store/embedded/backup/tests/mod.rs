//! Backups without a server: the format, and what becomes of a file.

mod damage;
mod restoring;
mod visitors;

use std::fs;
use std::io;

use super::super::EmbeddedStore;
use super::super::open::open_existing;
use super::super::snapshot::Snapshot;
use super::super::tables::TableName;
use super::super::tests::{Home, NOW, SetClock, after, client, email, key, large, new_token, put, register, write};
use super::*;
use crate::domain::{AccountChange, Precondition};
use crate::store::{Store, Warrant, Write};

/// Memory for pages.
const CACHE: usize = 1 << 20;

/// Something in every table but that of erasures.
async fn furnish(store: &EmbeddedStore) {
    let ada = register(store, "ada").await;
    let change = AccountChange { email: Some(Some(email("ada@example.org"))), ..AccountChange::default() };
    store.update_account(ada, &change).await.expect("changes");
    register(store, "bob").await;
    store.put_token(&new_token(ada, "phone", after(100)), &Warrant::Operator).await.expect("puts");
    for n in 0..5 {
        put(store, ada, &format!("k{n}"), &format!("[{n}]")).await;
    }
    let passing = Write { expires_at: Some(after(50)), ..write("\"passing\"") };
    store.put(ada, &key("passing"), &passing, Precondition::None, NOW).await.expect("puts");
    store.put(ada, &key("large"), &Write::of(large(1500)), Precondition::None, NOW).await.expect("puts");
    store.secret("jwt", b"secret").await.expect("keeps");
    store.delete_token(ada, &client("web")).await.expect("deletes");
}

/// A home with a furnished store that is closed, and a backup of it.
async fn backed_up() -> (Home, Vec<u8>) {
    let home = Home::new();
    let store = home.open();
    furnish(&store).await;
    store.close().await;
    let backup = taken(&home);
    (home, backup)
}

/// A backup of what is in a home.
fn taken(home: &Home) -> Vec<u8> {
    let mut backup = Vec::new();
    take(&home.path(), CACHE, SetClock::at(NOW).as_ref(), &mut backup, |_| {}).expect("a backup");
    backup
}

/// Restores a backup into a home.
fn restored(backup: &[u8], home: &Home, present: Present) -> Result<Restored, RestoreError> {
    restore(backup, &home.path(), CACHE, present, |_| {})
}

/// Reads a backup as whoever copies it does.
fn copied(backup: &[u8]) -> Result<Summary, StreamError> {
    receiving::copy(backup, io::sink(), |_| {})
}

/// Every entry of every table.
fn entries(home: &Home) -> Vec<(TableName, Vec<u8>, Vec<u8>)> {
    let database = open_existing(&home.path(), CACHE).expect("opens");
    let snapshot = Snapshot::take(&database).expect("a snapshot");
    let mut all = Vec::new();
    for table in TableName::ALL {
        let seen = snapshot.entries(*table, |key, value| -> Result<(), redb::StorageError> {
            all.push((*table, key.to_vec(), value.to_vec()));
            Ok(())
        });
        seen.expect("reads");
    }
    all
}

/// The names of what is in a home.
fn files(home: &Home) -> Vec<String> {
    let files = fs::read_dir(home.directory.path()).expect("lists");
    let mut names: Vec<_> = files.map(|file| file.expect("lists").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
