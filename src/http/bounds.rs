//! The bounds of every request, whatever its handler does: how long it is worked on, with how many others, and how soon one
//! that comes too often is told so.
//!
//! Rocket has no such bounds. What they cannot reach is what comes before a handler and after it: a connection that sends
//! no request, one that sends its head or the first bytes of its body slowly, one that reads its answer slowly. That is
//! for a proxy (docs/SECURITY.md).

use std::sync::Mutex;
use std::time::Duration;

use rocket::http::{Method, Status};
use rocket::route::{Handler, Outcome};
use rocket::tokio::sync::{Semaphore, SemaphorePermit};
use rocket::tokio::time::{Instant, sleep, timeout_at};
use rocket::{Data, Request, Route};
use tracing::Instrument;

use super::answer::Answer;
use super::refusal::Refusal;
use super::spans;
use crate::metrics::Traffic;
use crate::service::ServiceError;
use crate::tally::{Count, Held, Level};

/// Within this everybody is answered, from when the last of their request arrived. Longer than the store's own deadline,
/// which knows more of what was done, and shorter than the five seconds that are promised.
const PATIENCE: Duration = Duration::from_millis(4500);

/// How long a 429 is held back. Whoever sends the next request as soon as the last was refused would else take a good part of
/// a small machine with nothing but refusals.
const HELD_BACK: Duration = Duration::from_millis(200);

/// Routes that change something although their method says otherwise.
const CHANGE_BY_GET: [&str; 2] = ["/api/token", "/api/logout"];

/// How many requests may be under way, and how many are.
pub(super) struct Turns {
    permits: Semaphore,
    under_way: Level,
    refused: Count,
}

impl Turns {
    /// So many at once; 0 for no bound.
    pub(super) fn new(most: u32, traffic: &Traffic) -> Self {
        let permits = Semaphore::new(if most == 0 { Semaphore::MAX_PERMITS } else { most as usize });
        Self { permits, under_way: traffic.under_way.clone(), refused: traffic.refused.clone() }
    }

    /// A turn, if there is one left.
    fn take(&self) -> Option<(SemaphorePermit<'_>, Held)> {
        let Ok(permit) = self.permits.try_acquire() else {
            self.refused.inc();
            return None;
        };
        Some((permit, Held::on(&self.under_way)))
    }
}

/// How an API words a refusal.
pub(super) type Words = fn(&Refusal, &Request<'_>) -> Answer;

/// Puts the handler of a route within the bounds.
pub(super) fn bounded(mut route: Route, words: Words) -> Route {
    route.handler = Box::new(Bounded { handler: route.handler, words });
    route
}

#[derive(Clone)]
struct Bounded {
    handler: Box<dyn Handler>,
    words: Words,
}

#[rocket::async_trait]
impl Handler for Bounded {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let turn = request.rocket().state::<Turns>().map(Turns::take);
        if matches!(turn, Some(None)) {
            let busy = ServiceError::Unavailable("too many requests are under way".to_owned());
            return Outcome::from(request, (self.words)(&busy.into(), request));
        }
        let span = spans::of(request);
        let outcome = self.in_time(request, data).instrument(span.clone()).await;
        spans::close(&span, status(&outcome));
        // Whoever is held back takes nobody's turn.
        drop(turn);
        if status(&outcome) == Some(Status::TooManyRequests) {
            sleep(HELD_BACK).await;
        }
        outcome
    }
}

impl Bounded {
    /// What the handler answers, or that it was too late.
    async fn in_time<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let arrival = Arrival::of(request);
        let mut answering = self.handler.handle(request, data);
        loop {
            let end = arrival.heard() + PATIENCE;
            if let Ok(outcome) = timeout_at(end, &mut answering).await {
                return outcome;
            }
            if arrival.is_over_at(end) {
                return Outcome::from(request, (self.words)(&too_late(request).into(), request));
            }
        }
    }
}

