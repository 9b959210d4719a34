//! The gateway's URL: it leads where it says, in the clear only on this machine.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_mitm::fuzzing::gateway_url(data));
