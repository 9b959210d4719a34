//! A rewrite changes its spans only.

use super::*;
use crate::{Operation as Op, body::inspect};

fn chat(body: &str) -> Inspected {
    inspect(Op::ChatCompletions, body.as_bytes()).unwrap()
}

fn rewritten(op: Op, body: &str, model: Option<&str>, report_usage: bool) -> String {
    let found = inspect(op, body.as_bytes()).unwrap();
    let body = Bytes::copy_from_slice(body.as_bytes());
    let out = rewrite(
        &body,
        &found,
        &Edits {
            model,
            report_usage,
        },
    );
    String::from_utf8(out.to_vec()).unwrap()
}

#[test]
fn the_model_is_replaced_in_place() {
    let body = r#"{ "a" :[1.50,"\u00e9\/"], "model" : "p\u002fm" ,"z":{"model":"x"}}"#;
    assert_eq!(chat(body).model.unwrap().value.as_str(), "p/m");
    assert_eq!(
        rewritten(Op::ChatCompletions, body, Some("m"), false),
        r#"{ "a" :[1.50,"\u00e9\/"], "model" : "m" ,"z":{"model":"x"}}"#
    );
    assert_eq!(
        rewritten(Op::Messages, r#"{"model":"a"}"#, Some("a\"b\\"), false),
        r#"{"model":"a\"b\\"}"#
    );
}

#[test]
fn nothing_changed_is_the_same_buffer() {
    let body = Bytes::from_static(br#"{"model":"m","stream":true,"max_tokens":1}"#);
    let found = inspect(Op::Messages, &body).unwrap();
    let out = rewrite(
        &body,
        &found,
        &Edits {
            model: Some("m"),
            report_usage: true,
        },
    );
    assert_eq!(out.as_ptr(), body.as_ptr());
}

#[test]
fn the_usage_switch_is_set_wherever_it_stands() {
    for (body, expected) in [
        (
            r#"{"stream":true}"#,
            r#"{"stream_options":{"include_usage":true},"stream":true}"#,
        ),
        (
            r#"{"stream":true,"stream_options":null}"#,
            r#"{"stream":true,"stream_options":{"include_usage":true}}"#,
        ),
        (
            r#"{"stream":true,"stream_options":{ }}"#,
            r#"{"stream":true,"stream_options":{"include_usage":true }}"#,
        ),
        (
            r#"{"stream":true,"stream_options":{"include_obfuscation":false}}"#,
            r#"{"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}"#,
        ),
        (
            r#"{"stream_options":{"include_usage": false },"stream":true}"#,
            r#"{"stream_options":{"include_usage": true },"stream":true}"#,
        ),
        (
            r#"{"stream_options":{"x":1,"include_usage":null},"stream":true}"#,
            r#"{"stream_options":{"x":1,"include_usage":true},"stream":true}"#,
        ),
    ] {
        assert!(chat(body).usage_switch.must_be_set(), "{body}");
        assert_eq!(rewritten(Op::ChatCompletions, body, None, true), expected);
        assert_eq!(chat(expected).usage_switch, UsageSwitch::On);
    }
    for body in [
        r#"{"stream":true,"stream_options":{"include_usage":true}}"#,
        r#"{"stream":false}"#,
        r#"{"stream":false,"stream_options":null}"#,
    ] {
        assert_eq!(rewritten(Op::ChatCompletions, body, None, true), body);
    }
    let responses = r#"{"model":"m","stream":true}"#;
    assert_eq!(rewritten(Op::Responses, responses, None, true), responses);
}

#[test]
fn both_edits_at_once() {
    assert_eq!(
        rewritten(
            Op::Completions,
            r#"{"model":"p/m","stream":true}"#,
            Some("m"),
            true
        ),
        r#"{"stream_options":{"include_usage":true},"model":"m","stream":true}"#
    );
}

#[test]
fn gemini_bodies_repeat_the_model() {
    let body = r#"{"requests":[{"model":"models/a","content":1},{"model":"models/a"}]}"#;
    let found = inspect(Op::BatchEmbedContents, body.as_bytes()).unwrap();
    assert_eq!(found.contradicts("a"), None);
    assert_eq!(
        found.contradicts("b").map(|model| model.as_str()),
        Some("models/a")
    );
    assert_eq!(
        rewritten(Op::BatchEmbedContents, body, Some("b"), false),
        r#"{"requests":[{"model":"models/b","content":1},{"model":"models/b"}]}"#
    );
}
