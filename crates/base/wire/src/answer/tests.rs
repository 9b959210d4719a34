//! The meter's edges: odd event syntax, errors, partial reports, bounds.

use bytes::Bytes;
use tidegate_types::{ServiceTier, UsageSource};

use super::*;
use crate::Operation as Op;

fn meter(op: Op, kind: AnswerKind, answer: &str) -> Meter {
    let mut meter = Meter::new(op, kind, false);
    let chunk = Bytes::copy_from_slice(answer.as_bytes());
    let out = meter.push(chunk.clone());
    assert_eq!(out.len(), 1);
    assert_eq!(
        out[0].as_ptr(),
        chunk.as_ptr(),
        "the very chunk is passed on"
    );
    meter
}

fn hide(chunks: &[&str]) -> String {
    let mut meter = Meter::new(Op::ChatCompletions, AnswerKind::Sse, true);
    let mut out = String::new();
    let mut add = |parts: Forward| {
        for part in parts {
            out.push_str(&String::from_utf8_lossy(&part));
        }
    };
    for chunk in chunks {
        add(meter.push(Bytes::copy_from_slice(chunk.as_bytes())));
    }
    add(meter.end());
    out
}

#[test]
fn kinds_follow_the_content_type() {
    for (text, kind) in [
        ("text/event-stream; charset=utf-8", AnswerKind::Sse),
        ("Text/Event-Stream", AnswerKind::Sse),
        ("application/json", AnswerKind::Json),
        ("application/problem+JSON ; x=y", AnswerKind::Json),
        (
            "application/vnd.amazon.eventstream",
            AnswerKind::EventStream,
        ),
        ("audio/mpeg", AnswerKind::Opaque),
        ("", AnswerKind::Opaque),
        ("é+json", AnswerKind::Json),
    ] {
        assert_eq!(AnswerKind::of(text), kind, "{text}");
    }
    assert_eq!(AnswerKind::of_answer(None, true), AnswerKind::Sse);
    assert_eq!(AnswerKind::of_answer(None, false), AnswerKind::Json);
}

const REPORT: &str = r#"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#;

#[test]
fn events_are_read_as_the_standard_says() {
    let long = REPORT.replace(',', "\ndata: ,");
    for stream in [
        format!("data: {REPORT}\n\n"),
        format!("data:{REPORT}\n\n"),
        format!("\u{feff}data: {REPORT}\n\n"),
        format!(": comment\nid: 1\nretry: 5\nevent: x\ndata: {REPORT}\r\n\r\n"),
        format!("data: {REPORT}\r\r"),
        format!("data: {}\n\n", long.replace("data: ,", "data:,")),
        format!("data\ndata: {REPORT}\n\n"),
    ] {
        let meter = meter(Op::ChatCompletions, AnswerKind::Sse, &stream);
        assert_eq!(meter.events(), 1, "{stream:?}");
        assert_eq!(
            meter.usage().map(|usage| usage.output),
            Some(2),
            "{stream:?}"
        );
    }
    for stream in [
        format!("dataX: {REPORT}\n\n"),
        format!("  data: {REPORT}\n\n"),
        String::new(),
    ] {
        let meter = meter(Op::ChatCompletions, AnswerKind::Sse, &stream);
        assert_eq!((meter.events(), meter.usage()), (0, None), "{stream:?}");
    }
}

