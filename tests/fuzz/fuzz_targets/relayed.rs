//! Relayed calls: a governed one stays so however its path is written.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_wire::fuzzing::relayed(data));
