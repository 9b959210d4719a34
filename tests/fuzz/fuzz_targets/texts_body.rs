//! Bodies in one piece: what is rewritten stays what it was, but for the edits.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_texts::fuzzing::texts_body(data));
