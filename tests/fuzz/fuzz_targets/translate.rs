//! Translation between dialects: refused or sound, and the same however it is cut.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_wire::fuzzing::translate(data));
