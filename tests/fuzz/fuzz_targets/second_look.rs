//! Text with disguises and encodings: streams see through what is seen through in the whole.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_guardrails::fuzzing::second_look(data));
