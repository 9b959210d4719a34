//! Rule files in gitleaks' format: read, compiled, run.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_guardrails::fuzzing::rule_file(data));
