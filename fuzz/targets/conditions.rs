//! See `keybin::fuzzing::conditions`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::conditions(data));
