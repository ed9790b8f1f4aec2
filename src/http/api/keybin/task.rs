//! The operations of a bulk request, from JSON.

use super::Keybin;
use crate::domain::{Precondition, Revision, Timestamp, value};
use crate::http::body::Members;
use crate::http::lifetime;
use crate::http::refusal::Refusal;
use crate::service::{Deed, PatchKind, Task, Wish};

/// The most operations in one request.
const MOST: usize = 1000;

/// What is there of an operation: its members, or why it has none.
type Item = Result<Members<Keybin>, Refusal>;

/// Operations, taken apart into their members.
pub(super) struct Items(Vec<Item>);

impl Items {
    /// Takes a JSON array of operations apart.
    pub(super) fn read(json: &[u8]) -> Result<Self, Refusal> {
        const LIST: Refusal = Refusal::Wrong("operations", "must be a list of at most 1000 operations");
        let text = std::str::from_utf8(json).map_err(|_| Refusal::Body)?;
        if !text.starts_with('[') {
            return Err(LIST);
        }
        let places = value::items(text)?;
        if places.len() > MOST {
            return Err(LIST);
        }
        Ok(Self(places.into_iter().map(|place| of_one(&text[place])).collect()))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Item> {
        self.0.iter()
    }
}

fn of_one(text: &str) -> Item {
    if text.starts_with('{') { Members::of_json(text) } else { Err(operation()) }
}

fn operation() -> Refusal {
    Refusal::Wrong("operations", "must hold objects only")
}

/// What an operation asks for at `now`.
pub(super) fn read(item: &Item, now: Timestamp) -> Result<Task<'_>, Refusal> {
    let members = match item {
        Ok(members) => members,
        Err(Refusal::Repeated(name)) => return Err(Refusal::Repeated(name.clone())),
        Err(_) => return Err(operation()),
    };
    let deed = deed(members)?;
    Ok(Task { key: members.key()?, when: condition(members)?, expires_at: end(members, now)?, deed })
}

fn deed(members: &Members<Keybin>) -> Result<Deed<'_>, Refusal> {
    Ok(match &*members.text("op")? {
        "get" => Deed::Get,
        "put" => Deed::Put(members.json("value")?),
        "patch" => Deed::Change(patch(members)?),
        "delete" => Deed::Delete,
        "increment" => {
            Deed::Change(Wish::Increment { by: members.optional_json("by"), initial: members.optional_json("initial") })
        }
        _ => return Err(Refusal::Wrong("op", "must be get, put, patch, delete or increment")),
    })
}

/// An object is a merge patch, a list a JSON patch; without either, only the expiry is another.
fn patch(members: &Members<Keybin>) -> Result<Wish<'_>, Refusal> {
    match members.json("patch") {
        Ok(json) if json.first() == Some(&b'{') => Ok(Wish::Patch(PatchKind::Merge, json)),
        Ok(json) if json.first() == Some(&b'[') => Ok(Wish::Patch(PatchKind::Json, json)),
        Ok(_) => Err(Refusal::Wrong("patch", "must be an object or a list")),
        Err(_) if members.optional_json("ttl").is_some() => Ok(Wish::Keep),
        Err(missing) => Err(missing),
    }
}

/// `null`: must not exist. What is no revision is that of nothing.
fn condition(members: &Members<Keybin>) -> Result<Precondition, Refusal> {
    match members.json("if_revision") {
        Err(_) => Ok(Precondition::None),
        Ok(b"null") => Ok(Precondition::Absent),
        Ok(_) => {
            let revision = Revision::parse(&members.text("if_revision")?);
            Ok(revision.map_or(Precondition::OneOf(Vec::new()), Precondition::Revision))
        }
    }
}

fn end(members: &Members<Keybin>, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let Some(ttl) = members.optional_json("ttl") else { return Ok(None) };
    let text = std::str::from_utf8(ttl).map_err(|_| Refusal::Body)?;
    Ok(Some(now.plus_seconds(lifetime::seconds(text)?)))
}
