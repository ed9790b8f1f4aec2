//! Secrets of the installation in `keybin`: `{_id: "secret/<name>", secret}`, each made once.

use bson::spec::BinarySubtype;
use bson::{Binary, doc};
use mongodb::options::ReturnDocument;

use super::super::{Result, StoreError};
use super::client::Collections;
use super::failure;

/// Concurrent upserts of one `_id` can collide; the loser finds the document at the next try.
const ATTEMPTS: usize = 4;

/// The secret under this name; `fresh`, which is kept, when there was none.
pub(super) async fn get_or_make(db: &Collections, name: &str, fresh: &[u8]) -> Result<Vec<u8>> {
    let fresh = Binary { subtype: BinarySubtype::Generic, bytes: fresh.to_vec() };
    let mut attempt = 0;
    loop {
        attempt += 1;
        let kept = db
            .meta
            .find_one_and_update(
                doc! { "_id": format!("secret/{name}") },
                doc! { "$setOnInsert": { "secret": &fresh } },
            )
            .upsert(true)
            .return_document(ReturnDocument::After)
            .await;
        match kept {
            Ok(kept) => {
                let secret = kept.and_then(|kept| kept.get_binary_generic("secret").ok().cloned());
                return secret.ok_or_else(|| StoreError::Damaged("a secret of the installation".into()));
            }
            Err(error) if failure::is_duplicate(&error) && attempt < ATTEMPTS => {}
            Err(error) => return Err(failure::of_write(&error)),
        }
    }
}
