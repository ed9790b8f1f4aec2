//! What leaves when no handler answered: what a guard left, a 405 for a known path, or the plain status.

use rocket::http::{Method, Status};
use rocket::route::Route;
use rocket::{Catcher, Request, catch};

use super::answer::Answer;
use super::{problem, web};

#[catch(default)]
fn any(status: Status, request: &Request<'_>) -> Answer {
    if let Some(answer) = Answer::left_with(request) {
        return answer;
    }
    if status == Status::NotFound {
        let allowed = allowed_methods(request);
        // Where the method is one of them, a handler looked and found nothing.
        if !allowed.is_empty() && !allowed.contains(&request.method().as_str()) {
            let allow = allowed.join(", ");
            let page = web::of_status(Status::MethodNotAllowed, request);
            return page
                .map(|page| page.with("Allow", allow.clone()))
                .unwrap_or_else(|| problem::method_not_allowed(&allow));
        }
    }
    web::of_status(status, request).unwrap_or_else(|| problem::of_status(status))
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
    let template: Vec<&str> = route.uri.path().split('/').filter(|part| !part.is_empty()).collect();
    let path: Vec<&&str> = path.iter().filter(|segment| !segment.is_empty()).collect();
    template.len() == path.len()
        && template.iter().zip(path).all(|(part, segment)| part.starts_with('<') || part == segment)
}

/// The one catcher.
pub(super) fn catchers() -> Vec<Catcher> {
    rocket::catchers![any]
}
