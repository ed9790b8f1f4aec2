//! What leaves when no handler answered: the problem that a guard found, a 405 for a known path, or the plain status.

use rocket::http::{Method, Status};
use rocket::route::Route;
use rocket::{Catcher, Request, catch};

use super::problem::Problem;

#[catch(default)]
fn any(status: Status, request: &Request<'_>) -> Problem {
    if let Some(problem) = Problem::of_refused(request) {
        return problem;
    }
    if status == Status::NotFound {
        let allowed = allowed_methods(request);
        if !allowed.is_empty() {
            return Problem::method_not_allowed(allowed.join(", "));
        }
    }
    Problem::of_status(status)
}

/// The methods that some route answers at this path. Rocket itself says 404 where only the method is wrong.
fn allowed_methods(request: &Request<'_>) -> Vec<&'static str> {
    let path: Vec<&str> = request.uri().path().segments().collect();
    let mut allowed: Vec<&str> = Vec::new();
    for route in request.rocket().routes().filter(|route| leads_to(route, &path)) {
        allowed.push(route.method.as_str());
        if route.method == Method::Get {
            allowed.push(Method::Head.as_str());
        }
    }
    allowed.sort_unstable();
    allowed.dedup();
    allowed
}

fn leads_to(route: &Route, path: &[&str]) -> bool {
    let template = route.uri.path().trim_start_matches('/').split('/');
    let template: Vec<&str> = template.collect();
    template.len() == path.len()
        && template.iter().zip(path).all(|(part, segment)| part.starts_with('<') || part == segment)
}

/// The one catcher.
pub(super) fn catchers() -> Vec<Catcher> {
    rocket::catchers![any]
}
