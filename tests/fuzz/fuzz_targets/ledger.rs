//! The ledger of the trust stores: read, it is written as it was.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_trust::fuzzing::ledger(data));
