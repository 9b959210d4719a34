//! What tests of services share.

use http::StatusCode;
use serde_json::Value;
use tidegate_types::Timestamp;

use crate::{Answered, Content, Direction, Engine, Part, Request, Speaker, Verdict};

pub(super) fn content<'a>(direction: Direction, texts: &[(Speaker, &'a str)]) -> Content<'a> {
    let parts = texts.iter().map(|&(speaker, text)| Part { speaker, text });
    Content {
        direction,
        parts: parts.collect(),
        model: "gpt-4o",
    }
}

pub(super) fn prompt(text: &str) -> Content<'_> {
    content(Direction::Prompt, &[(Speaker::User, text)])
}

pub(super) fn asked(engine: &dyn Engine, content: &Content<'_>) -> (Request, Value) {
    let request = engine.request(content, Timestamp::from_micros(0)).unwrap();
    let body = serde_json::from_slice(&request.body).unwrap();
    (request, body)
}

pub(super) fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    let mut headers = request.headers.iter();
    let found = headers.find(|(known, _)| known.as_str() == name);
    found.map_or("", |(_, value)| value.to_str().unwrap())
}

pub(super) fn said(engine: &dyn Engine, content: &Content<'_>, body: Value) -> Verdict {
    answered(engine, content, 200, &body.to_string())
}

pub(super) fn answered(
    engine: &dyn Engine,
    content: &Content<'_>,
    status: u16,
    body: &str,
) -> Verdict {
    let status = StatusCode::from_u16(status).unwrap();
    let body = body.as_bytes();
    engine.read(content, &Answered { status, body })
}

pub(super) fn blocked(verdict: Verdict) -> Vec<String> {
    match verdict {
        Verdict::Block { categories, .. } => categories,
        other => panic!("{other:?}"),
    }
}
