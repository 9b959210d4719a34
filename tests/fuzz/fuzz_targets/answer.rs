//! The gateway's answer to a call: one reading, however its bytes come.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_mitm::fuzzing::answer(data));
