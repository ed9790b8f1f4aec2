//! What holds of the parsers of requests; each is next to its parser.

pub use super::api::keybin::fuzzing::listing;
pub use super::body::fuzzing::body;
pub use super::conditions::fuzzing::conditions;
pub use super::doors::fuzzing::authorization;