#[test]
fn errors_are_seen() {
    for (op, event) in [
        (Op::ChatCompletions, r#"{"error":{"message":"x"}}"#),
        (
            Op::Messages,
            r#"{"type":"error","error":{"type":"overloaded_error"}}"#,
        ),
        (
            Op::Responses,
            r#"{"type":"error","code":"server_error","message":"x"}"#,
        ),
        (
            Op::Responses,
            r#"{"type":"response.failed","response":{"error":{"code":"x"}}}"#,
        ),
        (Op::StreamGenerateContent, r#"{"error":{"code":503}}"#),
    ] {
        let answer = format!("data: {event}\n\n");
        assert!(meter(op, AnswerKind::Sse, &answer).error_event(), "{event}");
        assert!(meter(op, AnswerKind::Sse, &answer).events() == 1);
    }
    let fine = r#"{"error":null,"choices":[{"message":{"content":"error"}}]}"#;
    assert!(!meter(Op::ChatCompletions, AnswerKind::Json, fine).error_event());
}

#[test]
fn a_first_report_is_partial() {
    let start = r#"{"type":"message_start","message":{"model":"c","usage":{"input_tokens":7,"output_tokens":1}}}"#;
    let meter = meter(Op::Messages, AnswerKind::Sse, &format!("data: {start}\n\n"));
    let usage = meter.usage().unwrap();
    assert_eq!(
        (usage.input, usage.output, usage.source),
        (7, 1, UsageSource::Partial)
    );
    assert!(!meter.finished());
    assert_eq!(meter.served_model(), Some("c"));
}

#[test]
fn a_terminal_event_of_any_size_is_read() {
    let bulk = "x\\\"y".repeat(700_000);
    let answer = format!(
        r#"{{"type":"response.completed","response":{{"instructions":"{bulk}","model":"m","usage":{{"input_tokens":3,"output_tokens":4}}}}}}"#
    );
    let meter = meter(
        Op::Responses,
        AnswerKind::Sse,
        &format!("data: {answer}\n\n"),
    );
    let usage = meter.usage().unwrap();
    assert_eq!(
        (usage.input, usage.output, usage.source),
        (3, 4, UsageSource::Reported)
    );
}

#[test]
fn a_report_beyond_any_bound_is_let_go() {
    let bulk = "1,".repeat(200_000);
    let answer = format!(r#"{{"usage":{{"x":[{bulk}1]}},"model":"m"}}"#);
    let meter = meter(Op::ChatCompletions, AnswerKind::Json, &answer);
    assert_eq!((meter.usage(), meter.served_model()), (None, Some("m")));
    assert!(meter.finished());
}

#[test]
fn numbers_that_make_no_sense_do_no_harm() {
    let odd = r#"{"usage":{"prompt_tokens":-5,"completion_tokens":1e300,"total_tokens":18446744073709551615,
        "prompt_tokens_details":{"cached_tokens":99},"completion_tokens_details":"x"}}"#;
    let usage = meter(Op::ChatCompletions, AnswerKind::Json, odd)
        .usage()
        .unwrap();
    assert_eq!((usage.input, usage.cached, usage.output), (0, 0, u64::MAX));
}

#[test]
fn sound_is_measured_in_seconds() {
    let answer = r#"{"text":"x","usage":{"type":"duration","seconds":12.5}}"#;
    let meter = meter(Op::AudioTranscriptions, AnswerKind::Json, answer);
    assert_eq!(
        (meter.usage(), meter.sound()),
        (None, Some(Duration::from_millis(12_500)))
    );
}

#[test]
fn the_tier_follows_the_answer() {
    let fast = r#"{"usage":{"input_tokens":1,"output_tokens":1,"service_tier":"standard","speed":"fast"}}"#;
    let usage = meter(Op::Messages, AnswerKind::Json, fast).usage().unwrap();
    assert_eq!(usage.tier, ServiceTier::Priority);
}

#[test]
fn hiding_holds_no_more_than_the_event_at_hand() {
    let mut meter = Meter::new(Op::ChatCompletions, AnswerKind::Sse, true);
    let chunk = Bytes::from_static(b"data: {\"a\":1}\n\ndata: {\"b\":");
    let out = meter.push(chunk.clone());
    assert_eq!(out.as_slice(), [chunk.slice(..15)]);
    assert_eq!(out[0].as_ptr(), chunk.as_ptr());
    let rest = Bytes::from_static(b"2}\n\n");
    assert_eq!(
        meter.push(rest.clone()).as_slice(),
        [chunk.slice(15..), rest]
    );
    assert!(meter.end().is_empty());
}

#[test]
fn only_what_was_not_asked_for_is_hidden() {
    for same in [
        "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"\\\"usage\\\":null\"}}]}\n\n",
        "data: {\"choices\":[{\"x\":1}],\"usage\":{\"prompt_tokens\":1}}\n\n",
        "data: {\"choices\":[],\"usage\":{}}",
        ": \"usage\"\n\n",
        "data: [DONE]\n\n",
        "data: {broken \"usage\":null\n\n",
    ] {
        assert_eq!(hide(&[same]), same);
    }
    for (before, after) in [
        ("data: {\"usage\":null}\n\n", "data: {}\n\n"),
        (
            "data: {\"usage\": null ,\"a\":1}\n\n",
            "data: {\"a\":1}\n\n",
        ),
        (
            "data: {\"a\":1 , \"usage\":null,\"b\":2}\n\n",
            "data: {\"a\":1,\"b\":2}\n\n",
        ),
        (
            "id: 1\ndata:{\"a\":1,\"usage\":null}\n\n",
            "id: 1\ndata:{\"a\":1}\n\n",
        ),
        (
            "data: {\"usage\":{\"x\":1},\"choices\":[ ]}\n\nx: y\n\n",
            "x: y\n\n",
        ),
    ] {
        assert_eq!(hide(&[before]), after);
    }
    let (head, tail) = (
        "data: {\"choices\":[],\"usage\":{}}\r\n\r",
        "\ndata: 1\r\n\r\n",
    );
    assert_eq!(hide(&[head, tail]), "data: 1\r\n\r\n");
}

#[test]
fn an_endless_event_is_passed_on() {
    let part = "x".repeat(600_000);
    let parts = [
        "data: ",
        &part,
        &part,
        "\r",
        "\nid: 1\r\n\r\n",
        "data: {\"usage\":null}\n\n",
    ];
    let expected = parts[..5].concat() + "data: {}\n\n";
    assert_eq!(hide(&parts), expected);
}

/// Realtime: the usage of the response that is over counts, not that of a transcription beside it; before it is over,
/// sound weighs by its length and not by its letters.
#[test]
fn a_sessions_response_is_metered_by_its_own_last_event() {
    let mut meter = Meter::new(Operation::Realtime, AnswerKind::Sse, false);
    let sound = "A".repeat(6_400);
    for event in [
        r#"{"type":"response.created","response":{"id":"r","usage":null}}"#.to_owned(),
        r#"{"type":"response.output_audio_transcript.delta","delta":"nine bytes"}"#.to_owned(),
        format!(r#"{{"delta":"{sound}","type":"response.output_audio.delta"}}"#),
        r#"{"type":"conversation.item.input_audio_transcription.completed","usage":{"input_tokens":9}}"#.to_owned(),
    ] {
        meter.push(format!("data: {event}\n\n").into());
    }
    assert_eq!((meter.usage(), meter.finished()), (None, false));
    assert_eq!(meter.content_bytes(), 10 + 6_400 / 170);
    let done = r#"{"type":"response.done","response":{"id":"r","usage":{"input_tokens":130,"output_tokens":50,
        "input_token_details":{"text_tokens":100,"audio_tokens":30,"cached_tokens":40,
            "cached_tokens_details":{"text_tokens":20,"audio_tokens":20}},
        "output_token_details":{"text_tokens":20,"audio_tokens":30}}}}"#;
    meter.push(format!("data: {}\n\n", done.replace('\n', " ")).into());
    let usage = meter.usage().unwrap();
    assert!(meter.finished());
    assert_eq!(
        (
            usage.input,
            usage.cached,
            usage.input_audio,
            usage.output,
            usage.output_audio
        ),
        (80, 40, 10, 20, 30)
    );
    assert_eq!(usage.source, UsageSource::Reported);
}

