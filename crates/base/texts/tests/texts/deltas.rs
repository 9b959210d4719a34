//! Deltas that only some providers send, and streams that hold for a reason.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};
use tidegate_texts::{
    Protocol,
    channel::Kind,
    fuzzing::Words,
    stream::{Framing, Rewriter},
};
use tidegate_wire::answer::AnswerKind;

use crate::provider::message;

/// The events as they leave, and what was seen.
fn swapped(protocol: Protocol, events: &[Value]) -> (Vec<Value>, Words) {
    let words = Words::swap("secret", "[S]");
    let mut rewriter = Rewriter::new(protocol, Framing::Sse, words.clone());
    let mut out = Vec::new();
    for event in events {
        let wire = Bytes::from(format!("data: {event}\n\n"));
        out.extend(rewriter.push(wire).unwrap());
    }
    out.extend(rewriter.end().unwrap());
    let text = String::from_utf8(out.concat()).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let events = data.map(|data| serde_json::from_str(data).unwrap());
    (events.collect(), words)
}

/// Two chat deltas that say the word together: what is left of it in each.
fn cut_over(first: Value, second: Value) -> (Value, Value, Vec<(Kind, String)>) {
    let chunk = |delta| json!({"choices": [{"delta": delta, "index": 0}]});
    let (out, words) = swapped(Protocol::Chat, &[chunk(first), chunk(second)]);
    let delta = |at: usize| out[at]["choices"][0]["delta"].clone();
    let seen = words.texts().into_iter();
    let seen = seen.map(|(channel, text)| (channel.kind, text)).collect();
    (delta(0), delta(1), seen)
}

/// A delta that says this.
type Shape = fn(&str) -> Value;

#[test]
fn every_shape_of_a_chat_delta_goes_on() {
    let shapes: [(Kind, Shape); 8] = [
        (Kind::Text, |text| json!({"content": text})),
        (
            Kind::Text,
            |text| json!({"content": [{"type": "text", "text": text}]}),
        ),
        (
            Kind::Text,
            |text| json!({"audio": {"id": "audio_1", "transcript": text}}),
        ),
        (Kind::Refusal, |text| json!({"refusal": text})),
        (Kind::Reasoning, |text| json!({"reasoning": text})),
        (
            Kind::Reasoning,
            |text| json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": text}]}]}),
        ),
        (
            Kind::Reasoning,
            |text| json!({"reasoning_details": [{"type": "reasoning.text", "text": text, "index": 0}]}),
        ),
        (
            Kind::ToolArguments,
            |text| json!({"function_call": {"arguments": text}}),
        ),
    ];
    for (kind, shape) in shapes {
        let (first, second, seen) = cut_over(shape("x sec"), shape("ret y"));
        if kind == Kind::ToolArguments {
            // No JSON: the word is taken for one, and becomes a string.
            assert_eq!(first, shape("x \"[S]\""));
        } else {
            assert_eq!(first, shape("x [S]"), "{kind:?}");
        }
        assert_eq!(second, shape(" y"), "{kind:?}");
        assert_eq!(seen, [(kind, "x secret y".to_owned())]);
    }
}

#[test]
fn a_tools_name_is_whole_when_its_arguments_begin() {
    let call = |function: Value| json!({"tool_calls": [{"index": 0, "function": function}]});
    let name = call(json!({"name": "sec", "arguments": ""}));
    let (first, second, seen) = cut_over(name.clone(), call(json!({"arguments": "{"})));
    assert_eq!((first, second), (name, call(json!({"arguments": "{"}))));
    assert!(
        seen.contains(&(Kind::ToolName, "sec".to_owned())),
        "{seen:?}"
    );
}

#[test]
fn gemini_arguments_in_pieces_go_on_by_their_path() {
    let chunk = |path: &str, text: &str| {
        let arguments = json!([{"jsonPath": path, "stringValue": text, "willContinue": true}]);
        let call = json!({"functionCall": {"partialArgs": arguments, "willContinue": true}});
        json!({"candidates": [{"content": {"role": "model", "parts": [call]}}]})
    };
    let events = [
        chunk("$.a", "x sec"),
        chunk("$.b", "ret"),
        chunk("$.a", "ret y"),
    ];
    let (out, _) = swapped(Protocol::Gemini, &events);
    let expected = [
        chunk("$.a", "x [S]"),
        chunk("$.b", "ret"),
        chunk("$.a", " y"),
    ];
    assert_eq!(out, expected);
}

