//! Streams: rewritten alike however they are cut.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_texts::fuzzing::texts_stream(data));