fn message(kind: eventstream::Kind, name: &str, payload: &str) -> Vec<u8> {
    let mut out = Vec::new();
    eventstream::write(&mut out, kind, name, payload.as_bytes());
    out
}

fn messages(op: Op, bytes: Vec<u8>) -> Meter {
    let mut meter = Meter::new(op, AnswerKind::EventStream, false);
    drop(meter.push(Bytes::from(bytes)));
    meter
}

#[test]
fn a_stream_of_messages_that_fails_is_an_error_and_not_over() {
    use eventstream::Kind;
    let text = r#"{"contentBlockIndex":0,"delta":{"text":"heron"}}"#;
    let mut stream = message(Kind::Event, "contentBlockDelta", text);
    let failed = message(
        Kind::Exception,
        "throttlingException",
        r#"{"message":"text"}"#,
    );
    stream.extend(&failed);
    let meter = messages(Op::ConverseStream, stream.clone());
    assert!(meter.error_event() && !meter.finished());
    assert_eq!((meter.content_bytes(), meter.events()), (5, 2));
    assert_eq!(meter.usage(), None);
    // Nothing is read after a damaged message.
    let mut damaged = stream;
    damaged[30] ^= 1;
    let meter = messages(Op::ConverseStream, damaged);
    assert!(meter.error_event());
    assert_eq!(meter.events(), 0);
}

#[test]
fn a_models_own_answer_is_read_in_its_makers_words() {
    for (answer, input, output) in [
        (r#"{"usage":{"input_tokens":3,"output_tokens":4}}"#, 3, 4),
        (
            r#"{"usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7}}"#,
            3,
            4,
        ),
        (
            r#"{"usage":{"prompt_tokens":3,"completion_tokens":4}}"#,
            3,
            4,
        ),
    ] {
        let meter = meter(Op::InvokeModel, AnswerKind::Json, answer);
        let usage = meter.usage().unwrap();
        assert_eq!((usage.input, usage.output), (input, output), "{answer}");
        assert_eq!(usage.source, UsageSource::Reported);
    }
    // What is not known is estimated, and not free.
    let strange = r#"{"generation":"heron","usage":{"tokens":9}}"#;
    let meter = meter(Op::InvokeModel, AnswerKind::Json, strange);
    assert_eq!(meter.usage(), None);
    assert_eq!(meter.content_bytes(), 5);
}
