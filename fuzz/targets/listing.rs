//! See `keybin::fuzzing::listing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::listing(data));
