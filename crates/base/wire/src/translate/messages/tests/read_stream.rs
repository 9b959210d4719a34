//! Answers as they come.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{LONGEST, StreamReader, asked, events, put_together};
use crate::{
    error::ErrorKind,
    translate::{
        Broken, Event, Language, ReadStream, Seal, SealKind, Translation,
        reply::{Delta, Opened, Stop},
    },
};

fn sse(events: &[Value]) -> String {
    let mut text = String::new();
    for event in events {
        let name = event["type"].as_str().unwrap();
        write!(text, "event: {name}\ndata: {event}\n\n").unwrap();
    }
    text
}

fn delta(index: u64, delta: &Value) -> Value {
    json!({"type": "content_block_delta", "index": index, "delta": delta})
}

fn start(index: u64, block: &Value) -> Value {
    json!({"type": "content_block_start", "index": index, "content_block": block})
}

fn stop(index: u64) -> Value {
    json!({"type": "content_block_stop", "index": index})
}

fn begin() -> Value {
    json!({"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "content": [],
        "stop_reason": null, "stop_sequence": null,
        "usage": {"input_tokens": 5, "cache_read_input_tokens": 7, "output_tokens": 1}}})
}

/// As Anthropic sends it.
fn provider() -> Vec<Value> {
    vec![
        begin(),
        start(
            0,
            &json!({"type": "thinking", "thinking": "", "signature": ""}),
        ),
        json!({"type": "ping"}),
        delta(0, &json!({"type": "thinking_delta", "thinking": "Hm"})),
        delta(0, &json!({"type": "thinking_delta", "thinking": "."})),
        delta(0, &json!({"type": "signature_delta", "signature": "c2ln"})),
        stop(0),
        start(1, &json!({"type": "redacted_thinking", "data": "ZGF0YQ=="})),
        stop(1),
        start(2, &json!({"type": "text", "text": ""})),
        delta(2, &json!({"type": "text_delta", "text": "Sö"})),
        delta(2, &json!({"type": "citations_delta", "citation": {}})),
        delta(2, &json!({"type": "text_delta", "text": "."})),
        stop(2),
        start(
            3,
            &json!({"type": "tool_use", "id": "toolu_1", "name": "read", "input": {}}),
        ),
        delta(3, &json!({"type": "input_json_delta", "partial_json": ""})),
        delta(
            3,
            &json!({"type": "input_json_delta", "partial_json": "{\"p\": "}),
        ),
        delta(
            3,
            &json!({"type": "input_json_delta", "partial_json": "1}"}),
        ),
        stop(3),
        start(
            4,
            &json!({"type": "tool_use", "id": "toolu_2", "name": "patch", "input": {}}),
        ),
        delta(
            4,
            &json!({"type": "input_json_delta", "partial_json": "{\"input\": \"*** \\u00"}),
        ),
        delta(
            4,
            &json!({"type": "input_json_delta", "partial_json": "e9\"}"}),
        ),
        stop(4),
        start(
            5,
            &json!({"type": "tool_use", "id": "toolu_3", "name": "read", "input": {}}),
        ),
        delta(5, &json!({"type": "input_json_delta", "partial_json": ""})),
        stop(5),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null},
               "usage": {"output_tokens": 11}}),
        json!({"type": "message_stop"}),
    ]
}

fn read(provider: &[Value]) -> Result<Vec<Event>, Broken> {
    let mut reader = StreamReader::new(&asked());
    let mut steps = Vec::new();
    for event in provider {
        reader.event("", event.to_string().as_bytes(), &mut steps)?;
    }
    reader.end(&mut steps)?;
    Ok(steps)
}

pub(super) fn open(block: usize, kind: Opened) -> Event {
    Event::Open { block, kind }
}

pub(super) fn said(block: usize, text: &str) -> Event {
    Event::Delta {
        block,
        delta: Delta::Text(text.to_owned()),
    }
}

pub(super) fn input(block: usize, text: &str) -> Event {
    Event::Delta {
        block,
        delta: Delta::Input(text.to_owned()),
    }
}

pub(super) const fn close(block: usize) -> Event {
    Event::Close { block }
}

