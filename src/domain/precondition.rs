//! Preconditions: what must hold of the present document for a write to take place.

use super::{Revision, Timestamp};

/// What must hold of the present document for a write to take place; judged inside the write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing: create or overwrite.
    None,
    /// There is no live document under the key.
    Absent,
    /// There is a live document under the key.
    Present,
    /// The live document has this revision.
    Revision(Revision),
    /// The live document has one of these revisions.
    OneOf(Vec<Revision>),
    /// There is no live document, or it has none of these revisions.
    NoneOf(Vec<Revision>),
    /// There is no live document, or it was modified before this point in time.
    ModifiedBefore(Timestamp),
    /// Both of these.
    Both(Box<[Self; 2]>),
}

impl Precondition {
    /// Both conditions.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, one) | (one, Self::None) => one,
            (one, other) => Self::Both(Box::new([one, other])),
        }
    }

    /// Whether the condition holds of the live document, of which the revision and the time of modification are given if
    /// there is one.
    #[must_use]
    pub fn holds(&self, present: Option<(Revision, Timestamp)>) -> bool {
        match self {
            Self::None => true,
            Self::Absent => present.is_none(),
            Self::Present => present.is_some(),
            Self::Revision(wanted) => present.is_some_and(|(revision, _)| revision == *wanted),
            Self::OneOf(wanted) => present.is_some_and(|(revision, _)| wanted.contains(&revision)),
            Self::NoneOf(unwanted) => present.is_none_or(|(revision, _)| !unwanted.contains(&revision)),
            Self::ModifiedBefore(time) => present.is_none_or(|(_, modified_at)| modified_at < *time),
            Self::Both(both) => both.iter().all(|one| one.holds(present)),
        }
    }

    /// Whether it holds of no live document, whichever it is.
    #[must_use]
    pub fn wants_absence(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Both(both) => both.iter().any(Self::wants_absence),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_hold_of_what_they_say() {
        let [this, other] = [1, 2].map(|byte| Revision::from_bytes([byte; 16]));
        let time = Timestamp::from_millis;
        let present = Some((this, time(5)));
        for (condition, of_present, of_nothing) in [
            (Precondition::None, true, true),
            (Precondition::Absent, false, true),
            (Precondition::Present, true, false),
            (Precondition::Revision(this), true, false),
            (Precondition::Revision(other), false, false),
            (Precondition::OneOf(vec![other, this]), true, false),
            (Precondition::OneOf(vec![other]), false, false),
            (Precondition::OneOf(vec![]), false, false),
            (Precondition::NoneOf(vec![other, this]), false, true),
            (Precondition::NoneOf(vec![other]), true, true),
            (Precondition::NoneOf(vec![]), true, true),
            (Precondition::ModifiedBefore(time(6)), true, true),
            (Precondition::ModifiedBefore(time(5)), false, true),
            (Precondition::Present.and(Precondition::NoneOf(vec![this])), false, false),
            (Precondition::Present.and(Precondition::NoneOf(vec![other])), true, false),
            (Precondition::Present.and(Precondition::Absent), false, false),
        ] {
            assert_eq!((condition.holds(present), condition.holds(None)), (of_present, of_nothing), "{condition:?}");
        }
        assert!(Precondition::Present.and(Precondition::Absent).wants_absence());
        assert!(!Precondition::NoneOf(vec![this]).wants_absence());
        assert_eq!(Precondition::None.and(Precondition::Absent), Precondition::Absent);
    }
}
