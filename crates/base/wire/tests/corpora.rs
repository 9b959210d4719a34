//! Replays what fuzzing found worth keeping, without a fuzzer.
#![allow(clippy::unwrap_used, reason = "helpers of tests may stop them")]

use std::{fs, path::PathBuf};

fn replay(target: &str, run: fn(&[u8])) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/fuzz/corpus")
        .join(target);
    let mut files = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        run(&fs::read(entry.unwrap().path()).unwrap());
        files += 1;
    }
    assert!(files > 0, "{} is empty", folder.display());
}

#[test]
fn headers() {
    replay("headers", tidegate_wire::fuzzing::header_lines);
}

#[test]
fn json_splice() {
    replay("json_splice", tidegate_wire::fuzzing::json_splice);
}

#[test]
fn route() {
    replay("route", tidegate_wire::fuzzing::routes);
}

#[test]
fn sse() {
    replay("sse", tidegate_wire::fuzzing::sse);
}
