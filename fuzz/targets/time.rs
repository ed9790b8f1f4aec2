//! See `keybin::fuzzing::time`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::time(data));
