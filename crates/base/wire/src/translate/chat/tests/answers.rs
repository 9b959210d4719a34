//! Answers in one piece.

use serde_json::{Value, json};

use super::{
    super::{
        super::{
            Language, Seal, SealKind,
            reply::{Answer, Stop},
            talk::{Block, Call, Reasoning},
        },
        Json,
    },
    answer_of, asked,
};

fn body(message: Value, finish: Value) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 5, "model": "m",
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish}]})
}

fn stop_of(body: &Value) -> Stop {
    let text = body.to_string();
    let asked = asked();
    let json = Json::read(text.as_bytes()).unwrap();
    super::super::read_answer(json, &asked).unwrap().stop
}

#[test]
fn an_answer_keeps_what_it_says() {
    let mut whole = body(
        json!({"role": "assistant", "content": "Hi.", "refusal": null, "reasoning_content": "hm",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "run", "arguments": "{\"a\": 1}"},
                    "extra_content": {"google": {"thought_signature": "tg1.gemini.s..x"}}}]}),
        json!("tool_calls"),
    );
    whole["usage"] = json!({"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
        "prompt_tokens_details": {"cached_tokens": 60, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 0,
            "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}});
    let mut wanted = whole.clone();
    wanted["model"] = "named".into();
    wanted["choices"][0]["message"]["tool_calls"][0]["extra_content"] =
        json!({"google": {"thought_signature": "tg1.gemini.s..x"}});
    let found = answer_of(&whole);
    // Carried by Gemini's own mark it is Gemini's own word again.
    wanted["choices"][0]["message"]["tool_calls"][0]["extra_content"]["google"]["thought_signature"] =
        "x".into();
    assert_eq!(found, wanted);
}

#[test]
fn sloppy_answers_are_understood() {
    let call = |function: Value| json!({"content": null, "tool_calls": [{"function": function}]});
    let found = answer_of(&body(
        call(json!({"name": "run", "arguments": ""})),
        json!("stop"),
    ));
    let choice = &found["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["content"], Value::Null);
    let made = &choice["message"]["tool_calls"][0];
    assert_eq!(
        (&made["id"], &made["function"]["arguments"]),
        (&json!("call_chatcmpl-1_0"), &json!("{}"))
    );
    let found = answer_of(&body(
        call(json!({"name": "run", "arguments": {"a": [1]}})),
        json!(null),
    ));
    assert_eq!(
        found["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"],
        r#"{"a":[1]}"#
    );
    let found = answer_of(&body(
        call(json!({"name": "patch", "arguments": "{\"input\":\"x\\ny\"}"})),
        json!("stop"),
    ));
    let made = &found["choices"][0]["message"]["tool_calls"][0];
    assert_eq!(made["custom"], json!({"name": "patch", "input": "x\ny"}));
    assert_eq!(made["type"], "custom");
    let mistral = json!({"content": [
        {"type": "thinking", "thinking": [{"type": "text", "text": "h"}, {"type": "text", "text": "m"}]},
        {"type": "text", "text": "Hi"}, {"type": "text", "text": "."}]});
    let message = answer_of(&body(mistral, json!("stop")))["choices"][0]["message"].take();
    assert_eq!(
        (&message["reasoning_content"], &message["content"]),
        (&json!("hm"), &json!("Hi."))
    );
}

#[test]
fn the_end_has_a_reason() {
    let said = json!({"content": "x"});
    for (word, stop) in [
        (json!("stop"), Stop::End),
        (json!("length"), Stop::MaxOutput),
        (json!("content_filter"), Stop::Filtered),
        (json!("model_length"), Stop::ContextWindow),
        (json!("eos"), Stop::End),
        (json!(null), Stop::End),
    ] {
        assert_eq!(stop_of(&body(said.clone(), word)), stop);
    }
    let mut met = body(said, json!("stop"));
    met["choices"][0]["stop_reason"] = "END".into();
    assert_eq!(stop_of(&met), Stop::Sequence(Some("END".to_owned())));
    let refusal = body(json!({"content": null, "refusal": "No."}), json!("stop"));
    assert_eq!(stop_of(&refusal), Stop::Refusal);
    let found = answer_of(&refusal);
    assert_eq!(found["choices"][0]["finish_reason"], "stop");
    assert_eq!(found["choices"][0]["message"]["refusal"], "No.");
    let text = |stop| super::super::stop::word(&stop, false);
    assert_eq!(text(Stop::Refusal), "content_filter");
}

#[test]
fn a_thoughts_seal_says_its_field() {
    for field in ["reasoning_content", "reasoning"] {
        let text = body(json!({"content": "x", field: "hm"}), json!("stop")).to_string();
        let asked = asked();
        let json = Json::read(text.as_bytes()).unwrap();
        let answer = super::super::read_answer(json, &asked).unwrap();
        let Some(Block::Reasoning(thought)) = answer.blocks.first() else {
            panic!("{answer:?}");
        };
        let seal = thought.seal.as_ref().unwrap();
        assert_eq!((seal.owner, &*seal.data), (Language::Chat, field));
    }
}

#[test]
fn broken_answers_are_none() {
    let no_name = json!({"content": null, "tool_calls": [{"id": "c", "function": {}}]});
    for text in [
        "[]".to_owned(),
        "{}".to_owned(),
        r#"{"choices":[]}"#.to_owned(),
        r#"{"choices":[{}]}"#.to_owned(),
        r#"{"error":{"message":"x"}}"#.to_owned(),
        body(no_name, json!("stop")).to_string(),
        body(
            json!({"content": "x"}),
            json!("insufficient_system_resource"),
        )
        .to_string(),
    ] {
        let json = Json::read(text.as_bytes()).unwrap();
        assert!(super::super::read_answer(json, &asked()).is_err(), "{text}");
    }
}

#[test]
fn an_answer_of_several_blocks_is_one_message() {
    let seal = |data: &'static str| Seal {
        owner: Language::Gemini,
        kind: SealKind::Signature,
        id: None,
        data: data.into(),
    };
    let text = |text: &'static str| Block::Text {
        text: text.into(),
        cache: None,
    };
    let answer = Answer {
        blocks: vec![
            Block::Reasoning(Reasoning {
                parts: vec!["a".into(), "b".into()],
                seal: Some(seal("t")),
            }),
            text("One"),
            Block::Reasoning(Reasoning {
                parts: vec!["c".into()],
                seal: None,
            }),
            text(", two."),
            Block::Call(Call {
                id: "c1".into(),
                name: "run".into(),
                input: "{}".into(),
                freeform: false,
                seal: Some(seal("sig")),
            }),
        ],
        stop: Stop::ToolCalls,
        ..Answer::default()
    };
    let found: Value =
        serde_json::from_slice(&super::super::write_answer(&answer, &asked())).unwrap();
    assert_eq!(
        found,
        json!({"id": "", "object": "chat.completion", "created": 0, "model": "named",
        "choices": [{"index": 0, "logprobs": null, "finish_reason": "tool_calls", "message":
            {"role": "assistant", "content": "One, two.", "refusal": null, "reasoning_content": "a\n\nb\n\nc",
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "run", "arguments": "{}"},
                "extra_content": {"google": {"thought_signature": "sig"}}}]}}]})
    );
}
