//! See `keybin::fuzzing::jwt`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::jwt(data));
