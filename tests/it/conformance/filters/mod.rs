//! Filters: the embedded store evaluates them itself, MongoDB gets a query; both want the same values.
//!
//! Every value is stored in a real MongoDB, and every filter is asked there and of [`Filter::matches`]. Where this
//! fails, it is `matches` that has to follow.

mod random;
mod table;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, resume_unwind};

use bson::raw::RawDocumentBuf;
use bson::{Bson, Document, doc};
use futures_util::{FutureExt, TryStreamExt};
use keybin::domain::{Filter, Value};
use keybin::store::mongo::filter::query;
use mongodb::{Collection, Database};
use uuid::Uuid;

use crate::harness::{Harness, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_harness:
        the_filters_of_the_table_want_what_mongodb_finds,
        filters_of_every_size_are_taken_by_mongodb,
        any_filter_wants_what_mongodb_finds,
    );
}

async fn the_filters_of_the_table_want_what_mongodb_finds(harness: &Harness) {
    let values = table::values();
    let all = values.len();
    on_values(harness, values, async |ring: &Ring| {
        let mut wrong = Vec::new();
        for text in table::telling() {
            let (ours, theirs) = ring.ask(&text).await;
            if ours.is_empty() || ours.len() == all {
                wrong.push(format!("{text} wants nothing or everything"));
            }
            wrong.extend(ring.differences(&text, &ours, &theirs));
        }
        for text in table::others() {
            let (ours, theirs) = ring.ask(&text).await;
            wrong.extend(ring.differences(&text, &ours, &theirs));
        }
        assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
    })
    .await;
}

/// What is allowed at the most of everything; MongoDB has limits as well.
async fn filters_of_every_size_are_taken_by_mongodb(harness: &Harness) {
    on_values(harness, table::values(), async |ring: &Ring| {
        for text in table::large_filters() {
            let (ours, theirs) = ring.ask(&text).await;
            assert_eq!(ours, theirs, "{}…", &text[..100]);
        }
    })
    .await;
}

async fn any_filter_wants_what_mongodb_finds(harness: &Harness) {
    let mut random = random::Random::new();
    for _ in 0..4 {
        let values = (0..300).map(|_| random.value()).collect();
        let filters: Vec<String> = (0..500).map(|_| random.filter()).collect();
        on_values(harness, values, async |ring: &Ring| {
            let mut wrong = Vec::new();
            for text in &filters {
                let (ours, theirs) = ring.ask(text).await;
                wrong.extend(ring.differences(text, &ours, &theirs));
            }
            assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
        })
        .await;
    }
}

/// Values, in a database and here.
struct Ring {
    values: Vec<Bson>,
    stored: Vec<Value>,
    collection: Collection<Document>,
}

/// Stores values, tries a case on them, and removes the database, whatever happened.
async fn on_values(harness: &Harness, values: Vec<Bson>, case: impl AsyncFnOnce(&Ring)) {
    let database = harness.mongod().client().database(&format!("filters_{}", Uuid::new_v4().simple()));
    let ring = Ring::new(&database, values).await;
    let outcome = AssertUnwindSafe(case(&ring)).catch_unwind().await;
    database.drop().await.expect("drops the database");
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

impl Ring {
    async fn new(database: &Database, values: Vec<Bson>) -> Self {
        let collection = database.collection("store");
        let number = |index: usize| i64::try_from(index).expect("not so many");
        let documents = values.iter().enumerate().map(|(index, value)| doc! { "_id": number(index), "value": value });
        collection.insert_many(documents).await.expect("stores the values");
        let stored = values.iter().map(|value| {
            let raw = RawDocumentBuf::try_from(&doc! { "value": value }).expect("BSON");
            Value::from_bson(raw.get("value").expect("sound").expect("is there"))
        });
        Self { stored: stored.collect(), values, collection }
    }

    /// The numbers of the values that the filter wants, and of those that MongoDB finds.
    async fn ask(&self, text: &str) -> (BTreeSet<usize>, BTreeSet<usize>) {
        let filter = Filter::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let wants = |value: &Value| filter.matches(value.as_bson().expect("BSON")).expect("sound BSON");
        let ours = self.stored.iter().enumerate().filter(|(_, value)| wants(value)).map(|(index, _)| index);

        let query = query(&filter);
        let found = self.collection.find(query.clone()).projection(doc! { "_id": 1 }).await;
        let found = found.unwrap_or_else(|e| panic!("{text}: {query}: {e}"));
        let theirs: Vec<Document> = found.try_collect().await.expect("reads what was found");
        let number = |found: &Document| usize::try_from(found.get_i64("_id").expect("an _id")).expect("a number");
        (ours.collect(), theirs.iter().map(number).collect())
    }

    fn differences(&self, text: &str, ours: &BTreeSet<usize>, theirs: &BTreeSet<usize>) -> Vec<String> {
        let who = |index: &usize| if ours.contains(index) { "only we want" } else { "only MongoDB finds" };
        ours.symmetric_difference(theirs).map(|i| format!("{text}: {} {}", who(i), self.values[*i])).collect()
    }
}
