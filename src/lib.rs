//! Keybin: a self-hosted document store with an HTTP API.
//!
//! The map of the house, from the inside out; each room may use only the rooms above it:
//!
//! * [`domain`] — the words as types, and their rules
//! * [`store`] — the seam: a trait, kept by an embedded file or by MongoDB
//! * [`auth`] — who is calling: from a credential to a principal
//! * [`service`] — what Keybin does; rules and limits
//! * [`http`] — Rocket: doors, parameters, bodies, and the APIs

pub mod auth;
pub mod domain;
pub mod http;
pub mod service;
pub mod store;
