//! Values: from JSON to what a store keeps, and back.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use keybin::domain::Value;

use crate::samples::samples;

/// Far more than any sample has.
const LIMIT: usize = 1 << 20;

pub(crate) fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("values");
    for (name, text) in samples() {
        let value = Value::from_json(text.as_bytes(), LIMIT).expect("a value");
        assert_eq!(value.to_json().expect("JSON").is_empty(), text.is_empty());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("JSON to BSON, {name}"), |bencher| {
            bencher.iter(|| Value::from_json(black_box(text.as_bytes()), LIMIT));
        });
        group.bench_function(format!("BSON to JSON, {name}"), |bencher| bencher.iter(|| black_box(&value).to_json()));
    }
    group.finish();
}
