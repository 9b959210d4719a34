//! The bodies of the fuzz targets in `tests/fuzz`, and the watch that they and the tests use: it looks
//! for one word. Each target takes any bytes and panics when a promise of this crate is broken.
#![allow(
    clippy::missing_panics_doc,
    reason = "a fuzz target reports by panicking"
)]

mod word;

use bytes::Bytes;
use serde_json::Value;
use tidegate_wire::{Operation, body::inspect_once};

use crate::{
    Direction, Limits, Protocol, body,
    stream::{Framing, Rewriter},
};
pub use word::{Word, Words};

/// All shapes.
pub const PROTOCOLS: [Protocol; 7] = [
    Protocol::Anthropic,
    Protocol::Bedrock,
    Protocol::Chat,
    Protocol::Gemini,
    Protocol::Responses,
    Protocol::ChatgptWeb,
    Protocol::Envelopes,
];

/// Small, so that the bounds are reached.
const LIMITS: Limits = Limits {
    frame: 4_096,
    held: 8_192,
    channels: 16,
    texts: 256,
};

const WORD: &str = "secret";

fn protocol(selector: u8) -> Protocol {
    let index = usize::from(selector) % PROTOCOLS.len();
    PROTOCOLS.get(index).copied().unwrap_or(Protocol::Chat)
}

fn take(data: &[u8]) -> Option<(u8, &[u8])> {
    data.split_first().map(|(&first, rest)| (first, rest))
}

/// A body that is rewritten stays JSON, without the word where it was, and a body in which nothing is
/// found stays as it is; where its long strings end may be known or not. First bytes: shape, direction.
pub fn texts_body(data: &[u8]) {
    let Some((shape, data)) = take(data) else {
        return;
    };
    let Some((mode, data)) = take(data) else {
        return;
    };
    let direction = if mode & 1 == 0 {
        Direction::Request
    } else {
        Direction::Answer
    };
    let types = [
        "application/json",
        "multipart/form-data; boundary=X",
        "text/plain",
    ];
    let kind = types
        .get(usize::from(mode >> 1) % 3)
        .copied()
        .unwrap_or_default();
    let body = Bytes::copy_from_slice(data);
    let run = |body: &Bytes, with: &'static str| {
        body::rewrite(
            kind,
            direction,
            protocol(shape),
            body,
            &mut Words::swap(WORD, with),
        )
    };
    let rewritten = run(&body, "[S]");
    if let Ok((_, ends)) = inspect_once(Operation::ChatCompletions, &body) {
        let shape = (kind, direction, protocol(shape));
        let again = body::rewrite_again(&ends, shape, &body, &mut Words::swap(WORD, "[S]"));
        assert_eq!(again, rewritten, "what was known made a difference");
    }
    let Ok(rewritten) = rewritten else {
        return;
    };
    let Some(after) = rewritten.body else { return };
    assert_ne!(after, body, "a change that is none");
    if kind == "application/json" {
        let parsed = serde_json::from_slice::<Value>(&after);
        let before = serde_json::from_slice::<Value>(&body);
        assert!(parsed.is_ok() || before.is_err(), "no JSON any more");
    }
    let again = run(&after, "[S]").map(|again| again.body);
    assert_eq!(again, Ok(None), "the word is still there");
}

fn run(rewriter: &mut Rewriter<Words>, answer: &Bytes, step: usize) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(answer.len());
    let mut fault = false;
    let mut at = 0;
    loop {
        let end = (at + step).min(answer.len());
        let last = at == answer.len();
        let passed = if last {
            rewriter.end()
        } else {
            rewriter.push(answer.slice(at..end))
        };
        fault |= passed.is_err();
        for piece in passed.unwrap_or_else(|_| rewriter.release()) {
            out.extend_from_slice(&piece);
        }
        if last {
            return (out, fault);
        }
        at = end;
    }
}

/// A stream is rewritten alike however it is cut, and one in which nothing is found leaves as it came.
/// First bytes: shape, framing, length of chunks.
pub fn texts_stream(data: &[u8]) {
    let Some((shape, data)) = take(data) else {
        return;
    };
    let Some((mode, data)) = take(data) else {
        return;
    };
    let Some((step, data)) = take(data) else {
        return;
    };
    let framings = [
        Framing::Sse,
        Framing::Array,
        Framing::Lines,
        Framing::EventStream,
        Framing::Whole("application/json".into()),
        Framing::Envelopes,
    ];
    let index = usize::from(mode) % framings.len();
    let framing = framings.get(index).cloned().unwrap_or(Framing::Sse);
    let answer = Bytes::copy_from_slice(data);
    let rewriter = |words| Rewriter::bounded(protocol(shape), framing.clone(), words, LIMITS);
    let same = &mut rewriter(Words::none(WORD));
    let (out, _) = run(same, &answer, usize::from(step) + 1);
    assert_eq!(out, data, "an answer was changed");
    let whole = run(
        &mut rewriter(Words::swap(WORD, "[S]")),
        &answer,
        data.len().max(1),
    );
    let cut = run(
        &mut rewriter(Words::swap(WORD, "[S]")),
        &answer,
        usize::from(step) + 1,
    );
    // A fault says that nothing can be promised, and comes at different places.
    if !(whole.1 || cut.1) {
        assert_eq!(whole.0, cut.0, "rewriting depends on the cuts");
    }
}
