//! The bodies of the fuzz targets in `tests/fuzz`: each takes any bytes and panics when a promise
//! of this crate is broken. They are here so that an ordinary test can replay the corpora.
#![allow(
    clippy::missing_panics_doc,
    reason = "a fuzz target reports by panicking"
)]

mod eventstream;
mod peer;
mod relayed;
mod socket;
mod surface;
mod translate;

pub use eventstream::eventstream;
pub use peer::peer;
pub use relayed::relayed;
pub use socket::socket;
pub use surface::{SURFACES, surface};
pub use translate::translate;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::{
    BodyKind, Operation,
    answer::{AnswerKind, Meter},
    body::{Edits, Inspected, inspect, inspect_form, rewrite},
    headers, route,
};

/// Takes a selector byte off the front.
fn take(data: &[u8]) -> Option<(usize, &[u8])> {
    data.split_first()
        .map(|(&first, rest)| (usize::from(first), rest))
}

fn operation(selector: usize) -> Operation {
    Operation::ALL[selector % Operation::ALL.len()]
}

fn run(
    operation: Operation,
    kind: AnswerKind,
    hide: bool,
    answer: &Bytes,
    step: usize,
) -> (Meter, Vec<u8>) {
    let mut meter = Meter::new(operation, kind, hide);
    let mut out = Vec::with_capacity(answer.len());
    let mut at = 0;
    while at < answer.len() {
        let end = (at + step).min(answer.len());
        for part in meter.push(answer.slice(at..end)) {
            out.extend_from_slice(&part);
        }
        at = end;
    }
    for part in meter.end() {
        out.extend_from_slice(&part);
    }
    (meter, out)
}

/// An answer is metered alike however it is cut, and forwarded to the byte unless usage is
/// hidden; then it is forwarded alike. First bytes: operation, kind and hiding, length of chunks.
pub fn sse(data: &[u8]) {
    let Some((first, data)) = take(data) else {
        return;
    };
    let Some((mode, data)) = take(data) else {
        return;
    };
    let Some((step, data)) = take(data) else {
        return;
    };
    let (operation, hide) = (operation(first), mode & 1 == 1);
    let kind = if mode & 2 == 2 {
        AnswerKind::Json
    } else {
        AnswerKind::Sse
    };
    let answer = Bytes::copy_from_slice(data);
    let (whole, out) = run(operation, kind, hide, &answer, answer.len().max(1));
    let (cut, cut_out) = run(operation, kind, hide, &answer, step + 1);
    assert_eq!(out, cut_out, "forwarding depends on the cuts");
    if !(hide && kind == AnswerKind::Sse && operation.has_usage_switch()) {
        assert_eq!(out, data, "an answer was changed");
    }
    assert_eq!(whole.usage(), cut.usage());
    assert_eq!(whole.content_bytes(), cut.content_bytes());
    assert_eq!(whole.events(), cut.events());
    assert_eq!(whole.served_model(), cut.served_model());
    assert_eq!(whole.finished(), cut.finished());
    assert_eq!(whole.error_event(), cut.error_event());
}

const FORM: &str = "multipart/form-data; boundary=X";
const MODEL: &str = "the-model";

/// A body that is accepted stays acceptable when rewritten, says what the edits say, and differs
/// in nothing else. First byte: operation.
pub fn json_splice(data: &[u8]) {
    let Some((first, data)) = take(data) else {
        return;
    };
    let operation = operation(first);
    let read = |body: &[u8]| match operation.body() {
        BodyKind::Multipart => inspect_form(operation, FORM, body),
        BodyKind::Json | BodyKind::None => inspect(operation, body),
    };
    let Ok(before) = read(data) else { return };
    let edits = Edits {
        model: Some(MODEL),
        report_usage: true,
    };
    let after = rewrite(&Bytes::copy_from_slice(data), &before, &edits);
    let again = read(&after);
    assert!(again.is_ok(), "a rewrite broke the body: {again:?}");
    let Ok(again) = again else { return };
    assert!(!again.usage_switch.must_be_set());
    assert_eq!(again.model.is_some(), before.model.is_some());
    for field in again.model.iter().chain(&again.inner_models) {
        assert!(field.value.as_str().ends_with(MODEL));
    }
    if operation.body() != BodyKind::Multipart {
        same_but_for_edits(data, &after, &before);
    }
}

/// Compares by another reader, where it accepts the body: it also refuses half surrogate pairs
/// and numbers out of range.
fn same_but_for_edits(before: &[u8], after: &[u8], inspected: &Inspected) {
    let (Ok(mut before), Ok(after)) = (
        serde_json::from_slice::<Value>(before),
        serde_json::from_slice::<Value>(after),
    ) else {
        return;
    };
    if inspected.model.is_some() {
        before["model"] = MODEL.into();
    }
    if inspected.usage_switch.must_be_set() {
        if !before["stream_options"].is_object() {
            before["stream_options"] = Value::Object(serde_json::Map::new());
        }
        before["stream_options"]["include_usage"] = true.into();
    }
    if inspected.inner_models.is_empty() {
        assert_eq!(before, after);
    }
}

/// Header lines never break the reader; a key that is found was sent, and nothing that carries
/// one passes.
pub fn header_lines(data: &[u8]) {
    let mut map = HeaderMap::new();
    for line in data.split(|&byte| byte == b'\n').take(64) {
        let Some(colon) = memchr::memchr(b':', line) else {
            continue;
        };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            map.append(name, value);
        }
    }
    let nominated = headers::nominated(&map);
    if let Ok(key) = headers::credential(&map) {
        assert!(key.starts_with("sk-tg-"));
        let carriers = map
            .iter()
            .filter(|(_, value)| memchr::memmem::find(value.as_bytes(), key.as_bytes()).is_some());
        let mut found = false;
        for (name, _) in carriers {
            let known = [
                "authorization",
                "x-api-key",
                "x-goog-api-key",
                "api-key",
                "x-tidegate-key",
            ];
            if known.contains(&name.as_str()) {
                assert!(!headers::forward_to_upstream(name));
                found = true;
            }
        }
        assert!(found, "a key that nobody sent");
    }
    for name in map.keys() {
        let _: (bool, bool) = (nominated.contains(name), headers::forward_to_client(name));
    }
}

/// A target that is accepted is a plain path, alone and with another model put in.
/// `METHOD target`.
pub fn routes(data: &[u8]) {
    let Some((method, target)) = str::from_utf8(data)
        .ok()
        .and_then(|text| text.split_once(' '))
    else {
        return;
    };
    let Ok(found) = route::resolve(method, target) else {
        return;
    };
    for path in [
        found.upstream_path.to_string(),
        found.upstream_path_for("a/../b?c#d%e"),
    ] {
        assert!(path.starts_with('/'), "{path}");
        assert!(
            !path.contains("//") && !path.contains(['?', '#', ' ']),
            "{path}"
        );
        assert!(
            !path
                .split('/')
                .any(|segment| segment == "." || segment == ".."),
            "{path}"
        );
    }
    if let Some(query) = &found.query {
        assert!(!query.is_empty() && query.bytes().all(|byte| byte.is_ascii_graphic()));
        let gemini = found.operation.dialect() == crate::Dialect::Gemini;
        let key = query.split('&').any(|pair| pair.starts_with("key="));
        assert!(!gemini || !key, "{query}");
    }
}
