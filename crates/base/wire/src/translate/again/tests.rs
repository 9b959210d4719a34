//! An answer says the same in either form.

use super::{super::Json, *};

const TOOL: &str = r#"{"type":"object","properties":{"city":{"type":"string"}}}"#;

/// A request and an answer of each language: a thought where the language shows it, a text, a call.
fn scenes() -> Vec<(Operation, String, &'static str)> {
    let chat = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"Weather?"}}],"stream":true,
        "stream_options":{{"include_usage":true}},
        "tools":[{{"type":"function","function":{{"name":"look","parameters":{TOOL}}}}}]}}"#
    );
    let responses = format!(
        r#"{{"model":"m","input":"Weather?","store":false,
        "tools":[{{"type":"function","name":"look","parameters":{TOOL}}}]}}"#
    );
    let messages = format!(
        r#"{{"model":"m","max_tokens":9,"messages":[{{"role":"user","content":"Weather?"}}],
        "tools":[{{"name":"look","input_schema":{TOOL}}}]}}"#
    );
    let gemini = format!(
        r#"{{"contents":[{{"role":"user","parts":[{{"text":"Weather?"}}]}}],
        "tools":[{{"functionDeclarations":[{{"name":"look","parameters":{TOOL}}}]}}]}}"#
    );
    vec![
        (
            Operation::ChatCompletions,
            chat,
            r#"{"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,
            "message":{"role":"assistant","content":"Let me see.","tool_calls":[{"id":"t1","type":"function",
            "function":{"name":"look","arguments":"{\"city\":\"Rome\"}"}}]},"finish_reason":"tool_calls"}],
            "usage":{"prompt_tokens":11,"completion_tokens":5,"total_tokens":16}}"#,
        ),
        (
            Operation::Responses,
            responses,
            r#"{"id":"r1","object":"response","created_at":7,"status":"completed","model":"m","output":[
            {"type":"message","id":"m1","role":"assistant","status":"completed","content":[
            {"type":"output_text","text":"Let me see.","annotations":[]}]},
            {"type":"function_call","id":"f1","call_id":"t1","name":"look","arguments":"{\"city\":\"Rome\"}",
            "status":"completed"}],"usage":{"input_tokens":11,"output_tokens":5,"total_tokens":16}}"#,
        ),
        (
            Operation::Messages,
            messages,
            r#"{"id":"a1","type":"message","role":"assistant","model":"m","content":[
            {"type":"thinking","thinking":"Hm.","signature":"c2ln"},
            {"type":"text","text":"Let me see."},
            {"type":"tool_use","id":"t1","name":"look","input":{"city":"Rome"}}],
            "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":11,"output_tokens":5}}"#,
        ),
        (
            Operation::GenerateContent,
            gemini,
            r#"{"responseId":"g1","candidates":[{"content":{"role":"model","parts":[{"text":"Let me see."},
            {"functionCall":{"id":"t1","name":"look","args":{"city":"Rome"}}}]},"finishReason":"STOP","index":0}],
            "usageMetadata":{"promptTokenCount":11,"candidatesTokenCount":5,"totalTokenCount":16}}"#,
        ),
    ]
}

fn tell(operation: Operation, asked: &str, body: &[u8], from: Form, to: Form) -> Vec<u8> {
    let translation = again(operation, "m", "call", asked.as_bytes()).unwrap();
    let usage = Usage {
        input: 11,
        output: 5,
        ..Usage::default()
    };
    translation.tell(body, from, to, usage).unwrap()
}

#[test]
fn there_and_back_it_is_the_same_answer() {
    for (operation, asked, whole) in scenes() {
        let whole = whole.as_bytes();
        let plain = tell(operation, &asked, whole, Form::Whole, Form::Whole);
        let stream = tell(operation, &asked, whole, Form::Whole, Form::Stream);
        let back = tell(operation, &asked, &stream, Form::Stream, Form::Whole);
        let (plain, back) = (Json::read(&plain).unwrap(), Json::read(&back).unwrap());
        assert_eq!(plain, back, "{operation:?}");
        let text = String::from_utf8(stream).unwrap();
        for part in ["Let me see.", "look", "Rome", "t1"] {
            assert!(text.contains(part), "{operation:?} without {part}: {text}");
        }
    }
}

