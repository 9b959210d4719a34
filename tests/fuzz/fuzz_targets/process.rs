//! Files of a process: nothing that it writes is taken for the kernel's word.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_attribution::fuzzing::process(data));
