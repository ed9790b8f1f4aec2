//! Keybin: a self-hosted document store with an HTTP API.
//!
//! The map of the house, from the inside out; each room may use only the rooms above it:
//!
//! * [`domain`] — the words as types, and their rules
//! * [`tally`] — what things are counted with
//! * [`store`] — the seam: a trait, kept by an embedded file or by MongoDB
//! * [`config`] — store.cfg, the environment, and their checks; uses nothing but `domain` and `store`
//! * [`auth`] — who is calling: from a credential to a principal
//! * [`service`] — what Keybin does; rules and limits
//! * [`metrics`] — everything that is counted, under its name
//! * [`http`] — Rocket: doors, parameters, bodies, and the APIs; never touches the store
//! * [`app`] — the composition root: configuration → store → services → Rocket
//! * [`cli`] — one file for each command
//!
//! `fuzzing`, which is not there in a product, gathers what holds of the parsers.

pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod domain;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod http;
pub mod metrics;
pub mod service;
pub mod store;
pub mod tally;
