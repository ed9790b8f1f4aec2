//! The APIs: one file each, all of one shape. They translate to the services and back.

pub(super) mod keybin;
