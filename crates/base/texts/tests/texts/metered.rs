//! The streams that the metering of answers is tested with: guarded, they leave as they came, and all
//! of their text was seen.

use std::{fs, path::Path};

use bytes::Bytes;
use serde_json::Value;
use tidegate_texts::{
    Protocol,
    fuzzing::Words,
    stream::{Framing, Rewriter},
};
use tidegate_wire::Operation;

/// Where the whole answer has its text.
const PLACES: [&str; 6] = [
    "/choices/0/message/content",
    "/choices/0/message/reasoning_content",
    "/choices/0/text",
    "/content/0/text",
    "/candidates/0/content/parts/0/text",
    "/text",
];

fn guarded(protocol: Protocol, framing: &Framing, wire: &[u8], step: usize) -> Words {
    let words = Words::none("the word that is in none of them");
    let mut rewriter = Rewriter::new(protocol, framing.clone(), words.clone());
    let mut out = Vec::new();
    for piece in wire.chunks(step) {
        let passed = rewriter.push(Bytes::copy_from_slice(piece)).unwrap();
        passed.iter().for_each(|piece| out.extend_from_slice(piece));
    }
    let last = rewriter.end().unwrap();
    last.iter().for_each(|piece| out.extend_from_slice(piece));
    assert!(out == wire, "{protocol:?} {framing:?} step {step}");
    words
}

#[test]
fn metered_streams_pass_and_are_seen() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/tests/golden");
    let mut seen_texts = 0;
    for entry in fs::read_dir(root).unwrap() {
        let folder = entry.unwrap().path();
        let read = |name: &str| fs::read(folder.join(name)).ok();
        let expected = read("expected.json").unwrap();
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        let name = expected["operation"].as_str().unwrap();
        let named = |operation: &&Operation| operation.name() == name;
        let operation = Operation::ALL.iter().find(named).unwrap();
        let protocol = Protocol::of(*operation);
        let whole = read("whole.json");
        let answer = whole.as_deref().map(serde_json::from_slice::<Value>);
        let answer = answer.transpose().unwrap().unwrap_or_default();
        let framings = [
            (read("stream.sse"), Framing::Sse),
            (read("array.json"), Framing::Array),
            (whole, Framing::Whole("application/json".into())),
        ];
        for (wire, framing) in framings {
            let Some(wire) = wire else { continue };
            for step in [1, 7, wire.len()] {
                let words = guarded(protocol, &framing, &wire, step);
                let texts: Vec<String> = words.texts().into_iter().map(|(_, text)| text).collect();
                let places = PLACES.iter().filter_map(|place| answer.pointer(place));
                for text in places.filter_map(Value::as_str) {
                    seen_texts += 1;
                    let found = texts.iter().any(|seen| seen == text);
                    assert!(found, "{folder:?}: {text:?} in {texts:#?}");
                }
            }
        }
    }
    assert!(seen_texts > 30, "{seen_texts}");
}
