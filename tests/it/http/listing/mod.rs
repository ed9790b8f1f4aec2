//! Listings of the Keybin API.
//!
//! * [`keys`], [`documents`] — pages and what stands in them
//! * [`filters`] — `where`, and the totals
//! * [`refusals`] — parameters that are none, and doors that stay shut
//! * [`whole`] — lists without pages, which are sent as they are read
//! * [`busy`] — paging while others come and go

mod busy;
mod documents;
mod filters;
mod keys;
mod refusals;
mod whole;

use std::fmt::Write as _;

use futures_util::stream::{self, StreamExt};
use keybin::domain::{AccountId, Clock, Precondition};

use crate::harness::http::{Answer, Http};
use crate::harness::samples::{key, username, write};
use crate::harness::{TestServer, Trials};

pub(crate) fn register(trials: &mut Trials) {
    keys::register(trials);
    documents::register(trials);
    filters::register(trials);
    refusals::register(trials);
    whole::register(trials);
    busy::register(trials);
}

/// An account named ann, and a token of hers.
async fn ann(server: &TestServer<'_>) -> String {
    server.register("ann", "pw").await;
    server.token("ann", "pw").await
}

/// Writes documents past the HTTP API, which allows fewer keys and takes longer.
async fn write_all(server: &TestServer<'_>, account: AccountId, documents: impl IntoIterator<Item = (String, String)>) {
    let store = server.store().share();
    let writes = documents.into_iter().map(|(at, json)| {
        let (store, now) = (store.clone(), server.clock().now());
        async move { store.put(account, &key(&at), &write(&json), Precondition::None, now).await.expect("writes") }
    });
    stream::iter(writes).buffer_unordered(200).collect::<Vec<_>>().await;
}

/// Who ann is below the HTTP API.
async fn ann_id(server: &TestServer<'_>) -> AccountId {
    server.store().credentials(&username("ann")).await.expect("reads").expect("is there").account.id
}

/// A text as it stands in a query.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "%{byte:02X}");
        out
    })
}

/// Where the `Link` of an answer leads, which was an answer of `path`.
fn linked(answer: &Answer, path: &str) -> Option<String> {
    let link = answer.header("link")?;
    let reference = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).expect(link);
    assert!(reference.starts_with('?') && !reference.contains(['<', '>', '"', ' ', '/']), "{reference}");
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    Some(format!("{path}{reference}"))
}

/// All pages from `path` on, by their links.
async fn pages(http: &Http, path: &str, headers: &[(&str, &str)]) -> Vec<Answer> {
    let (mut next, mut pages) = (Some(path.to_owned()), Vec::new());
    while let Some(path) = next {
        let answer = http.send(reqwest::Method::GET, &path, headers, "").await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        next = linked(&answer, &path);
        assert_eq!(next.is_some(), answer.json().get("next").is_some(), "{answer:?}");
        pages.push(answer);
    }
    pages
}

/// The keys on these pages, of keys or of documents.
fn keys_on(pages: &[Answer]) -> Vec<String> {
    let mut keys = Vec::new();
    for page in pages {
        let page = page.json();
        let listed = page.get("keys").or_else(|| page.get("documents")).and_then(|list| list.as_array());
        keys.extend(listed.expect("a list").iter().map(|item| {
            let key = item.get("key").unwrap_or(item);
            key.as_str().expect("a key").to_owned()
        }));
    }
    keys
}
