//! Many doing something at the same moment.

use std::future::Future;
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Barrier;

/// Runs `each(0)` to `each(n - 1)` as tasks of their own, all let go together, and gives their answers in that order.
pub(crate) async fn race<F>(n: usize, each: impl Fn(usize) -> F) -> Vec<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let start = Arc::new(Barrier::new(n));
    let tasks = (0..n).map(|i| {
        let (start, work) = (start.clone(), each(i));
        tokio::spawn(async move {
            start.wait().await;
            work.await
        })
    });
    let answers = join_all(tasks.collect::<Vec<_>>()).await;
    answers.into_iter().map(|answer| answer.expect("a task panicked")).collect()
}
