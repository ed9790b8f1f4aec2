//! Conditions of requests: `If-Match` and `If-None-Match` (RFC 9110, 13.1).
//!
//! * Writes hand them on as a [`Precondition`], which the store judges inside the write. Reads judge them here.
//! * A tag that is none of ours is the tag of nothing. Ours are strong, so that a weak one never meets `If-Match`, and
//!   meets `If-None-Match` like the strong one.
//! * `If-Modified-Since` and `If-Unmodified-Since` are not looked at: their seconds are too coarse to lose nothing.

#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;

use std::marker::PhantomData;

use rocket::request::{FromRequest, Outcome, Request};

use super::api::{Api, refuse};
use super::refusal::Refusal;
use crate::domain::{Document, Precondition, Revision};

/// The conditions of a request.
pub(super) struct Conditions<A> {
    matches: Option<Tags>,
    none_matches: Option<Tags>,
    api: PhantomData<A>,
}

/// What a read is to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The document.
    Whole,
    /// That it is the one the client has.
    NotModified,
    /// That it is not the one the client wants.
    Failed,
}

/// What a header names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    /// `*`: whatever there is.
    Any,
    /// These revisions.
    These(Vec<Revision>),
}

impl<A> Conditions<A> {
    /// What must hold for a write.
    pub(super) fn of_write(self) -> Precondition {
        let matches = match self.matches {
            None => Precondition::None,
            Some(Tags::Any) => Precondition::Present,
            Some(Tags::These(revisions)) => Precondition::OneOf(revisions),
        };
        matches.and(match self.none_matches {
            None => Precondition::None,
            Some(Tags::Any) => Precondition::Absent,
            Some(Tags::These(revisions)) => Precondition::NoneOf(revisions),
        })
    }

    /// What a read is to answer where this document is there, in the order of section 13.2.2.
    pub(super) fn of_read(&self, present: &Document) -> Reading {
        let meets = |tags: &Tags| match tags {
            Tags::Any => true,
            Tags::These(revisions) => revisions.contains(&present.revision),
        };
        if self.matches.as_ref().is_some_and(|tags| !meets(tags)) {
            Reading::Failed
        } else if self.none_matches.as_ref().is_some_and(meets) {
            Reading::NotModified
        } else {
            Reading::Whole
        }
    }
}

#[rocket::async_trait]
impl<'r, A: Api> FromRequest<'r> for Conditions<A> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let read = || -> Result<Self, Refusal> {
            let matches = header(request, "If-Match", false)?;
            Ok(Self { matches, none_matches: header(request, "If-None-Match", true)?, api: PhantomData })
        };
        match read() {
            Ok(conditions) => Outcome::Success(conditions),
            Err(refusal) => refuse::<A, _>(&refusal, request),
        }
    }
}

/// What a header says, which may be there in several lines.
fn header(request: &Request<'_>, name: &'static str, weak: bool) -> Result<Option<Tags>, Refusal> {
    let lines: Vec<&str> = request.headers().get(name).collect();
    if lines.is_empty() {
        return Ok(None);
    }
    parse(&lines.join(","), weak).map(Some).ok_or(Refusal::Condition(name))
}

/// `*`, or entity tags with commas between them. `weak` says whether weak tags count.
fn parse(text: &str, weak: bool) -> Option<Tags> {
    let blank = |c: char| c == ' ' || c == '\t';
    if text.trim_matches(blank) == "*" {
        return Some(Tags::Any);
    }
    let mut revisions = Vec::new();
    let mut none = true;
    let mut rest = text.trim_start_matches(|c| blank(c) || c == ',');
    while !rest.is_empty() {
        let (is_weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
        let (opaque, after) = quoted.strip_prefix('"')?.split_once('"')?;
        // Section 8.8.3: no blanks and no control characters.
        if opaque.chars().any(|c| c <= ' ' || c == '\u{7f}') {
            return None;
        }
        if weak || !is_weak {
            revisions.extend(Revision::parse(opaque));
        }
        none = false;
        let after = after.trim_start_matches(blank);
        if !after.is_empty() && !after.starts_with(',') {
            return None;
        }
        rest = after.trim_start_matches(|c| blank(c) || c == ',');
    }
    (!none).then_some(Tags::These(revisions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_as_the_rfc_says() {
        let one = "0123456789abcdef0123456789abcdef";
        let two = "ffffffffffffffffffffffffffffffff";
        let [first, second] = [one, two].map(|text| Revision::parse(text).expect("a revision"));
        let these = |revisions: &[Revision]| Some(Tags::These(revisions.to_vec()));
        for (text, strong, weak) in [
            ("*".to_owned(), Some(Tags::Any), Some(Tags::Any)),
            (" \t* ".to_owned(), Some(Tags::Any), Some(Tags::Any)),
            (format!("\"{one}\""), these(&[first]), these(&[first])),
            (format!("W/\"{one}\""), these(&[]), these(&[first])),
            (format!("\"{one}\",\"{two}\""), these(&[first, second]), these(&[first, second])),
            (format!(", \"{one}\" ,\t,W/\"{two}\" ,"), these(&[first]), these(&[first, second])),
            (format!("\"{}\"", one.to_uppercase()), these(&[]), these(&[])),
            ("\"\"".to_owned(), these(&[]), these(&[])),
            ("\"a,b\"".to_owned(), these(&[]), these(&[])),
            ("\"é\"".to_owned(), these(&[]), these(&[])),
        ] {
            assert_eq!((parse(&text, false), parse(&text, true)), (strong, weak), "{text}");
        }
        for text in ["", ",", "abc", "\"a", "a\"", "*,*", "*, \"a\"", "\"a\" \"b\"", "w/\"a\"", "\"a b\"", "W/", "'a'"]
        {
            assert_eq!(parse(text, true), None, "{text}");
        }
    }
}
