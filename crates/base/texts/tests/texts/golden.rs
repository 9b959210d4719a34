//! Streams as they come from the wire, and exactly what becomes of them.

use bytes::Bytes;
use tidegate_texts::{
    Fault, Limits, Protocol,
    channel::{Channel, Kind},
    fuzzing::Words,
    stream::{Framing, Rewriter},
    watch::{Edit, Watch, Watcher},
};
use tidegate_wire::answer::{AnswerKind, Forward};

fn joined(pieces: Forward) -> String {
    let bytes: Vec<u8> = pieces.iter().flatten().copied().collect();
    String::from_utf8(bytes).unwrap()
}

fn run(protocol: Protocol, framing: Framing, wire: &str, words: Words) -> String {
    let mut rewriter = Rewriter::new(protocol, framing, words);
    let mut out = joined(rewriter.push(Bytes::from(wire.to_owned())).unwrap());
    out += &joined(rewriter.end().unwrap());
    out
}

fn swapped(protocol: Protocol, wire: &str) -> String {
    run(protocol, Framing::Sse, wire, Words::swap("secret", "[S]"))
}

fn chat(index: u32, text: &str) -> String {
    format!(
        "data: {{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n"
    )
}

#[test]
fn the_odd_corners_of_events_stay() {
    let wire = "\u{feff}: hello\r\nevent: x\r\nid: 7\r\ndata: {\"choices\":[{\"delta\":\r\ndata:{\"content\":\"a se\"}}]}\r\n\r\n\
        retry: 5\r\rdata\r\rdata:{\"choices\":[{\"delta\":{\"content\":\"cret b\"},\"finish_reason\":\"stop\"}]}\n\n\
        event: new\ndata: {\"news\":\"a secret\"}\n\ndata: no json, secret\n\ndata: [DONE]";
    let expected = wire
        .replace("a se\"", "a [S]\"")
        .replace("cret b", " b")
        .replace("a secret\"", "a [S]\"")
        .replace("json, secret", "json, [S]");
    assert_eq!(swapped(Protocol::Chat, wire), expected);
}

