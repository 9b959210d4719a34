//! Files of other gateways: prices, keys, configurations.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_import::fuzzing::import(data));
