//! Keys, tokens and ids: from what a request says to what a store looks for.

use std::hint::black_box;

use criterion::Criterion;
use keybin::domain::{AccountId, Key, Revision, Token};
use keybin::store::mongo::ids;

pub(crate) fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("keys");
    let account = AccountId::random();
    for (name, text) in [("short", "greeting".to_owned()), ("of 255 bytes", "k".repeat(255))] {
        let key = Key::parse_plain(text.clone()).expect("a key");
        group.bench_function(format!("read, {name}"), |bencher| {
            bencher.iter(|| Key::parse_plain(black_box(text.as_str())));
        });
        group.bench_function(format!("_id, {name}"), |bencher| {
            bencher.iter(|| ids::document(black_box(account), black_box(&key)));
        });
    }
    let token = Token::random().expose();
    group.bench_function("a token, read and hashed", |bencher| {
        bencher.iter(|| Token::parse(black_box(&token)).map(|token| token.hash()));
    });
    let revision = Revision::random().to_string();
    group.bench_function("a revision, read and written", |bencher| {
        bencher.iter(|| Revision::parse(black_box(&revision)).map(|revision| revision.to_string()));
    });
    group.finish();
}
