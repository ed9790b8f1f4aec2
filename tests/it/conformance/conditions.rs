//! Conditions: each one against each state of a key, and many writers at the same moment.

use keybin::domain::{AccountId, Document, Precondition, Revision, Timestamp};
use keybin::store::{StoreError, Written};

use crate::harness::race::race;
use crate::harness::samples::{NOW, after, json, key, register as registered, set, write, write_until};
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        a_put_takes_place_exactly_when_its_condition_holds,
        a_delete_takes_place_exactly_when_its_condition_holds,
        a_revision_lets_one_of_32_writers_through,
        absence_lets_one_of_32_writers_through,
        a_revision_lets_one_of_32_removals_through,
        absence_holds_again_after_a_removal,
        a_chain_of_revisions_loses_no_step,
    );
}

/// What a key can be before a write.
#[derive(Clone, Copy, Debug)]
enum State {
    Absent,
    Live,
    Expired,
}

/// Every state with every condition, each under a key of its own that is prepared accordingly.
async fn each_combination(store: &TestStore, id: AccountId) -> Vec<(String, State, Precondition, Option<Document>)> {
    let mut all = Vec::new();
    for state in [State::Absent, State::Live, State::Expired] {
        for condition in 0..16 {
            let at = format!("{state:?} {condition}");
            let before = match state {
                State::Absent => None,
                State::Live => Some(write("\"before\"")),
                // It is over at the moment of the write to come.
                State::Expired => Some(write_until("\"before\"", NOW)),
            };
            let revision = before.as_ref().map_or_else(Revision::random, |write| write.revision);
            if let Some(write) = before {
                store.put(id, &key(&at), &write, Precondition::None, after(-5)).await.expect("prepares");
            }
            let when = match condition {
                0 => Precondition::None,
                1 => Precondition::Absent,
                2 => Precondition::Present,
                3 => Precondition::Revision(revision),
                4 => Precondition::Revision(Revision::random()),
                5 => Precondition::ModifiedBefore(after(-6)),
                6 => Precondition::ModifiedBefore(after(-5)),
                7 => Precondition::ModifiedBefore(Timestamp::from_micros(after(-5).as_micros() + 1)),
                8 => Precondition::OneOf(vec![Revision::random(), revision]),
                9 => Precondition::OneOf(vec![Revision::random(), Revision::random()]),
                10 => Precondition::OneOf(vec![]),
                11 => Precondition::NoneOf(vec![Revision::random(), revision]),
                12 => Precondition::NoneOf(vec![Revision::random()]),
                13 => Precondition::Present.and(Precondition::NoneOf(vec![Revision::random()])),
                14 => Precondition::Revision(revision).and(Precondition::NoneOf(vec![revision])),
                _ => Precondition::Present.and(Precondition::Absent),
            };
            let live = store.get(id, &key(&at), NOW).await.expect("reads");
            assert_eq!(live.is_some(), matches!(state, State::Live));
            all.push((at, state, when, live));
        }
    }
    all
}

async fn a_put_takes_place_exactly_when_its_condition_holds(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for (at, state, when, live) in each_combination(store, id).await {
        let shown = format!("{state:?}, {when:?}");
        let write = write("\"after\"");
        let answer = store.put(id, &key(&at), &write, when.clone(), NOW).await;
        let present = store.get(id, &key(&at), NOW).await.expect("reads");
        if when.holds(live.as_ref().map(|document| (document.revision, document.modified_at))) {
            let written = if live.is_some() { Written::Replaced } else { Written::Created };
            assert_eq!(answer.expect(&shown), written, "{shown}");
            let expected = Document {
                value: write.value,
                revision: write.revision,
                created_at: live.map_or(NOW, |document| document.created_at),
                modified_at: NOW,
                expires_at: None,
            };
            assert_eq!(present, Some(expected), "{shown}");
        } else {
            assert_refused_by(answer, live.as_ref(), &shown);
            assert_eq!(present, live, "{shown}");
        }
    }
}

