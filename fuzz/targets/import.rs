//! See `keybin::fuzzing::import`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::import(data));
