//! Requests, by the route that they took. The labels of a route are made once, when it is mounted.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::counter::ConstCounter;

use super::page::Page;
use crate::tally::{self, Count, Level, Spread};

/// The requests of one server.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Requests whose handlers are at work.
    pub under_way: Level,
    /// Requests that found too many others under way.
    pub refused: Count,
    routes: Mutex<Vec<Arc<RouteCounts>>>,
}

/// The requests of one route.
#[derive(Debug)]
pub struct RouteCounts {
    labels: [(&'static str, String); 3],
    /// How many there were, by the status of the answer.
    statuses: Mutex<BTreeMap<u16, u64>>,
    seconds: Spread,
}

impl Traffic {
    /// Where the requests of a route of an API are counted. No two routes may have the same method and template.
    #[must_use]
    pub fn route(&self, api: &str, method: &str, template: &str) -> Arc<RouteCounts> {
        let labels =
            [("api", api), ("route", template), ("method", method)].map(|(name, value)| (name, value.to_owned()));
        let route = Arc::new(RouteCounts { labels, statuses: Mutex::default(), seconds: tally::seconds() });
        lock(&self.routes).push(Arc::clone(&route));
        route
    }

    pub(super) fn write(&self, page: &mut Page<'_>) -> fmt::Result {
        let routes = lock(&self.routes);
        let mut counts = Vec::new();
        let mut seconds = Vec::new();
        for route in routes.iter() {
            let statuses = lock(&route.statuses);
            // What nobody has asked for would only make the page longer.
            if !statuses.is_empty() {
                seconds.push((&route.labels, &route.seconds));
            }
            for (status, count) in statuses.iter() {
                counts.push(((&route.labels, [("status", *status)]), ConstCounter::new(*count)));
            }
        }
        page.several(
            "keybin_requests",
            "Requests that were answered, by route (its template; - where no route fits) and status",
            counts.iter().map(|((route, status), count)| ((&route[..], &status[..]), count)),
        )?;
        page.several(
            "keybin_request_seconds",
            "From when the head of a request had arrived until its answer began",
            seconds.iter().map(|(route, seconds)| (&route[..], *seconds)),
        )?;
        page.one("keybin_requests_under_way", "Requests whose handlers are at work", &self.under_way)
    }
}

impl RouteCounts {
    /// Counts a request that was answered with this status after so long.
    pub fn note(&self, status: u16, took: Duration) {
        *lock(&self.statuses).entry(status).or_default() += 1;
        self.seconds.observe(took.as_secs_f64());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
