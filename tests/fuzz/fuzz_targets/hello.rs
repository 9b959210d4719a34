//! The first bytes of a connection: one answer, however they come.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_mitm::fuzzing::hello(data));
