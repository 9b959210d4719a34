//! Settings of AI clients: whatever is in them, what is told of their servers can be shown and found again.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_discovery::fuzzing::settings(data));