fn status(outcome: &Outcome<'_>) -> Option<Status> {
    match outcome {
        Outcome::Success(response) => Some(response.status()),
        Outcome::Error(status) => Some(*status),
        Outcome::Forward(_) => None,
    }
}

/// What is not done by now may still be done: the store's work is not broken off.
fn too_late(request: &Request<'_>) -> ServiceError {
    let why = "no answer in time".to_owned();
    let changes = request.route().is_some_and(|route| CHANGE_BY_GET.contains(&route.uri.path()));
    let only_reads = matches!(request.method(), Method::Get | Method::Head) && !changes;
    if only_reads { ServiceError::Unavailable(why) } else { ServiceError::Unknown(why) }
}

/// When a request arrived, body and all. While its body is waited for, nobody is late but its sender.
pub(super) struct Arrival(Mutex<Heard>);

#[derive(Clone, Copy)]
struct Heard {
    last: Instant,
    is_waited_for: bool,
}

impl Arrival {
    /// That of this request, which has been here since it was first asked for.
    pub(super) fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(|| Self(Mutex::new(Heard { last: Instant::now(), is_waited_for: false })))
    }

    /// Notes that the sender is waited for, or was heard.
    pub(super) fn note(&self, is_waited_for: bool) {
        if let Ok(mut heard) = self.0.lock() {
            *heard = Heard { last: Instant::now(), is_waited_for };
        }
    }

    fn heard(&self) -> Instant {
        match self.now() {
            Heard { is_waited_for: true, .. } => Instant::now(),
            Heard { last, .. } => last,
        }
    }

    /// Whether the time is over at `end`, the sender having been heard long before.
    fn is_over_at(&self, end: Instant) -> bool {
        let Heard { last, is_waited_for } = self.now();
        !is_waited_for && last + PATIENCE <= end
    }

    fn now(&self) -> Heard {
        self.0.lock().map_or(Heard { last: Instant::now(), is_waited_for: false }, |heard| *heard)
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures_util::future::join_all;
    use rocket::local::asynchronous::Client;
    use rocket::{get, post, routes};

    use super::*;
    use crate::http::api::keybin::Keybin;
    use crate::http::api::say;

    #[get("/read")]
    async fn read() {
        pending().await
    }

    #[get("/api/token")]
    async fn issue() {
        pending().await
    }

    #[post("/write")]
    async fn write() {
        pending().await
    }

    #[post("/often")]
    async fn often() -> Status {
        Status::TooManyRequests
    }

    #[rocket::async_test]
    async fn who_comes_too_often_is_held_back_and_takes_no_turn() {
        let routes = routes![often].into_iter().map(|route| bounded(route, say::<Keybin>));
        let rocket = rocket::build().manage(Turns::new(1, &Traffic::default())).mount("/", routes.collect::<Vec<_>>());
        let client = Client::untracked(rocket).await.expect("ignites");
        let start = Instant::now();
        let asked = (0..8).map(async |_| client.post("/often").dispatch().await.status());
        for status in join_all(asked).await {
            assert_eq!(status, Status::TooManyRequests);
        }
        assert!(start.elapsed() >= HELD_BACK);
    }

    #[rocket::async_test]
    async fn nobody_waits_for_a_handler_that_hangs() {
        let routes = routes![read, issue, write].into_iter().map(|route| bounded(route, say::<Keybin>));
        let rocket = rocket::build().manage(Turns::new(3, &Traffic::default())).mount("/", routes.collect::<Vec<_>>());
        let client = Client::untracked(rocket).await.expect("ignites");
        let start = Instant::now();
        let asked = [(Method::Get, "/read", 503), (Method::Get, "/api/token", 504), (Method::Post, "/write", 504)];
        let asked = asked.map(async |(method, path, status)| {
            assert_eq!(client.req(method, path).dispatch().await.status().code, status, "{path}");
        });
        join_all(asked).await;
        let took = start.elapsed();
        assert!((PATIENCE..Duration::from_secs(8)).contains(&took), "{took:?}");
    }
}