#[test]
fn items_of_a_response_do_not_mix_and_their_kinds_are_known() {
    let delta = |kind: &str, at: u32, text: &str| {
        json!({"type": format!("response.{kind}.delta"), "item_id": format!("i{at}"),
            "output_index": at, "content_index": 0, "delta": text})
    };
    let events = [
        delta("reasoning_summary_text", 0, "sec"),
        delta("output_text", 1, "ret sec"),
        delta("refusal", 1, "ret"),
        delta("output_text", 1, "ret"),
        delta("custom_tool_call_input", 2, "*** sec"),
        delta("code_interpreter_call_code", 3, "ret"),
        delta("custom_tool_call_input", 2, "ret"),
        json!({"type": "response.output_item.done", "output_index": 2, "item":
            {"type": "custom_tool_call", "id": "i2", "name": "patch", "input": "*** secret"}}),
    ];
    let (out, words) = swapped(Protocol::Responses, &events);
    let mut expected = events;
    expected[1]["delta"] = json!("ret [S]");
    expected[3]["delta"] = json!("");
    expected[4]["delta"] = json!("*** [S]");
    expected[6]["delta"] = json!("");
    expected[7]["item"]["input"] = json!("*** [S]");
    assert_eq!(out, expected);
    let kinds: Vec<Kind> = words
        .texts()
        .iter()
        .map(|(channel, _)| channel.kind)
        .collect();
    let (text, arguments) = (Kind::Text, Kind::ToolArguments);
    let streams = [Kind::Reasoning, text, Kind::Refusal, arguments, arguments];
    assert_eq!(kinds[..5], streams);
    assert!(kinds[5..].contains(&Kind::ToolName) && kinds[5..].contains(&arguments));
}

#[test]
fn converse_reasoning_is_signed_and_what_is_packed_is_packed_again() {
    let reason = |text: &str| {
        let delta = json!({"reasoningContent": {"text": text}});
        message(
            "contentBlockDelta",
            &json!({"contentBlockIndex": 0, "delta": delta}),
        )
    };
    let packed = |text: &str| {
        let event = json!({"generation": text, "stop_reason": null});
        message(
            "chunk",
            &json!({"bytes": BASE64_STANDARD.encode(event.to_string())}),
        )
    };
    let wire = [reason("sec"), reason("ret"), packed("a sec"), packed("ret")].concat();
    let expected = [reason("[S]"), reason(""), packed("a [S]"), packed("")].concat();
    let words = Words::swap("secret", "[S]");
    let mut rewriter = Rewriter::new(Protocol::Bedrock, Framing::EventStream, words);
    let mut out = rewriter.push(Bytes::from(wire)).unwrap();
    out.extend(rewriter.end().unwrap());
    assert_eq!(out.concat(), expected);
    assert_eq!(rewriter.report().signed_edits, 1);
}

#[test]
fn a_field_that_never_goes_on_does_not_hold_a_stream_up() {
    let envelope = |number: u8, text: &str| {
        let length = u8::try_from(text.len()).unwrap();
        let head = [0, 0, 0, 0, length + 2, (number << 3) | 2, length];
        [&head, text.as_bytes()].concat()
    };
    let words = Words::swap("secret", "[S]");
    let mut rewriter = Rewriter::new(Protocol::Envelopes, Framing::Envelopes, words);
    let mut push = |wire: Vec<u8>| rewriter.push(Bytes::from(wire)).unwrap().concat();
    // An id that ends as the word begins.
    assert_eq!(push(envelope(1, "id-s")), b"");
    let mut passed = Vec::new();
    for _ in 0..20 {
        passed.extend(push(envelope(2, "word ")));
    }
    let expected = [envelope(1, "id-s"), envelope(2, "word ").repeat(20)].concat();
    assert_eq!(passed, expected);
}

/// Whoever gets a message answers it: the next may never come.
#[test]
fn a_message_of_a_request_does_not_wait_for_the_next() {
    let envelope = |text: &str| {
        let length = u8::try_from(text.len()).unwrap();
        let head = [0, 0, 0, 0, length + 2, (1 << 3) | 2, length];
        [&head, text.as_bytes()].concat()
    };
    let words = Words::swap("secret", "[S]");
    let mut rewriter = Rewriter::upload(Protocol::Envelopes, Framing::Envelopes, words);
    let mut push = |wire: Vec<u8>| rewriter.push(Bytes::from(wire)).unwrap().concat();
    // It ends as the word begins.
    assert_eq!(push(envelope("some sec")), envelope("some sec"));
    let (one, two) = (envelope("ret secret s"), envelope("ecret"));
    assert_eq!(push(one), envelope("ret [S] s"));
    assert_eq!(push(two), envelope("ecret"));
}

#[test]
fn an_answer_of_one_message_is_rewritten_in_one_piece() {
    let field = |text: &str| {
        [
            &[(1 << 3) | 2, u8::try_from(text.len()).unwrap()],
            text.as_bytes(),
        ]
        .concat()
    };
    let (protocol, kind) = (Protocol::Envelopes, "application/proto");
    let framing = Framing::of(AnswerKind::Opaque, Some(kind), protocol, true);
    assert_eq!(framing, Framing::Whole(kind.into()));
    let mut rewriter = Rewriter::new(
        protocol,
        framing.clone(),
        Words::swap("secret", "[longer than it]"),
    );
    let wire = field("a secret.");
    let (one, two) = wire.split_at(5);
    for piece in [one, two] {
        assert!(
            rewriter
                .push(Bytes::copy_from_slice(piece))
                .unwrap()
                .is_empty()
        );
    }
    assert_eq!(
        rewriter.end().unwrap().concat(),
        field("a [longer than it].")
    );
    let mut rewriter = Rewriter::new(protocol, framing, Words::stop("secret"));
    assert!(rewriter.push(Bytes::from(wire)).unwrap().is_empty());
    assert!(rewriter.end().unwrap().is_empty() && rewriter.stopped());
}
