//! See `keybin::fuzzing::words`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::words(data));
