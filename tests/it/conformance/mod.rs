//! The conformance suite: what the store promises, tried on each implementation.
//!
//! Every sentence of the contract, and every documented sentence and error of a method, is a case here, named as the
//! sentence it proves. A case gets an empty store of its own and may not ask which one it is.
//! [`filters`] goes a shorter way: it asks MongoDB and the filter itself.

mod accounts;
mod amounts;
mod at_once;
mod changes;
mod conditions;
mod counters;
mod documents;
mod edits;
mod erasure;
mod expiry;
mod filters;
mod isolation;
mod kept_tokens;
mod lifetime;
mod listing;
mod lookups;
mod numbers;
mod odd_names;
mod outlines;
mod paging;
mod passwords;
mod queries;
mod registration;
mod secrets;
mod storms;
mod tokens;
mod values;
mod warrants;
mod whole_documents;

use crate::harness::Trials;

pub(crate) fn register(trials: &mut Trials) {
    registration::register(trials);
    accounts::register(trials);
    changes::register(trials);
    odd_names::register(trials);
    tokens::register(trials);
    lookups::register(trials);
    passwords::register(trials);
    kept_tokens::register(trials);
    numbers::register(trials);
    documents::register(trials);
    conditions::register(trials);
    edits::register(trials);
    counters::register(trials);
    at_once::register(trials);
    expiry::register(trials);
    listing::register(trials);
    paging::register(trials);
    outlines::register(trials);
    amounts::register(trials);
    queries::register(trials);
    values::register(trials);
    filters::register(trials);
    isolation::register(trials);
    erasure::register(trials);
    storms::register(trials);
    warrants::register(trials);
    whole_documents::register(trials);
    secrets::register(trials);
    lifetime::register(trials);
}
