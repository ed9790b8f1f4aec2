//! See `keybin::fuzzing::fields`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::fields(data));
