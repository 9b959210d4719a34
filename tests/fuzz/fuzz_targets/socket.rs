//! Messages over WebSockets: known for what they are, and the same after they were events.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_wire::fuzzing::socket(data));
