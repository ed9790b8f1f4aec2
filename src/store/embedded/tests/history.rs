//! What was done to a store and when, and which of it may be found after a crash.
//!
//! Moments are places in the events of a disk. What was asked for after a crash is not there; what was answered before it
//! is, unless something came over it that was asked for after that answer.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// A place where one thing stands at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// The account of a name.
    Name(Username),
    /// The value of a document.
    Document(AccountId, Key),
    /// The hash of a token.
    Token(AccountId, ClientId),
}

impl Place {
    const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Name(_) => None,
            Self::Document(account, _) | Self::Token(account, _) => Some(*account),
        }
    }
}

/// From asking to the answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) asked: usize,
    /// Nobody knows when, after an answer that was lost.
    pub(super) answered: Option<usize>,
}

/// Something that was put somewhere, or taken away.
#[derive(Clone, Debug)]
struct Step {
    span: Span,
    what: Option<Vec<u8>>,
}

/// What was done.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    steps: BTreeMap<Place, Vec<Step>>,
    accounts: BTreeSet<AccountId>,
    tokens: Vec<TokenHash>,
    erasures: Vec<(AccountId, Span)>,
    /// Documents of one account that are only ever written together and with one value.
    twins: Vec<(AccountId, [Key; 2])>,
}

impl History {
    pub(super) fn put(&mut self, place: Place, span: Span, what: Option<Vec<u8>>) {
        self.steps.entry(place).or_default().push(Step { span, what });
    }

    pub(super) fn register(&mut self, name: &Username, id: AccountId, span: Span) {
        self.accounts.insert(id);
        self.put(Place::Name(name.clone()), span, Some(id.as_bytes().to_vec()));
    }

    pub(super) fn erase(&mut self, name: &Username, id: AccountId, span: Span) {
        self.put(Place::Name(name.clone()), span, None);
        self.erasures.push((id, span));
    }

    pub(super) fn issue(&mut self, token: &IssuedToken, span: Span) {
        self.tokens.push(token.hash);
        let place = Place::Token(token.account, token.client_id.clone());
        self.put(place, span, Some(token.hash.as_bytes().to_vec()));
    }

    pub(super) fn put_twins(&mut self, account: AccountId, twins: &[Key; 2], span: Span, value: &Value) {
        for key in twins {
            let place = Place::Document(account, key.clone());
            self.put(place, span, Some(value.as_stored().to_vec()));
        }
        self.twins.push((account, twins.clone()));
    }

    /// What has expired by now may be gone from now on.
    pub(super) fn expire(&mut self, is_due: impl Fn(&Key) -> bool, asked: usize) {
        for (place, steps) in &mut self.steps {
            if matches!(place, Place::Document(_, key) if is_due(key)) {
                steps.push(Step { span: Span { asked, answered: None }, what: None });
            }
        }
    }

    /// To be called in the end: an erasure takes with it whatever its account has.
    pub(super) fn finish(mut self) -> Self {
        for (account, span) in &self.erasures {
            let theirs = self.steps.iter_mut().filter(|(place, _)| place.account() == Some(*account));
            theirs.for_each(|(_, steps)| steps.push(Step { span: *span, what: None }));
        }
        self
    }

    /// What may be found somewhere after a crash.
    fn allowed(&self, place: &Place, crash: usize) -> Vec<Option<&[u8]>> {
        let steps = self.steps.get(place).map_or(&[][..], Vec::as_slice);
        let answered = |step: &Step| step.span.answered.filter(|answered| *answered <= crash);
        // Whatever was answered before the last of those was asked for that were answered themselves is gone.
        let settled = steps.iter().filter(|step| answered(step).is_some()).map(|step| step.span.asked).max();
        let mut allowed: Vec<_> = steps
            .iter()
            .filter(|step| step.span.asked < crash)
            .filter(|step| settled.is_none_or(|asked| answered(step).is_none_or(|answered| answered > asked)))
            .map(|step| step.what.as_deref())
            .collect();
        if settled.is_none() {
            allowed.push(None);
        }
        allowed
    }

    pub(super) fn hold(&self, place: &Place, found: Option<&[u8]>, crash: usize) -> Result<(), String> {
        let allowed = self.allowed(place, crash);
        if allowed.contains(&found) {
            return Ok(());
        }
        let length = |what: &Option<&[u8]>| what.map(<[u8]>::len);
        let known = self.steps.get(place).is_some_and(|steps| steps.iter().any(|step| step.what.as_deref() == found));
        let verdict = if known || found.is_none() { "lost" } else { "never written" };
        let lengths: Vec<_> = allowed.iter().map(length).collect();
        Err(format!("{verdict}: {place:?} has {:?} bytes and not {lengths:?}", length(&found)))
    }

