//! Golden answers: what a stream reports equals what its unstreamed twin reports, wherever the
//! stream is cut, and the client gets every byte, or exactly what it asked for.
#![allow(clippy::unwrap_used, reason = "helpers of tests may stop them")]

#[path = "support/events.rs"]
mod events;

use std::{fs, path::PathBuf};

use bytes::Bytes;
use proptest::prelude::*;
use serde::Deserialize;
use tidegate_types::{Usage, UsageSource};
use tidegate_wire::{
    Operation,
    answer::{AnswerKind, Meter},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    operation: String,
    served_model: Option<String>,
    usage: Usage,
    content_bytes: Option<u64>,
}

struct Case {
    name: String,
    dir: PathBuf,
    expected: Expected,
    operation: Operation,
}

impl Case {
    fn file(&self, name: &str) -> Option<Bytes> {
        let read = fs::read(self.dir.join(name)).ok()?;
        Some(Bytes::from(if name == "stream.events" {
            events::encoded(&read)
        } else {
            read
        }))
    }
}

fn cases() -> Vec<Case> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut cases: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|entry| {
            let dir = entry.unwrap().path();
            let name = dir.file_name().unwrap().to_string_lossy().into_owned();
            let expected = fs::read(dir.join("expected.json")).unwrap();
            let expected: Expected = serde_json::from_slice(&expected).unwrap();
            let known = Operation::ALL
                .iter()
                .find(|op| op.name() == expected.operation);
            Case {
                name,
                dir,
                operation: *known.unwrap(),
                expected,
            }
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(cases.len() >= 18);
    cases
}

/// Runs an answer through a meter, cut where `cuts` says; also what was forwarded.
fn run(
    case: &Case,
    kind: AnswerKind,
    hide: bool,
    answer: &Bytes,
    cuts: &[usize],
) -> (Meter, Vec<u8>) {
    let mut meter = Meter::new(case.operation, kind, hide);
    let mut out = Vec::new();
    let mut from = 0;
    for &cut in cuts.iter().chain([&answer.len()]) {
        for part in meter.push(answer.slice(from..cut)) {
            out.extend_from_slice(&part);
        }
        from = cut;
    }
    for part in meter.end() {
        out.extend_from_slice(&part);
    }
    (meter, out)
}

fn check(case: &Case, meter: &Meter, what: &str) {
    let context = format!("{} {what}", case.name);
    assert_eq!(meter.usage(), Some(case.expected.usage), "{context}");
    assert_eq!(
        meter.served_model(),
        case.expected.served_model.as_deref(),
        "{context}"
    );
    assert!(meter.finished(), "{context}");
    assert!(!meter.error_event(), "{context}");
    if let Some(bytes) = case.expected.content_bytes {
        assert_eq!(meter.content_bytes(), bytes, "{context}");
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn streamed_equals_unstreamed() {
    for case in cases() {
        for (file, kind) in [
            ("whole.json", AnswerKind::Json),
            ("array.json", AnswerKind::Json),
            ("stream.events", AnswerKind::EventStream),
            ("stream.sse", AnswerKind::Sse),
        ] {
            let Some(answer) = case.file(file) else {
                continue;
            };
            let (meter, out) = run(&case, kind, false, &answer, &[]);
            assert_eq!(lossy(&out), lossy(&answer), "{}", case.name);
            check(&case, &meter, file);
        }
    }
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    for case in cases() {
        for (file, kind) in [
            ("whole.json", AnswerKind::Json),
            ("stream.events", AnswerKind::EventStream),
            ("stream.sse", AnswerKind::Sse),
        ] {
            let Some(answer) = case.file(file) else {
                continue;
            };
            let (whole, _) = run(&case, kind, false, &answer, &[]);
            for cut in 0..=answer.len() {
                let (meter, out) = run(&case, kind, false, &answer, &[cut]);
                assert_eq!(out, answer, "{} cut at {cut}", case.name);
                check(&case, &meter, file);
                assert_eq!(
                    meter.content_bytes(),
                    whole.content_bytes(),
                    "{}",
                    case.name
                );
                assert_eq!(meter.events(), whole.events(), "{}", case.name);
            }
            let every: Vec<_> = (1..answer.len()).collect();
            check(
                &case,
                &run(&case, kind, false, &answer, &every).0,
                "byte by byte",
            );
        }
    }
}

#[test]
fn hidden_usage_is_counted_and_not_seen() {
    let mut seen = 0;
    for case in cases() {
        let (Some(stream), Some(hidden)) = (case.file("stream.sse"), case.file("hidden.sse"))
        else {
            continue;
        };
        seen += 1;
        for (ending, name) in [("\n", "lf"), ("\r\n", "crlf"), ("\r", "cr")] {
            let with = |bytes: &Bytes| Bytes::from(lossy(bytes).replace('\n', ending));
            let (stream, hidden) = (with(&stream), with(&hidden));
            let mut cuts: Vec<Vec<usize>> = (0..=stream.len()).map(|cut| vec![cut]).collect();
            cuts.push((1..stream.len()).collect());
            for cuts in cuts {
                let (meter, out) = run(&case, AnswerKind::Sse, true, &stream, &cuts);
                assert_eq!(lossy(&out), lossy(&hidden), "{} {name} {cuts:?}", case.name);
                check(&case, &meter, name);
            }
        }
    }
    assert_eq!(seen, 2);
}

#[test]
fn a_stream_that_breaks_off_says_so() {
    for case in cases() {
        let sse = case.file("stream.sse").map(|file| (file, AnswerKind::Sse));
        let events = case.file("stream.events");
        let events = events.map(|file| (file, AnswerKind::EventStream));
        let Some((stream, kind)) = sse.or(events) else {
            continue;
        };
        let (whole, _) = run(&case, kind, false, &stream, &[]);
        let first_half = stream.slice(..stream.len() / 3);
        let (meter, out) = run(&case, kind, true, &first_half, &[]);
        assert!(!meter.finished(), "{}", case.name);
        assert!(
            meter
                .usage()
                .is_none_or(|u| u.source == UsageSource::Partial),
            "{}",
            case.name
        );
        assert!(meter.events() < whole.events(), "{}", case.name);
        assert!(first_half.len() >= out.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cuts_change_nothing(mut cuts in proptest::collection::vec(0_usize..20_000, 0..40)) {
        for case in cases() {
            for (file, kind) in [
                ("array.json", AnswerKind::Json),
                ("stream.events", AnswerKind::EventStream),
                ("stream.sse", AnswerKind::Sse),
            ] {
                let Some(answer) = case.file(file) else { continue };
                cuts.iter_mut().for_each(|cut| *cut %= answer.len() + 1);
                cuts.sort_unstable();
                let (meter, out) = run(&case, kind, false, &answer, &cuts);
                prop_assert_eq!(&out[..], &answer[..]);
                check(&case, &meter, file);
            }
        }
    }
}
