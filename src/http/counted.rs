//! Counting requests by the route that they took. What is counted for each route is made when it is mounted; of a request
//! there is nothing to be made.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rocket::http::{Method, Status};
use rocket::{Request, Route};

use crate::metrics::{RouteCounts, Traffic};

/// What stands for the API, the route and the method of requests that no route fits, as in the access log.
const NONE: &str = "-";

/// The counts of every route, by its template.
pub(super) struct Counted {
    routes: HashMap<String, Vec<(Method, Arc<RouteCounts>)>>,
    elsewhere: Arc<RouteCounts>,
}

impl Counted {
    /// Without a route.
    pub(super) fn new(traffic: &Traffic) -> Self {
        Self { routes: HashMap::new(), elsewhere: traffic.route(NONE, NONE, NONE) }
    }

    /// Counts the requests of these routes of an API, too.
    pub(super) fn add(&mut self, traffic: &Traffic, api: &str, routes: &[Route]) {
        for route in routes {
            let of_template = self.routes.entry(route.uri.as_str().to_owned()).or_default();
            // Routes that differ in the type of the body alone are counted as one.
            if of_template.iter().all(|(method, _)| *method != route.method) {
                let counts = traffic.route(api, route.method.as_str(), route.uri.as_str());
                of_template.push((route.method, counts));
            }
        }
    }

    fn of(&self, route: Option<&Route>) -> &RouteCounts {
        let counts = route.and_then(|route| {
            let of_template = self.routes.get(route.uri.as_str())?;
            of_template.iter().find(|(method, _)| *method == route.method)
        });
        counts.map_or(&self.elsewhere, |(_, counts)| counts)
    }
}

/// Counts a request, if somebody counts.
pub(super) fn note(request: &Request<'_>, status: Status, took: Duration) {
    if let Some(counted) = request.rocket().state::<Counted>() {
        counted.of(request.route()).note(status.code, took);
    }
}
