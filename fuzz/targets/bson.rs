//! See `keybin::fuzzing::bson`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::bson(data));
