//! The embedded file.
