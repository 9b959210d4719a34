//! Request bodies: inspected, rewritten, compared.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_wire::fuzzing::json_splice(data));
