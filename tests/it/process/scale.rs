//! Listings of large accounts: what they take of the server's memory.

use std::fs;

use reqwest::{Method, Response};
use serde::Deserialize;
use serde_json::Value;

use super::prepared::prepare_with;
use crate::harness::program::{Installation, Program};
use crate::harness::{Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.in_both: listings_take_no_more_memory_of_a_large_account);
}

/// Documents of the account. All of them together, or their keys in a list and in an answer, are more than [`MOST_KIB`],
/// and less than the cache of the embedded file.
const DOCUMENTS: usize = 100_000;

/// How much memory listings may take.
const MOST_KIB: u64 = 32 * 1024;

async fn listings_take_no_more_memory_of_a_large_account(installation: &mut Installation) {
    let (long, text) = ("x".repeat(200), "y".repeat(100));
    let key = |n| format!("d{n:07}.{long}");
    let documents = (0..DOCUMENTS).map(|n| (key(n), format!(r#"{{"n":{n},"text":"{text}"}}"#)));
    let token = prepare_with(installation, "ann", documents).await.swap_remove(0);
    let program = installation.serve().await;
    let user = Reader {
        http: reqwest::Client::builder().no_proxy().build().expect("a client"),
        base: format!("http://{}/user/{token}", program.address()),
    };

    // Once through everything, so that neither the embedded file's cache counts nor what any listing needs.
    user.drain("keys?limit=1").await;
    assert_eq!(user.page_through("documents?limit=100").await, DOCUMENTS);
    // Not of all of them: a total is one request, which is bounded, and a debug build is slow.
    let total = user.ask(Method::HEAD, "documents?prefix=d00000&where=%7B%22n%22:-1%7D").await;
    assert_eq!(total.headers()["keybin-total"], "0");
    let before = memory(&program, "VmRSS");
    // From here on, the peak counts.
    fs::write(format!("/proc/{}/clear_refs", program.id()), "5").expect("resets the peak");

    let bytes = user.drain("keys").await;
    assert_eq!(bytes, r#"{"keys":[]}"#.len() + DOCUMENTS * (key(0).len() + 3) - 1);
    for query in
        ["keys?limit=1000", "documents?limit=1000", "documents?limit=1000&order=desc", "documents?limit=1000&fields=n"]
    {
        assert_eq!(user.page_through(query).await, DOCUMENTS, "{query}");
    }
    assert_eq!(
        user.page_through("documents?limit=1000&where=%7B%22n%22:%7B%22$gte%22:99000%7D%7D").await,
        DOCUMENTS - 99_000
    );
    let stow = format!("http://{}/api/stow", program.address());
    let entries = user.http.get(stow).basic_auth(&token, Some("")).send().await.expect("an answer");
    assert!(drained(entries).await > DOCUMENTS * (long.len() + text.len()));

    let grown = memory(&program, "VmHWM").saturating_sub(before);
    assert!(grown < MOST_KIB, "grew by {grown} KiB on {before} KiB");
}

/// Somebody who reads listings and keeps nothing.
struct Reader {
    http: reqwest::Client,
    base: String,
}

/// What is looked at of a page.
#[derive(Deserialize)]
struct Page {
    #[serde(alias = "documents")]
    keys: Vec<Value>,
    next: Option<String>,
}

impl Reader {
    async fn ask(&self, method: Method, query: &str) -> Response {
        let answer = self.http.request(method, format!("{}/{query}", self.base)).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{query}");
        answer
    }

    /// Reads an answer to its end and tells how long it was.
    async fn drain(&self, query: &str) -> usize {
        drained(self.ask(Method::GET, query).await).await
    }

    /// Reads page after page and tells how many different keys there were, in their order.
    async fn page_through(&self, query: &str) -> usize {
        let (mut count, mut next, mut last) = (0, None::<String>, None::<String>);
        loop {
            let after = next.map(|next| format!("&after={next}")).unwrap_or_default();
            let page = self.ask(Method::GET, &format!("{query}{after}")).await.bytes().await.expect("a page");
            let page: Page = serde_json::from_slice(&page).expect("a page");
            for item in &page.keys {
                let key = item.get("key").unwrap_or(item).as_str().expect("a key");
                assert!(
                    last.as_deref().is_none_or(|last| (last < key) != query.contains("desc")),
                    "{key} after {last:?}"
                );
                last = Some(key.to_owned());
            }
            count += page.keys.len();
            next = page.next;
            if next.is_none() {
                return count;
            }
        }
    }
}

async fn drained(mut answer: Response) -> usize {
    let mut bytes = 0;
    while let Some(piece) = answer.chunk().await.expect("reads on") {
        bytes += piece.len();
    }
    bytes
}

/// What a server takes of the memory now (`VmRSS`), or took at the most (`VmHWM`), in KiB.
fn memory(program: &Program, what: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", program.id())).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix(what)).expect("a line");
    let amount = line.trim_start_matches(':').trim().trim_end_matches(" kB");
    amount.parse().expect("a number")
}
