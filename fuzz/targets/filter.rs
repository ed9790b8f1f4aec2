//! See `keybin::fuzzing::filter`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::filter(data));
