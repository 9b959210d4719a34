//! AWS' messages: read and metered alike however they are cut.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_wire::fuzzing::eventstream(data));
