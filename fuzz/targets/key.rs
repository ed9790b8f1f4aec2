//! See `keybin::fuzzing::key`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::key(data));
