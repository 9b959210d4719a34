//! Header lines: keys are found, nothing private passes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_wire::fuzzing::header_lines(data));
