//! Answers in one piece.

use serde_json::json;
use tidegate_types::Usage;

use super::super::super::{
    Broken,
    reply::{Answer, Stop},
    talk::Call,
};
use super::super::{read_answer, write_answer};
use super::*;

fn answer<'a>(text: &'a str, asked: &Asked) -> Answer<'a> {
    read_answer(Json::read(text.as_bytes()).unwrap(), asked).unwrap()
}

fn broken(text: &str) -> &'static str {
    let Broken(why) = read_answer(Json::read(text.as_bytes()).unwrap(), &asked()).unwrap_err();
    why
}

fn back(answer: &Answer<'_>) -> Value {
    serde_json::from_slice(&write_answer(answer, &asked())).unwrap()
}

const WHOLE: &str = r#"{"candidates":[{"content":{"role":"model","parts":[
        {"text":"I ","thought":true},{"text":"think.","thought":true},
        {"text":"Hel"},{"text":"lo"},
        {"functionCall":{"name":"get_weather","args":{"city":"Ulm"}},"thoughtSignature":"c2ln"},
        {"functionCall":{"id":"own","name":"apply_patch","args":{"input":"*** x"}}}]},
    "finishReason":"STOP","index":0,"safetyRatings":[]}],
    "usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":40,"candidatesTokenCount":20,
        "thoughtsTokenCount":7,"totalTokenCount":127},
    "modelVersion":"gemini-2.5-flash","responseId":"r-1"}"#;

#[test]
fn an_answer_with_calls() {
    let asked = asked();
    let answer = answer(WHOLE, &asked);
    assert_eq!(
        (answer.id.as_str(), &answer.stop),
        ("r-1", &Stop::ToolCalls)
    );
    let [
        Block::Reasoning(thoughts),
        Block::Text { text, .. },
        Block::Call(weather),
        Block::Call(patch),
    ] = answer.blocks.as_slice()
    else {
        panic!("{:?}", answer.blocks);
    };
    assert_eq!(thoughts.parts, ["I think."]);
    assert_eq!(text, "Hello");
    assert_eq!(
        (&*weather.id, &*weather.input, weather.freeform),
        ("call_r-1_1", r#"{"city":"Ulm"}"#, false)
    );
    assert_eq!(weather.seal.as_ref().map(|seal| &*seal.data), Some("c2ln"));
    assert_eq!(
        (&*patch.id, &*patch.input, patch.freeform),
        ("own", "*** x", true)
    );
    let usage = answer.usage.unwrap();
    assert_eq!(
        (usage.input, usage.cached, usage.output, usage.reasoning),
        (60, 40, 27, 7)
    );
}

#[test]
fn an_answer_read_and_written_says_the_same() {
    let asked = asked();
    assert_eq!(
        back(&answer(WHOLE, &asked)),
        json!({
            "candidates": [{"content": {"role": "model", "parts": [
                {"text": "I think.", "thought": true}, {"text": "Hello"},
                {"functionCall": {"id": "call_r-1_1", "name": "get_weather", "args": {"city": "Ulm"}},
                 "thoughtSignature": "c2ln"},
                {"functionCall": {"id": "own", "name": "apply_patch", "args": {"input": "*** x"}}}]},
                "finishReason": "STOP", "index": 0}],
            "usageMetadata": {"promptTokenCount": 100, "cachedContentTokenCount": 40,
                "candidatesTokenCount": 20, "thoughtsTokenCount": 7, "totalTokenCount": 127},
            "modelVersion": "fast", "responseId": "r-1",
        })
    );
}

#[test]
fn one_call_at_a_time_where_that_is_asked() {
    let asked = Asked {
        one_call: true,
        ..asked()
    };
    let answer = answer(WHOLE, &asked);
    let calls = answer.blocks.iter();
    let calls = calls.filter(|block| matches!(block, Block::Call(_)));
    assert_eq!(calls.count(), 1);
    assert_eq!(answer.stop, Stop::ToolCalls);
}

#[test]
fn every_end_is_known() {
    for (reason, stop) in [
        ("STOP", Stop::End),
        ("MAX_TOKENS", Stop::MaxOutput),
        ("SAFETY", Stop::Filtered),
        ("RECITATION", Stop::Filtered),
        ("BLOCKLIST", Stop::Filtered),
        ("PROHIBITED_CONTENT", Stop::Filtered),
        ("SPII", Stop::Filtered),
        ("LANGUAGE", Stop::Filtered),
        ("OTHER", Stop::Filtered),
    ] {
        let text = format!(r#"{{"candidates":[{{"finishReason":"{reason}"}}]}}"#);
        assert_eq!(answer(&text, &asked()).stop, stop, "{reason}");
    }
    let blocked = r#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":9}}"#;
    let answer = answer(blocked, &asked());
    assert_eq!(answer.stop, Stop::Filtered);
    assert_eq!(answer.usage.unwrap().input, 9);
}

#[test]
fn answers_that_are_none() {
    for (text, why) in [
        ("[]", "it is no object"),
        ("{}", "it has no candidates"),
        (r#"{"candidates":[]}"#, "it has no candidates"),
        (
            r#"{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"print("}]}"#,
            "the model called a tool in a form that cannot be read (MALFORMED_FUNCTION_CALL)",
        ),
        (
            r#"{"candidates":[{"content":{"parts":[{"inlineData":{}}]}}]}"#,
            "it holds something that was not asked for",
        ),
        (
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"args":{}}}]}}]}"#,
            "a call has no name",
        ),
    ] {
        assert_eq!(broken(text), why, "{text}");
    }
}

#[test]
fn answers_of_others_are_written() {
    let call = |input: &str| {
        Block::Call(Call {
            id: "toolu_1".into(),
            name: "get_weather".into(),
            input: input.to_owned().into(),
            freeform: false,
            seal: None,
        })
    };
    let answer = Answer {
        id: "msg_1".to_owned(),
        created: Some(1),
        blocks: vec![
            Block::Refusal("I will not.".into()),
            call(""),
            call("[1]"),
            call("{\"a\":"),
        ],
        stop: Stop::MaxOutput,
        usage: Some(Usage {
            input: 10,
            cached: 5,
            cache_write_5m: 3,
            output: 8,
            ..Usage::default()
        }),
    };
    let written = back(&answer);
    let parts = written["candidates"][0]["content"]["parts"]
        .as_array()
        .unwrap();
    assert_eq!(parts[0], json!({"text": "I will not."}));
    let args: Vec<_> = parts[1..]
        .iter()
        .map(|part| &part["functionCall"]["args"])
        .collect();
    assert_eq!(
        args,
        [
            &json!({}),
            &json!({"_raw": "[1]"}),
            &json!({"_raw": "{\"a\":"})
        ]
    );
    assert_eq!(
        written["usageMetadata"],
        json!({"promptTokenCount": 18, "cachedContentTokenCount": 5, "candidatesTokenCount": 8,
               "totalTokenCount": 26})
    );
    for (stop, word) in [
        (Stop::ContextWindow, "MAX_TOKENS"),
        (Stop::End, "STOP"),
        (Stop::Filtered, "SAFETY"),
        (Stop::Refusal, "SAFETY"),
        (Stop::Sequence(None), "STOP"),
        (Stop::ToolCalls, "STOP"),
    ] {
        let answer = Answer {
            stop,
            ..Answer::default()
        };
        let written = back(&answer);
        assert_eq!(written["candidates"][0]["finishReason"], word);
        assert_eq!(
            written["candidates"][0]["content"],
            json!({"role": "model", "parts": [{"text": ""}]})
        );
    }
}
