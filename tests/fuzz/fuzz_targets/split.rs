//! What the agent's relay and its loader say to each other: what is understood is what was said.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_split::fuzzing::frame(data));