    /// Whether `store` holds what it may hold after a crash, and what it must.
    pub(super) fn check(&self, store: &EmbeddedStore, crash: usize) -> Result<(), String> {
        let found = store.read(|snapshot| self.find(snapshot)).map_err(|error| error.to_string())?;
        let live: BTreeSet<&[u8]> = found.iter().filter(|(place, _)| place.account().is_none()).map(id_of).collect();
        for (place, what) in &found {
            if place.account().is_some_and(|account| !live.contains(&account.as_bytes()[..])) {
                return Err(format!("an erased account has something: {place:?}"));
            }
            if !self.steps.contains_key(place) {
                return Err(format!("never written: {place:?} has {} bytes", what.len()));
            }
        }
        for place in self.steps.keys() {
            self.hold(place, found.get(place).map(Vec::as_slice), crash)?;
        }
        let count = |wanted: fn(&Place) -> bool| found.keys().filter(|place| wanted(place)).count() as u64;
        let documents = count(|place| matches!(place, Place::Document(..)));
        let tokens = count(|place| matches!(place, Place::Token(..)));
        let traces = traces(store);
        if traces[..3] != [tokens, tokens, documents] {
            return Err(format!("something is left behind: {traces:?} of {tokens} tokens and {documents} documents"));
        }
        for (account, twins) in &self.twins {
            let [one, other] = twins.each_ref().map(|key| found.get(&Place::Document(*account, key.clone())));
            if one != other {
                return Err(format!("half of what belongs together: {twins:?}"));
            }
        }
        Ok(())
    }

    /// What is there, looked at in every way in which somebody might.
    fn find(&self, snapshot: &Snapshot) -> Result<BTreeMap<Place, Vec<u8>>, Fault> {
        let mut found = BTreeMap::new();
        for known in accounts::list(snapshot, &NameRange::after(None, usize::MAX))?.items {
            assert_eq!(accounts::get(snapshot, known.id)?.as_ref(), Some(&known));
            found.insert(Place::Name(known.username), known.id.as_bytes().to_vec());
        }
        let mut live = BTreeSet::new();
        for account in &self.accounts {
            for (key, document) in listing::documents(snapshot, *account, &everything().into(), NOW)?.found {
                assert_eq!(documents::get(snapshot, *account, &key, NOW)?.as_ref(), Some(&document));
                found.insert(Place::Document(*account, key), document.value.as_stored().to_vec());
            }
            for token in tokens::list(snapshot, *account, NOW)? {
                live.insert(token.hash);
                let place = Place::Token(*account, token.client_id);
                let other = found.insert(place, token.hash.as_bytes().to_vec());
                assert_eq!(other, None, "two tokens of one client");
            }
        }
        for hash in &self.tokens {
            assert_eq!(
                tokens::get(snapshot, hash, NOW)?.is_some(),
                live.contains(hash),
                "a token is listed and not good, or good and not listed"
            );
        }
        Ok(found)
    }
}

fn id_of<'f>((_, id): (&'f Place, &'f Vec<u8>)) -> &'f [u8] {
    id
}

mod tests {
    use super::*;

    fn span(asked: usize, answered: usize) -> Span {
        Span { asked, answered: Some(answered) }
    }

    #[test]
    fn only_what_was_answered_and_not_overwritten_must_be_there() {
        let place = Place::Name(name("ada"));
        let mut history = History::default();
        history.put(place.clone(), span(1, 4), Some(vec![1]));
        history.put(place.clone(), span(5, 9), Some(vec![2]));
        history.put(place.clone(), span(6, 8), None);
        let holds = |crash, found: Option<&[u8]>| history.hold(&place, found, crash).is_ok();
        let (nothing, first, second) = (None, Some(&[1][..]), Some(&[2][..]));
        for (crash, allowed) in [
            (1, [true, false, false]),
            (3, [true, true, false]),
            (4, [false, true, false]),
            (6, [false, true, true]),
            (7, [true, true, true]),
            (8, [true, false, true]),
            (9, [true, false, true]),
        ] {
            assert_eq!([nothing, first, second].map(|found| holds(crash, found)), allowed, "{crash}");
        }
        assert!(!holds(7, Some(&[3])));
    }
}