async fn a_delete_takes_place_exactly_when_its_condition_holds(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for (at, state, when, live) in each_combination(store, id).await {
        let shown = format!("{state:?}, {when:?}");
        let answer = store.delete(id, &key(&at), when.clone(), NOW).await;
        let present = store.get(id, &key(&at), NOW).await.expect("reads");
        if when.holds(live.as_ref().map(|document| (document.revision, document.modified_at))) {
            assert_eq!(answer.expect(&shown), live.is_some(), "{shown}");
            assert_eq!(present, None, "{shown}");
        } else {
            assert_refused_by(answer, live.as_ref(), &shown);
            assert_eq!(present, live, "{shown}");
        }
    }
}

fn assert_refused_by<T: std::fmt::Debug>(answer: Result<T, StoreError>, live: Option<&Document>, shown: &str) {
    match answer {
        Err(StoreError::Precondition(present)) => assert_eq!(present.as_deref(), live, "{shown}"),
        other => panic!("{shown}: {other:?}"),
    }
}

async fn a_revision_lets_one_of_32_writers_through(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let first = write("\"first\"");
    store.put(id, &key("k"), &first, Precondition::None, NOW).await.expect("writes");
    one_of_32_gets_through(store, id, Precondition::Revision(first.revision), Written::Replaced).await;
}

async fn absence_lets_one_of_32_writers_through(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    one_of_32_gets_through(store, id, Precondition::Absent, Written::Created).await;
}

/// One of 32 writers with the same condition gets through; the others are shown what it wrote.
async fn one_of_32_gets_through(store: &TestStore, id: AccountId, when: Precondition, written: Written) {
    let shared = store.share();
    let answers = race(32, |i| {
        let (store, write, when) = (shared.clone(), write(&i.to_string()), when.clone());
        async move { store.put(id, &key("k"), &write, when, after(3)).await }
    })
    .await;
    let through: Vec<_> = (0..32).filter(|i| answers[*i].is_ok()).collect();
    assert_eq!(through.len(), 1, "{answers:?}");
    assert_eq!(json(store, id, "k").await, Some(through[0].to_string()));
    let present = store.get(id, &key("k"), after(3)).await.expect("reads");
    for answer in answers {
        match answer {
            Ok(answer) => assert_eq!(answer, written),
            refused => assert_refused_by(refused, present.as_ref(), "a loser"),
        }
    }
}

async fn a_revision_lets_one_of_32_removals_through(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    let first = write("1");
    store.put(id, &key("k"), &first, Precondition::None, NOW).await.expect("writes");
    let shared = store.share();
    let answers = race(32, |_| {
        let store = shared.clone();
        async move { store.delete(id, &key("k"), Precondition::Revision(first.revision), NOW).await }
    })
    .await;
    let mut removals = 0;
    for answer in answers {
        match answer {
            Ok(removed) => {
                assert!(removed);
                removals += 1;
            }
            refused => assert_refused_by(refused, None, "a loser"),
        }
    }
    assert_eq!(removals, 1);
    assert_eq!(json(store, id, "k").await, None);
}

async fn absence_holds_again_after_a_removal(store: &mut TestStore) {
    let id = registered(store, "ada").await.id;
    for _ in 0..3 {
        let answer = store.put(id, &key("k"), &write("1"), Precondition::Absent, NOW).await;
        assert_eq!(answer.expect("writes"), Written::Created);
        assert!(store.delete(id, &key("k"), Precondition::Present, NOW).await.expect("removes"));
    }
    set(store, id, "k", "2").await.expect("writes");
}

/// Eight add one to a number, each by the revision it read: the sum is right only if no write was lost.
async fn a_chain_of_revisions_loses_no_step(store: &mut TestStore) {
    const STEPS: usize = 10;
    let id = registered(store, "ada").await.id;
    set(store, id, "sum", "0").await.expect("writes");
    let shared = store.share();
    race(8, |_| {
        let store = shared.clone();
        async move {
            let mut steps = 0;
            while steps < STEPS {
                let document = store.get(id, &key("sum"), NOW).await.expect("reads").expect("is there");
                let text = String::from_utf8(document.value.to_json().expect("renders")).expect("UTF-8");
                let sum: u32 = text.parse().expect("a number");
                let next = write(&(sum + 1).to_string());
                match store.put(id, &key("sum"), &next, Precondition::Revision(document.revision), NOW).await {
                    Ok(_) => steps += 1,
                    Err(StoreError::Precondition(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        }
    })
    .await;
    assert_eq!(json(store, id, "sum").await, Some((8 * STEPS).to_string()));
}
