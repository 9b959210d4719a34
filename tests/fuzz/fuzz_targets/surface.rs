//! Bodies of apps: the same pieces however they are cut, and bounded.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_wire::fuzzing::surface(data));
