//! See `keybin::fuzzing::store_cfg`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybin::fuzzing::store_cfg(data));
