//! Request targets: what is accepted is plain.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_wire::fuzzing::routes(data));
