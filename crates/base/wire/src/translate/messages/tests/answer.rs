//! Answers in one piece.

use serde_json::{Value, json};
use tidegate_types::Usage;

use super::{Json, asked, read_answer, text, write_answer};
use crate::translate::{
    Answer, Broken, Language, Seal, SealKind,
    reply::Stop,
    talk::{Block, Call, Media, MediaKind, Reasoning, Source},
};

fn message() -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
            {"type": "thinking", "thinking": "", "signature": "b21pdHRlZA=="},
            {"type": "redacted_thinking", "data": "ZGF0YQ=="},
            {"type": "text", "text": "So."},
            {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"p": "a"}},
            {"type": "tool_use", "id": "toolu_2", "name": "patch", "input": {"input": "*** x"}},
        ],
        "stop_reason": "tool_use", "stop_sequence": null,
        "usage": {"input_tokens": 5, "cache_creation_input_tokens": 30, "cache_read_input_tokens": 7,
                  "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
                  "output_tokens": 11, "output_tokens_details": {"thinking_tokens": 4}},
    })
}

fn written(answer: &Answer<'_>) -> Value {
    serde_json::from_slice(&write_answer(answer, &asked())).unwrap()
}

#[test]
fn an_answer_is_read_and_comes_back() {
    let body = message().to_string();
    let answer = read_answer(Json::read(body.as_bytes()).unwrap(), &asked()).unwrap();
    let usage = Usage {
        input: 5,
        cached: 7,
        cache_write_5m: 10,
        cache_write_1h: 20,
        output: 11,
        reasoning: 4,
        ..answer.usage.unwrap()
    };
    assert_eq!(answer.usage, Some(usage));
    let Some(Block::Call(patch)) = answer.blocks.last() else {
        panic!("{answer:?}");
    };
    assert_eq!((patch.freeform, &*patch.input), (true, "*** x"));
    assert_eq!(written(&answer), message());
}

#[test]
fn nonsense_is_broken() {
    let of = |body: &Value| {
        let body = body.to_string();
        read_answer(Json::read(body.as_bytes()).unwrap(), &asked()).map(|_| ())
    };
    for body in [
        json!([]),
        json!({}),
        json!({"type": "error", "error": {}}),
        json!({"type": "message", "content": "x"}),
        json!({"type": "message", "content": [1]}),
        json!({"type": "message", "content": [{"type": "tool_use", "id": "a"}]}),
    ] {
        assert!(matches!(of(&body), Err(Broken(_))), "{body}");
    }
    // What may be added to the dialect is passed by.
    assert_eq!(
        of(&json!({"type": "message", "content": [{"type": "new"}]})),
        Ok(())
    );
}

#[test]
fn answers_of_others_are_written() {
    let seal = |owner, kind, id: Option<&'static str>| {
        Some(Seal {
            owner,
            kind,
            id: id.map(Into::into),
            data: "ZA==".into(),
        })
    };
    let answer = Answer {
        id: "chatcmpl-1".to_owned(),
        blocks: vec![
            Block::Reasoning(Reasoning {
                parts: vec!["One.".into(), "Two.".into()],
                seal: seal(Language::Responses, SealKind::Content, Some("rs_1")),
            }),
            Block::Reasoning(Reasoning {
                parts: Vec::new(),
                seal: seal(Language::Responses, SealKind::Content, Some("rs_2")),
            }),
            Block::Reasoning(Reasoning {
                parts: vec!["Open.".into()],
                seal: None,
            }),
            Block::Reasoning(Reasoning {
                parts: Vec::new(),
                seal: None,
            }),
            text(""),
            Block::Refusal("No.".into()),
            Block::Media(Media {
                kind: MediaKind::Image,
                source: Source::Url("u".into()),
                name: None,
                detail: None,
                cache: None,
            }),
            Block::Call(Call {
                id: "functions.read:0".into(),
                name: "read".into(),
                input: "{\"p\":".into(),
                freeform: false,
                seal: seal(Language::Gemini, SealKind::Signature, None),
            }),
        ],
        ..Answer::default()
    };
    let wanted = json!([
        {"type": "thinking", "thinking": "One.\n\nTwo.", "signature": "tg1.responses.c.rs_1.ZA=="},
        {"type": "redacted_thinking", "data": "tg1.responses.c.rs_2.ZA=="},
        {"type": "thinking", "thinking": "Open.", "signature": ""},
        {"type": "text", "text": "No."},
        {"type": "text", "text": "[An image that the Messages API cannot hold]"},
        {"type": "redacted_thinking", "data": "tg1.gemini.s.tgx_functions_2eread_3a0.ZA=="},
        {"type": "tool_use", "id": "tgx_functions_2eread_3a0", "name": "read", "input": {"_raw": "{\"p\":"}},
    ]);
    let body = written(&answer);
    assert_eq!(body["content"], wanted);
    assert_eq!(
        (&body["id"], &body["stop_reason"]),
        (&json!("chatcmpl-1"), &json!("tool_use"))
    );
    assert_eq!(body["usage"]["output_tokens"], 0);
}

#[test]
fn the_sequence_is_named() {
    let answer = Answer {
        stop: Stop::Sequence(Some("END".to_owned())),
        ..Answer::default()
    };
    let body = written(&answer);
    assert_eq!(
        (&body["stop_reason"], &body["stop_sequence"]),
        (&json!("stop_sequence"), &json!("END"))
    );
}
