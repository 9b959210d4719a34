//! Text: scanned whole and cut, compared with the slow reference.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_guardrails::fuzzing::scanner(data));