#[test]
fn a_stream_that_said_nothing_of_its_usage_says_it_when_asked() {
    let (operation, asked, whole) = scenes().swap_remove(0);
    let silent = asked.replace("\"include_usage\":true", "\"include_usage\":false");
    let stream = tell(
        operation,
        &silent,
        whole.as_bytes(),
        Form::Whole,
        Form::Stream,
    );
    assert!(!String::from_utf8_lossy(&stream).contains("prompt_tokens"));
    let told = tell(operation, &asked, &stream, Form::Stream, Form::Stream);
    assert!(
        String::from_utf8(told)
            .unwrap()
            .contains(r#""prompt_tokens":11"#)
    );
}

#[test]
fn what_is_not_understood_is_not_told_again() {
    for body in [
        r#"{"model":"m","messages":[{"role":"user","content":"x"}],"n":2}"#,
        r#"{"model":"m","messages":[{"role":"user","content":"x"}],"logprobs":true}"#,
        r#"{"model":"m","messages":[{"role":"user","content":"x"}],"modalities":["audio"]}"#,
    ] {
        let read = again(Operation::ChatCompletions, "m", "call", body.as_bytes());
        assert!(read.is_err(), "{body}");
    }
    let read = again(
        Operation::Embeddings,
        "m",
        "call",
        br#"{"model":"m","input":"x"}"#,
    );
    assert!(read.is_err());
}

#[test]
fn a_stream_without_an_end_is_no_answer() {
    for (operation, asked, whole) in scenes() {
        let stream = tell(
            operation,
            &asked,
            whole.as_bytes(),
            Form::Whole,
            Form::Stream,
        );
        let cut = &stream[..stream.len() / 2];
        let translation = again(operation, "m", "call", asked.as_bytes()).unwrap();
        let told = translation.tell(cut, Form::Stream, Form::Whole, Usage::default());
        assert!(told.is_err(), "{operation:?}");
    }
}

#[test]
fn an_answer_in_one_piece_is_told_as_the_stream_that_was_asked_for() {
    for (operation, asked, whole) in scenes() {
        let translation = again(operation, "m", "call", asked.as_bytes()).unwrap();
        let stream = translation.streamed(whole.as_bytes()).unwrap();
        let back = tell(operation, &asked, &stream, Form::Stream, Form::Whole);
        let plain = tell(
            operation,
            &asked,
            whole.as_bytes(),
            Form::Whole,
            Form::Whole,
        );
        let (plain, back) = (Json::read(&plain).unwrap(), Json::read(&back).unwrap());
        assert_eq!(plain, back, "{operation:?}");
    }
}

#[test]
fn an_error_in_one_piece_is_one_in_the_stream() {
    for (operation, asked, _) in scenes() {
        let translation = again(operation, "m", "call", asked.as_bytes()).unwrap();
        let body = br#"{"error":{"message":"the tide is out","type":"server_error"}}"#;
        let stream = String::from_utf8(translation.streamed(body).unwrap()).unwrap();
        assert!(
            stream.contains("data: ") && stream.contains("the tide is out"),
            "{stream}"
        );
    }
    let (operation, asked, _) = scenes().swap_remove(0);
    for body in ["", "[]", "data: {}", "{}"] {
        let translation = again(operation, "m", "call", asked.as_bytes()).unwrap();
        assert!(translation.streamed(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn who_did_not_ask_what_a_stream_used_is_not_told() {
    let (operation, asked, whole) = scenes().swap_remove(0);
    let said = |translation: Translation| {
        let stream = translation.streamed(whole.as_bytes()).unwrap();
        String::from_utf8(stream).unwrap().contains("prompt_tokens")
    };
    let translation = || again(operation, "m", "call", asked.as_bytes()).unwrap();
    assert!(said(translation()));
    assert!(!said(translation().without_usage()));
}

/// A Messages stream, as a Gemini client of another's model gets it.
fn translated(stream: &str, step: usize, array: bool) -> String {
    let asked = br#"{"contents":[{"role":"user","parts":[{"text":"Weather?"}]}]}"#;
    let operation = Operation::StreamGenerateContent;
    let request = super::super::request(operation, Language::Messages, ("m", "m"), "call", asked);
    let back = request.unwrap().back;
    let back = if array { back.as_array() } else { back };
    let mut stream_of = back.stream();
    let mut out = Vec::new();
    for piece in stream.as_bytes().chunks(step) {
        out.extend(stream_of.push(piece).unwrap());
    }
    out.extend(stream_of.end().unwrap());
    String::from_utf8(out).unwrap()
}

const SAID: &str = r#"event: message_start
data: {"type":"message_start","message":{"id":"a1","role":"assistant","content":[],"usage":{"input_tokens":11,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Let me "}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"see]."}}

"#;
const OVER: &str = r#"event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}

event: message_stop
data: {"type":"message_stop"}

"#;

#[test]
fn a_stream_that_is_an_array_has_the_events_as_its_elements() {
    let stream = format!("{SAID}{OVER}");
    let events = translated(&stream, 1_000_000, false);
    let events: Vec<_> = events
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .collect();
    assert_eq!(events.len(), 3);
    for step in [1, 7, 1_000_000] {
        let array = translated(&stream, step, true);
        assert_eq!(array, format!("[{}]", events.join(",\r\n")));
    }
}

#[test]
fn a_failure_is_the_last_element() {
    let failure = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"too much\"}}\n\n";
    for (said, elements) in [("", 1), (SAID, 3)] {
        let array = translated(&format!("{said}{failure}"), 9, true);
        let Ok(Json::Array(list)) = Json::read(array.as_bytes()) else {
            panic!("no array: {array}");
        };
        assert_eq!(list.len(), elements, "{array}");
        let last = list.last().and_then(|last| last.get("error"));
        let told = last.and_then(|error| error.get("message"));
        assert_eq!(told, Some(&Json::String("too much".into())), "{array}");
    }
}
