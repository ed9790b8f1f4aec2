//! See `keybin::fuzzing::patch`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::patch(data));
