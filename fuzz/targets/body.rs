//! See `keybin::fuzzing::body`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::body(data));
