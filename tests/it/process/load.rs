//! Load: writers that write as fast as they are answered, and keep a record of what they were told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::client::{Answer, Client};

/// Writers at work.
pub(super) struct Writers {
    told_to_end: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    /// How many attempts of each are over.
    over: Vec<Arc<AtomicUsize>>,
    tasks: Vec<JoinHandle<Vec<Attempt>>>,
}

/// One write that was tried.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) key: String,
    pub(super) value: Value,
    /// `None` where the connection broke.
    pub(super) answer: Option<Answer>,
}

impl Attempt {
    /// The status of the answer, where there was one.
    pub(super) fn status(&self) -> Option<u16> {
        self.answer.as_ref().map(|answer| answer.status)
    }
}

impl Writers {
    /// Lets one writer loose for each token. Mostly they write new keys, whose names begin with `prefix`, and at times
    /// one and the same. A writer ends when it is told to, or when its connection breaks.
    pub(super) fn start(client: &Client, tokens: &[String], prefix: &str) -> Self {
        let (told_to_end, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let over: Vec<_> = tokens.iter().map(|_| Arc::new(AtomicUsize::new(0))).collect();
        let tasks = tokens.iter().enumerate().map(|(i, token)| {
            let over = over[i].clone();
            let (client, token, prefix) = (client.clone(), token.clone(), format!("{prefix}.{i}"));
            let (told_to_end, acknowledged) = (told_to_end.clone(), acknowledged.clone());
            tokio::spawn(async move {
                let mut attempts: Vec<Attempt> = Vec::new();
                while !told_to_end.load(Ordering::Relaxed) && attempts.last().is_none_or(|last| last.answer.is_some()) {
                    let n = attempts.len();
                    let key = if n % 4 == 3 { prefix.clone() } else { format!("{prefix}.{n}") };
                    let value = json!({ "n": n });
                    let answer = client.try_put(&token, &key, &value).await.ok();
                    let good = answer.as_ref().is_some_and(|answer| answer.status == 200);
                    acknowledged.fetch_add(usize::from(good), Ordering::Relaxed);
                    attempts.push(Attempt { key, value, answer });
                    over.store(attempts.len(), Ordering::SeqCst);
                }
                attempts
            })
        });
        Self { tasks: tasks.collect(), told_to_end, acknowledged, over }
    }

    /// Waits until so many more writes were acknowledged.
    pub(super) async fn acknowledge(&self, more: usize) {
        let (start, wanted) = (Instant::now(), self.acknowledged.load(Ordering::Relaxed) + more);
        while self.acknowledged.load(Ordering::Relaxed) < wanted {
            assert!(start.elapsed() < Duration::from_secs(60), "nothing is acknowledged");
            sleep(Duration::from_millis(2)).await;
        }
    }

    /// How many attempts of each writer are over by now.
    pub(super) fn counts(&self) -> Vec<usize> {
        self.over.iter().map(|over| over.load(Ordering::SeqCst)).collect()
    }

    /// What they did, now that their connections are broken.
    pub(super) async fn broken(self) -> Vec<Attempt> {
        self.broken_each().await.into_iter().flatten().collect()
    }

    /// The same for each of them.
    pub(super) async fn broken_each(self) -> Vec<Vec<Attempt>> {
        let attempts = join_all(self.tasks).await;
        attempts.into_iter().map(|attempts| attempts.expect("a writer panicked")).collect()
    }

    /// Tells them to end, and gives what they did.
    pub(super) async fn end(self) -> Vec<Attempt> {
        self.end_each().await.into_iter().flatten().collect()
    }

    /// The same for each of them.
    pub(super) async fn end_each(self) -> Vec<Vec<Attempt>> {
        self.told_to_end.store(true, Ordering::Relaxed);
        self.broken_each().await
    }
}

/// Checks that every acknowledged write is there: under its key stands its value, or that of a later attempt. Gives how
/// many keys there were.
pub(super) async fn assert_kept(client: &Client, token: &str, attempts: &[Attempt]) -> usize {
    let mut keys: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for attempt in attempts {
        let possible = keys.entry(&attempt.key).or_default();
        if attempt.status() == Some(200) {
            possible.clear();
        } else if possible.is_empty() {
            // Nothing was acknowledged under this key so far: there may be nothing.
            possible.push(&Value::Null);
        }
        possible.push(&attempt.value);
    }
    let looks = keys.iter().map(|(key, possible)| async move {
        let answer = client.get(token, key).await;
        let found = if answer.status == 404 { Value::Null } else { answer.good()["value"].take() };
        assert!(possible.contains(&&found), "{key}: {found} is none of {possible:?}");
    });
    stream::iter(looks).buffer_unordered(8).collect::<Vec<()>>().await;
    keys.len()
}

/// A pause of random length.
pub(super) async fn pause_up_to(most: Duration) -> Duration {
    let [a, b, ..] = uuid::Uuid::new_v4().into_bytes();
    let pause = most.mul_f64(f64::from(u16::from_le_bytes([a, b])) / f64::from(u16::MAX));
    sleep(pause).await;
    pause
}
