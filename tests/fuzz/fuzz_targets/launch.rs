//! A launch of an MCP server: it has one identity, and nothing secret comes out of it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_policy::fuzzing::launch(data));
