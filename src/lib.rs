//! Keybin: a self-hosted document store with an HTTP API.
//!
//! The map of the house, from the inside out; each room may use only the rooms above it:
//!
//! * [`domain`] — the words as types, and their rules
//! * [`store`] — the seam: a trait, kept by an embedded file or by MongoDB
//! * [`config`] — what the operator decides: files, environment, command line; all checked before anything starts

pub mod config;
pub mod domain;
pub mod store;
