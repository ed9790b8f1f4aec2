//! Filters: read from JSON, and held against values.

use std::hint::black_box;

use criterion::Criterion;
use keybin::domain::{Filter, Value};

use crate::samples::samples;

const TEXT: &str =
    r#"{"address.city":"Paris","price":{"$gte":5,"$lt":10},"$or":[{"tags":"sale"},{"name":{"$prefix":"B"}}]}"#;

pub(crate) fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("filters");
    group.bench_function("read", |bencher| bencher.iter(|| Filter::parse(black_box(TEXT))));
    let filter = Filter::parse(TEXT).expect("a filter");
    for (name, text) in samples() {
        let value = Value::from_json(text.as_bytes(), text.len()).expect("a value");
        let bson = value.as_bson().expect("BSON");
        group.bench_function(format!("match, {name}"), |bencher| bencher.iter(|| filter.matches(black_box(bson))));
    }
    group.finish();
}
