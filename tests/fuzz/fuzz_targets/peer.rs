//! Who is at the other end: the PROXY protocol, and what proxies write in headers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_wire::fuzzing::peer(data));
