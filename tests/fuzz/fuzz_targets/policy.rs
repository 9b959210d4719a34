//! The policy document: it survives the wire, and decides by its rules.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_policy::fuzzing::document(data));
