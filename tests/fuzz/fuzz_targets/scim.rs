//! What an identity provider sends by SCIM: filters and paths say the same when they are written and read
//! again, and a PATCH gives a user that reads as itself.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_scim::fuzzing::request(data));