#[test]
fn texts_of_choices_and_calls_do_not_mix() {
    let wire = [
        chat(0, "se"),
        chat(1, "cret"),
        chat(0, "crab"),
        chat(1, "-se"),
        chat(1, "cret"),
    ];
    let expected = [
        chat(0, "se"),
        chat(1, "cret"),
        chat(0, "crab"),
        chat(1, "-[S]"),
        chat(1, ""),
    ];
    assert_eq!(swapped(Protocol::Chat, &wire.concat()), expected.concat());
    let call = |index: u32, piece: &str| {
        format!(
            "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"tool_calls\":[{{\"function\":{{\"arguments\":\"{piece}\"}},\"index\":{index}}}]}}}}]}}\n\n"
        )
    };
    let wire = [
        call(0, r#"{\"a\":\"se"#),
        call(1, r#"{\"a\":\"cr"#),
        call(0, r#"cret\"}"#),
        call(1, r#"et\"}"#),
    ];
    let expected = [
        call(0, r#"{\"a\":\"[S]"#),
        call(1, r#"{\"a\":\"cr"#),
        call(0, r#"\"}"#),
        call(1, r#"et\"}"#),
    ];
    assert_eq!(swapped(Protocol::Chat, &wire.concat()), expected.concat());
}

#[test]
fn a_frame_leaves_when_its_texts_are_decided_and_in_order() {
    let mut rewriter = Rewriter::new(Protocol::Chat, Framing::Sse, Words::swap("secret", "[S]"));
    let mut push = |text: String| joined(rewriter.push(Bytes::from(text)).unwrap());
    assert_eq!(push(chat(0, "a")), chat(0, "a"));
    assert_eq!(push(chat(0, "b sec")), "");
    assert_eq!(push(chat(1, "free")), "");
    assert_eq!(push(": ping\n\n".to_owned()), "");
    let rest = [
        chat(0, "b sec"),
        chat(1, "free"),
        ": ping\n\n".to_owned(),
        chat(0, "tor"),
    ];
    assert_eq!(push(chat(0, "tor")), rest.concat());
    assert_eq!(push(chat(0, "s")), "");
    // The choice is over, so nothing waits for more of it.
    let last = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    assert_eq!(push(last.to_owned()), chat(0, "s") + last);
    assert!(!rewriter.holds());
}

#[test]
fn what_is_unchanged_leaves_without_a_copy() {
    let wire = Bytes::from([chat(0, "a"), chat(0, "b"), chat(0, "c")].concat());
    let mut rewriter = Rewriter::new(Protocol::Chat, Framing::Sse, Words::none("secret"));
    let out = rewriter.push(wire.clone()).unwrap();
    assert_eq!((out.len(), out[0].as_ptr()), (1, wire.as_ptr()));
}

#[test]
fn blocks_end_and_thinking_is_marked() {
    let event = |event: &str| format!("event: x\ndata: {event}\n\n");
    let start = event(
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
    );
    let think = event(
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"a secret"}}"#,
    );
    let sign = event(
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2VjcmV0"}}"#,
    );
    let stop = event(r#"{"type":"content_block_stop","index":0}"#);
    let cite = event(
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"secret quote"}}}"#,
    );
    let words = Words::swap("secret", "[S]");
    let mut rewriter = Rewriter::new(Protocol::Anthropic, Framing::Sse, words.clone());
    let wire = [start, think, sign, stop, cite].concat();
    let out = joined(rewriter.push(Bytes::from(wire.clone())).unwrap());
    assert_eq!(
        out,
        wire.replace("a secret", "a [S]")
            .replace("secret quote", "[S] quote")
    );
    assert_eq!(rewriter.report().signed_edits, 1);
    let kinds: Vec<_> = words
        .texts()
        .iter()
        .map(|(c, _)| (c.kind, c.signed))
        .collect();
    assert_eq!(kinds, [(Kind::Reasoning, true), (Kind::Citation, false)]);
}

#[test]
fn gemini_calls_and_thoughts_are_texts_of_their_own() {
    let wire = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a se\",\"thought\":true},{\"text\":\"cret\"}]}},{\"index\":1,\"content\":{\"parts\":[{\"text\":\"se\"}]}}]}\n\n\
        data: {\"candidates\":[{\"content\":{\"parts\":[{\"thought\":true,\"text\":\"cret\"},{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\":[\"\\u0073ecret\"]}}}]},\"finishReason\":\"STOP\"}]}\n\n";
    let expected = wire
        .replace("a se\"", "a [S]\"")
        .replace(",\"text\":\"cret\"},{\"func", ",\"text\":\"\"},{\"func")
        .replace("\\u0073ecret", "[S]");
    assert_eq!(swapped(Protocol::Gemini, wire), expected);
}

#[test]
fn a_body_in_one_piece_waits_for_its_end() {
    let framing = Framing::of(
        AnswerKind::Json,
        Some("application/json"),
        Protocol::Chat,
        false,
    );
    let mut rewriter = Rewriter::new(Protocol::Chat, framing, Words::swap("secret", "[S]"));
    let wire = "{\"choices\":[{\"message\":{\"content\":\"the secret\"}}]}";
    let (first, last) = wire.split_at(40);
    assert_eq!(joined(rewriter.push(Bytes::from(first)).unwrap()), "");
    assert!(rewriter.holds());
    assert_eq!(joined(rewriter.push(Bytes::from(last)).unwrap()), "");
    assert_eq!(
        joined(rewriter.end().unwrap()),
        wire.replace("secret", "[S]")
    );
    let lines = "{\"generation\":\"se\"}\n{\"generation\":\"cret\"}\n";
    let out = run(
        Protocol::Anthropic,
        Framing::Lines,
        lines,
        Words::swap("secret", "[S]"),
    );
    assert_eq!(out, "{\"generation\":\"[S]\"}\n{\"generation\":\"\"}\n");
}

#[test]
fn over_a_bound_nothing_passes_until_all_may() {
    let limits = Limits {
        frame: 200,
        held: 150,
        channels: 2,
        texts: 3,
    };
    let start = |wire: &str| {
        let words = Words::none("secret");
        let mut rewriter = Rewriter::bounded(Protocol::Chat, Framing::Sse, words, limits);
        let pushed = rewriter.push(Bytes::from(wire.to_owned()));
        (rewriter, pushed)
    };
    let held = [
        chat(0, "a"),
        chat(0, "s"),
        chat(1, "b"),
        chat(1, "c"),
        chat(1, "d"),
    ]
    .concat();
    let many = [chat(0, "s"), chat(1, "b"), chat(2, "c"), chat(3, "d")].concat();
    let long = format!("{}data: {}", chat(0, "a"), "x".repeat(300));
    let busy = format!("{}data: [\"a\",\"b\",\"c\",\"d\"]\n\n", chat(0, "a"));
    let cases = [
        (held, Fault::Held { limit: 150 }),
        (many, Fault::Channels { limit: 2 }),
        (long, Fault::Frame { limit: 200 }),
        (busy, Fault::Texts { limit: 3 }),
    ];
    for (wire, fault) in cases {
        let (mut rewriter, pushed) = start(&wire);
        assert_eq!(pushed, Err(fault));
        assert_eq!(rewriter.push(Bytes::from("x")), Err(fault));
        assert_eq!(joined(rewriter.release()), wire);
        assert_eq!(joined(rewriter.push(Bytes::from("more")).unwrap()), "more");
        assert_eq!(joined(rewriter.end().unwrap()), "");
    }
}

#[test]
fn a_message_with_a_wrong_checksum_is_a_fault() {
    let mut wire = crate::provider::message("x", &serde_json::json!({"a": "b"}));
    wire[9] ^= 1;
    let words = Words::none("secret");
    let mut rewriter = Rewriter::new(Protocol::Bedrock, Framing::EventStream, words);
    let pushed = rewriter.push(Bytes::from(wire));
    assert!(matches!(pushed, Err(Fault::Syntax { .. })));
}

#[test]
fn chatgpts_older_form_shows_no_beginning_of_the_word() {
    let event = |text: &str, status: &str| {
        format!(
            "data: {{\"message\":{{\"id\":\"a\",\"author\":{{\"role\":\"assistant\"}},\"content\":{{\"content_type\":\"text\",\"parts\":[\"{text}\"]}},\"status\":\"{status}\"}}}}\n\n"
        )
    };
    let (open, done) = ("in_progress", "finished_successfully");
    let wire = [
        event("a sec", open),
        event("a secret se", open),
        event("a secret se", done),
    ];
    let expected = [
        event("a ", open),
        event("a [S] ", open),
        event("a [S] se", done),
    ];
    let words = Words::swap("secret", "[S]");
    let out = run(Protocol::ChatgptWeb, Framing::Sse, &wire.concat(), words);
    assert_eq!(out, expected.concat());
}

#[test]
fn claudes_page_is_read_in_both_its_forms() {
    let event = |text: &str| {
        format!(
            "event: completion\r\ndata: {{\"type\":\"completion\",\"completion\":\"{text}\",\"stop_reason\":null}}\r\n\r\n"
        )
    };
    let wire = [event(" a sec"), event("ret b")].concat();
    let expected = [event(" a [S]"), event(" b")].concat();
    assert_eq!(swapped(Protocol::Anthropic, &wire), expected);
    let wire = "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_summary_delta\",\"summary\":{\"summary\":\"a secret\"}}}\n\n";
    assert_eq!(
        swapped(Protocol::Anthropic, wire),
        wire.replace("secret", "[S]")
    );
}

#[test]
fn what_cannot_be_unpacked_is_a_fault() {
    for wire in [&b"\x01\0\0\0\x03abc"[..], b"\x40\0\0\0\0"] {
        let words = Words::none("secret");
        let mut rewriter = Rewriter::new(Protocol::Envelopes, Framing::Envelopes, words);
        let pushed = rewriter.push(Bytes::from_static(wire));
        assert!(matches!(pushed, Err(Fault::Syntax { .. })), "{wire:?}");
    }
}

#[test]
fn a_rewriter_may_be_anywhere() {
    fn anywhere<T: Send + Sync>(_: &T) {}
    anywhere(&Rewriter::new(
        Protocol::Chat,
        Framing::Sse,
        Words::none("secret"),
    ));
}

#[test]
fn lines_without_choices_go_on() {
    let chat = |text: &str| {
        format!(
            "{{\"model\":\"m\",\"message\":{{\"role\":\"assistant\",\"content\":\"{text}\"}},\"done\":false}}\n"
        )
    };
    let wire = [
        chat("a sec"),
        chat("ret"),
        "{\"response\":\"se\"}\n{\"response\":\"cret\"}\n".to_owned(),
    ];
    let expected = [
        chat("a [S]"),
        chat(""),
        "{\"response\":\"[S]\"}\n{\"response\":\"\"}\n".to_owned(),
    ];
    let words = Words::swap("secret", "[S]");
    let out = run(Protocol::Chat, Framing::Lines, &wire.concat(), words);
    assert_eq!(out, expected.concat());
}

#[test]
fn framings_follow_the_content_type() {
    let of = |kind: Option<&str>, protocol, streamed| {
        let answer = AnswerKind::of_answer(kind, streamed);
        Framing::of(answer, kind, protocol, streamed)
    };
    let json = Some("application/json; charset=utf-8");
    let whole = |kind: &str| Framing::Whole(kind.into());
    let chat = Protocol::Chat;
    for (kind, protocol, streamed, framing) in [
        (Some("text/event-stream"), chat, true, Framing::Sse),
        (None, chat, true, Framing::Sse),
        (None, chat, false, whole("")),
        (json, chat, true, whole("application/json; charset=utf-8")),
        (json, Protocol::Gemini, true, Framing::Array),
        (
            json,
            Protocol::Gemini,
            false,
            whole("application/json; charset=utf-8"),
        ),
        (Some("application/x-ndjson"), chat, true, Framing::Lines),
        (
            Some("application/vnd.amazon.eventstream"),
            Protocol::Bedrock,
            true,
            Framing::EventStream,
        ),
        (
            Some("application/connect+proto"),
            Protocol::Envelopes,
            true,
            Framing::Envelopes,
        ),
        (
            Some("text/plain"),
            Protocol::Responses,
            false,
            whole("text/plain"),
        ),
        (
            Some("audio/mpeg"),
            Protocol::Responses,
            false,
            Framing::Opaque,
        ),
    ] {
        assert_eq!(
            of(kind, protocol, streamed),
            framing,
            "{kind:?} {protocol:?} {streamed}"
        );
    }
}

/// Gives a watch only to what is said, and that one breaks its promise.
struct Liar(bool);

impl Watcher for Liar {
    fn watch(&mut self, channel: Channel) -> Option<Box<dyn Watch>> {
        (channel.kind == Kind::Text).then(|| Box::new(Self(self.0)) as Box<dyn Watch>)
    }
}

impl Watch for Liar {
    fn push(&mut self, _: &str) {}

    fn finish(&mut self) {}

    fn decided(&self) -> u64 {
        2
    }

    fn edits(&mut self) -> Vec<Edit> {
        let edit = Edit {
            span: 0..3,
            with: "".into(),
        };
        if self.0 { vec![edit] } else { Vec::new() }
    }

    fn stopped(&self) -> bool {
        false
    }
}

#[test]
fn an_edit_of_what_left_is_a_fault_and_who_does_not_care_waits_for_nothing() {
    let push = |liar: bool, wire: String| {
        let mut rewriter = Rewriter::new(Protocol::Chat, Framing::Sse, Liar(liar));
        let pushed = rewriter.push(Bytes::from(wire)).map(joined);
        (pushed, rewriter.holds())
    };
    assert_eq!(push(true, chat(0, "abcd")).0, Err(Fault::Watch));
    assert_eq!(push(false, chat(0, "abcd")), (Ok(String::new()), true));
    let thought = chat(0, "abcd").replace("content", "reasoning");
    assert_eq!(push(false, thought.clone()), (Ok(thought), false));
}

#[test]
fn a_pair_of_surrogates_may_be_cut() {
    let wire = [chat(0, "a se\\ud83d"), chat(0, "\\ude00cret b")].concat();
    let words = Words::swap("se😀cret", "[S]");
    let out = run(Protocol::Chat, Framing::Sse, &wire, words);
    assert_eq!(out, [chat(0, "a [S]"), chat(0, " b")].concat());
    let words = Words::swap("nothing", "");
    assert_eq!(run(Protocol::Chat, Framing::Sse, &wire, words), wire);
}
