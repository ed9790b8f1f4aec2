//! The inner pieces that every request goes through, measured one by one, so that a slip shows which of them it was.
//!
//! `cargo bench` compares with the run before. What a whole server does is measured by `cargo xtask bench`.

mod filters;
mod keys;
mod samples;
mod values;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    values::measure(&mut criterion);
    keys::measure(&mut criterion);
    filters::measure(&mut criterion);
    criterion.final_summary();
}