#[test]
fn a_stream_is_read() {
    let steps = read(&provider()).unwrap();
    let deltas: Vec<_> = steps
        .iter()
        .filter_map(|step| match step {
            Event::Delta { block, delta } => Some((*block, delta.clone())),
            _ => None,
        })
        .collect();
    let seal = |kind, data: &'static str| {
        let owner = Language::Messages;
        Delta::Seal(Seal {
            owner,
            kind,
            id: None,
            data: data.into(),
        })
    };
    let wanted = [
        (0, Delta::Text("Hm".to_owned())),
        (0, Delta::Text(".".to_owned())),
        (0, seal(SealKind::Signature, "c2ln")),
        (1, seal(SealKind::Content, "ZGF0YQ==")),
        (2, Delta::Text("Sö".to_owned())),
        (2, Delta::Text(".".to_owned())),
        (3, Delta::Input("{\"p\": ".to_owned())),
        (3, Delta::Input("1}".to_owned())),
        (4, Delta::Input("*** é".to_owned())),
        (5, Delta::Input("{}".to_owned())),
    ];
    assert_eq!(deltas, wanted);
    let usage = |usage: &Event| match usage {
        Event::Usage(usage) => Some((usage.input, usage.cached, usage.output)),
        _ => None,
    };
    let usages: Vec<_> = steps.iter().filter_map(usage).collect();
    assert_eq!(usages, [(5, 7, 1), (5, 7, 11)]);
    let end = &steps[steps.len() - 2..];
    assert_eq!(end, [Event::Stop(Stop::ToolCalls), Event::End]);
}

#[test]
fn a_stream_comes_back_wherever_it_is_cut() {
    let text = sse(&provider());
    let through = |pieces: &[&[u8]]| {
        let translation = Translation {
            client: Language::Messages,
            upstream: Language::Messages,
            betas: None,
            asked: asked(),
        };
        let mut stream = translation.stream();
        let mut out = Vec::new();
        for piece in pieces {
            out.extend(stream.push(piece).unwrap());
        }
        out.extend(stream.end().unwrap());
        out
    };
    let whole = through(&[text.as_bytes()]);
    let message = put_together(&events(&whole));
    let wanted = json!([
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "ZGF0YQ=="},
        {"type": "text", "text": "Sö."},
        {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"p": 1}},
        {"type": "tool_use", "id": "toolu_2", "name": "patch", "input": {"input": "*** é"}},
        {"type": "tool_use", "id": "toolu_3", "name": "read", "input": {}},
    ]);
    assert_eq!(message["content"], wanted);
    assert_eq!(
        (&message["id"], &message["model"]),
        (&json!("msg_1"), &json!("claude"))
    );
    assert_eq!(message["stop_reason"], "tool_use");
    assert_eq!(message["usage"]["cache_read_input_tokens"], 7);
    assert_eq!(message["usage"]["output_tokens"], 11);
    for at in 0..text.len() {
        let (before, after) = text.as_bytes().split_at(at);
        assert_eq!(through(&[before, after]), whole, "{at}");
    }
    let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
    assert_eq!(through(&bytes), whole);
}

#[test]
fn a_stream_of_another_make_is_read() {
    // The input at once, blocks that are not closed, no report at the beginning, and words of tomorrow.
    let steps = read(&[
        json!({"type": "message_start", "message": {"id": "m"}}),
        json!({"type": "tomorrow"}),
        start(7, &json!({"type": "novelty"})),
        delta(7, &json!({"type": "text_delta", "text": "x"})),
        stop(7),
        start(8, &json!({"type": "text", "text": "a"})),
        start(
            9,
            &json!({"type": "tool_use", "id": "t", "name": "read", "input": {"p": 1}}),
        ),
        stop(99),
        json!({"type": "message_stop"}),
    ]);
    let opened = |id: &str| Opened::Call {
        id: id.to_owned(),
        name: "read".to_owned(),
        freeform: false,
    };
    let wanted = vec![
        Event::Start {
            id: "m".to_owned(),
            created: None,
        },
        open(0, Opened::Text),
        said(0, "a"),
        open(1, opened("t")),
        close(0),
        input(1, "{\"p\":1}"),
        close(1),
        Event::Stop(Stop::End),
        Event::End,
    ];
    assert_eq!(steps, Ok(wanted));
}

#[test]
fn a_broken_stream_is_told() {
    let long = "x".repeat(LONGEST / 2 + 1);
    let piece = json!({"type": "input_json_delta", "partial_json": long});
    let patch = json!({"type": "tool_use", "id": "t", "name": "patch"});
    let text = json!({"type": "text", "text": ""});
    let mut many = vec![begin()];
    many.extend((0..100).map(|index| start(index, &text)));
    for broken in [
        vec![],
        vec![start(0, &text)],
        vec![begin()],
        vec![begin(), begin()],
        vec![begin(), delta(0, &json!({}))],
        vec![begin(), start(0, &text), start(0, &text)],
        vec![begin(), json!({"type": "content_block_start"})],
        vec![begin(), start(0, &json!({"type": "tool_use"}))],
        vec![
            begin(),
            start(0, &patch),
            delta(0, &piece),
            delta(0, &piece),
        ],
        many,
    ] {
        assert!(read(&broken).is_err(), "{}", broken.len());
    }
    assert!(
        StreamReader::new(&asked())
            .event("", b"{", &mut Vec::new())
            .is_err()
    );
    let error =
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let steps = read(&[begin(), error]).unwrap();
    let Some(Event::Failed(failure)) = steps.last() else {
        panic!("{steps:?}");
    };
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (ErrorKind::Overloaded, "Overloaded")
    );
}
