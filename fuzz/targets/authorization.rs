//! See `keybin::fuzzing::authorization`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::authorization(data));
