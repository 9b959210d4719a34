//! What no fixture has: odd shapes, long ones, and noise. Nothing panics, everything is bounded,
//! and what is not known is said to be so.
#![allow(clippy::unwrap_used, reason = "helpers of tests may stop them")]

#[path = "surface/fixture.rs"]
mod fixture;

use proptest::prelude::*;
use tidegate_types::UsageSource;
use tidegate_wire::{
    fuzzing::SURFACES,
    surface::{HELD, Meter, Service, Surface},
};

const TYPES: [&str; 6] = [
    "",
    "application/connect+proto",
    "application/grpc-web+proto",
    "application/json",
    "application/proto",
    "text/event-stream",
];
const CHAT: Surface = Surface::Cursor(Service::Chat);
const CONNECT: &str = "application/connect+proto";

fn all(mut meter: Meter, body: &[u8], step: usize) -> (Meter, Vec<String>) {
    let mut pieces = Vec::new();
    for part in body.chunks(step.max(1)) {
        meter.push_each(part, &mut |piece| pieces.push(format!("{piece:?}")));
    }
    meter.end_each(&mut |piece| pieces.push(format!("{piece:?}")));
    (meter, pieces)
}

fn facts(meter: &Meter) -> impl PartialEq + std::fmt::Debug {
    (
        meter.usage(),
        meter.model().map(str::to_owned),
        (meter.finished(), meter.failed(), meter.moved()),
        (meter.cut(), meter.unknown()),
    )
}

fn frame(flags: u8, message: &[u8]) -> Vec<u8> {
    let mut out = vec![flags];
    out.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    out.extend_from_slice(message);
    out
}

#[test]
fn what_is_not_known_is_said_to_be_so() {
    let page = b"<!doctype html><title>Just a moment</title>";
    for surface in SURFACES {
        for kind in TYPES {
            let (meter, pieces) = all(surface.meter(kind), page, 5);
            assert!(meter.unknown(), "{surface:?} {kind}");
            assert!(pieces.is_empty() && !meter.finished());
            assert_eq!(surface.request(kind, page), None, "{surface:?} {kind}");
        }
    }
    let silent = Surface::ChatgptWeb.meter("text/event-stream");
    assert!(!silent.unknown());
    let other = b"data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\ndata: {\"v\":3}\n\n";
    for surface in [Surface::ChatgptWeb, Surface::ClaudeWeb] {
        let (meter, _) = all(surface.meter("text/event-stream"), other, 9);
        assert!(meter.unknown(), "{surface:?}");
    }
    for body in [
        &b"{}"[..],
        b"[]",
        b"{\"messages\":{}}",
        b"{\"prompt\":5}",
        b"{\"prompt\":\"a\"} x",
    ] {
        assert_eq!(Surface::ChatgptWeb.request("application/json", body), None);
        assert_eq!(Surface::ClaudeWeb.request("application/json", body), None);
    }
    let prompt = b"{\"prompt\":\"a\"}";
    assert_eq!(Surface::ClaudeWeb.request("text/plain", prompt), None);
}

#[test]
fn half_a_surrogate_pair_is_text_nonetheless() {
    let body = br#"{"prompt":"cut \ud83d"}"#;
    let prompt = Surface::ClaudeWeb
        .request("application/json", body)
        .unwrap();
    assert_eq!(prompt.text[0].text, r"cut \ud83d");
}

#[test]
fn a_message_that_is_rewritten_counts_as_new() {
    let message = |text: &str| {
        format!(
            "data: {{\"message\":{{\"id\":\"a\",\"author\":{{\"role\":\"assistant\"}},\"content\":\
             {{\"content_type\":\"text\",\"parts\":[\"{text}\"]}},\"status\":\"in_progress\"}}}}\n\n"
        )
    };
    let stream = [
        message("one"),
        message("one two"),
        message("three"),
        message("three"),
    ]
    .concat();
    let (meter, pieces) = all(
        Surface::ChatgptWeb.meter("text/event-stream"),
        stream.as_bytes(),
        7,
    );
    assert_eq!(meter.usage().output_chars, "one two".len() as u64 + 5);
    assert_eq!(pieces.len(), 3);
    assert!(!meter.finished() && !meter.unknown());
}

/// A value without a path goes on where the last patch ended; after a list, with the text.
#[test]
fn patches_without_a_path_go_where_the_last_one_went() {
    let stream = br#"
data: {"p":"/message/content/parts/0","o":"append","v":"a"}

data: {"p":"/message/metadata/x","o":"append","v":"no"}

data: {"v":"no"}

data: {"v":[{"p":"/message/status","o":"replace","v":"in_progress"}]}

data: {"v":"b"}

data: {"p":"/message/content/parts/0","o":"replace","v":"abc"}

data: {"p":"/message/content/content_type","o":"replace","v":"no"}

"#;
    let (meter, pieces) = all(Surface::ChatgptWeb.meter("text/event-stream"), stream, 13);
    assert_eq!(meter.usage().output_chars, 3);
    assert_eq!(pieces.len(), 3, "{pieces:?}");
}

#[test]
fn a_report_that_was_only_begun_is_completed_by_the_estimate() {
    let stream = b"data: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":\
        {\"input_tokens\":50,\"output_tokens\":1}}}\n\ndata: {\"type\":\"content_block_delta\",\
        \"delta\":{\"type\":\"text_delta\",\"text\":\"twelve bytes\"}}\n\n";
    let (meter, _) = all(Surface::ClaudeWeb.meter("text/event-stream"), stream, 11);
    let usage = meter.usage().usage();
    assert_eq!((usage.input, usage.output), (50, 4));
    assert_eq!(usage.source, UsageSource::Partial);
}

#[test]
fn what_is_too_long_is_passed_over_and_said_to_be_cut() {
    let mut stream = frame(0, &vec![b'a'; HELD + 1]);
    stream.extend(frame(0, b"\x0a\x05after"));
    let (meter, pieces) = all(CHAT.meter(CONNECT), &stream, 50_000);
    assert!(meter.cut() && !meter.unknown());
    assert_eq!(meter.usage().output_chars, 5);
    assert_eq!(pieces.len(), 1);

    let (meter, _) = all(CHAT.meter("application/proto"), &stream, 50_000);
    assert!(meter.cut() && meter.unknown());
    let event = format!("data: \"{}\"\n\ndata: [DONE]\n\n", "x".repeat(HELD));
    let (meter, _) = all(
        Surface::ChatgptWeb.meter("text/event-stream"),
        event.as_bytes(),
        1_000,
    );
    assert!(meter.cut() && meter.finished());
}

/// A text of 64 MiB that is compressed to 64 KiB.
#[test]
fn a_bomb_is_read_to_the_bound_only() {
    let mut message = b"\x0a\x80\x80\x80\x20".to_vec();
    message.resize(64 * 1024 * 1024, b' ');
    let bomb = frame(1, &fixture::gzip(&message));
    assert!(bomb.len() < HELD);
    let (meter, _) = all(CHAT.meter(CONNECT), &bomb, 1_000);
    assert!(meter.cut() && meter.usage().output_chars <= HELD as u64);
    let prompt = CHAT.request(CONNECT, &bomb).unwrap();
    assert!(prompt.cut && prompt.chars() <= 4 * 1024 * 1024);
    // Many bombs share one bound.
    let prompt = bomb.repeat(40);
    assert!(CHAT.request(CONNECT, &prompt).unwrap().cut);
}

#[test]
fn more_pieces_than_are_kept_are_counted() {
    let parts = vec!["\"ab\""; 10_000].join(",");
    let body =
        format!("{{\"action\":\"next\",\"messages\":[{{\"content\":{{\"parts\":[{parts}]}}}}]}}");
    let prompt = Surface::ChatgptWeb
        .request("application/json", body.as_bytes())
        .unwrap();
    assert!(prompt.cut && prompt.text.len() < 5_000);
    assert_eq!(prompt.chars(), 20_000);
}

/// The agent's field numbers are hints: where none of them is met, every text counts.
#[test]
fn an_answer_in_fields_that_are_not_known_is_counted_still() {
    let agent = Surface::Cursor(Service::Agent);
    let stream = frame(0, b"\x4a\x0a\x0a\x08new text");
    let (meter, pieces) = all(agent.meter(CONNECT), &stream, 4);
    assert_eq!(meter.usage().output_chars, 8);
    assert!(pieces[0].contains("new text"));
}

/// The run's request stays open while the answer comes: its beginning is enough.
#[test]
fn a_request_that_goes_on_is_read_as_far_as_it_came() {
    let mut body = frame(0, b"\x0a\x05first");
    body.extend(&frame(0, b"\x0a\x06second")[..7]);
    let prompt = CHAT.request(CONNECT, &body).unwrap();
    assert_eq!(prompt.text.len(), 1);
    assert_eq!(prompt.text[0].span, Some(7..12));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn noise_never_panics_and_cuts_change_nothing(
        bytes in proptest::collection::vec(prop_oneof![
            3 => any::<u8>(),
            2 => proptest::sample::select(b"\x00\x01\x02\x05\x08\x0a\x12\x1a\x22 {}[]\":,\nadtevop".to_vec()),
        ], 0..400),
        step in 1_usize..50,
        surface in 0..SURFACES.len(),
        kind in 0..TYPES.len(),
    ) {
        let (surface, kind) = (SURFACES[surface], TYPES[kind]);
        if let Some(prompt) = surface.request(kind, &bytes) {
            prop_assert_eq!(prompt.bytes, bytes.len());
        }
        for make in [Surface::meter, Surface::upload_meter] {
            let (whole, once) = all(make(surface, kind), &bytes, bytes.len());
            let (meter, pieces) = all(make(surface, kind), &bytes, step);
            prop_assert_eq!(once, pieces);
            prop_assert!(facts(&whole) == facts(&meter));
        }
    }

    #[test]
    fn damaged_fixtures_never_panic(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        length in any::<prop::sample::Index>(),
        step in 1_usize..90,
    ) {
        for case in fixture::cases() {
            let surface = case.surface();
            let spoil = |body: &[u8]| {
                let mut body = body.to_vec();
                for (at, byte) in &damage {
                    let at = at.index(body.len());
                    body[at] = *byte;
                }
                body.truncate(length.index(body.len()) + 1);
                body
            };
            let request = spoil(&case.request);
            if let Some(prompt) = surface.request(&case.expected.request_type, &request) {
                for piece in prompt.text {
                    prop_assert!(piece.span.is_none_or(|span| span.end <= request.len()));
                }
            }
            let answer = spoil(&case.answer);
            let kind = &case.expected.answer_type;
            let (whole, once) = all(surface.meter(kind), &answer, answer.len());
            let (meter, pieces) = all(surface.meter(kind), &answer, step);
            prop_assert_eq!(once, pieces);
            prop_assert!(facts(&whole) == facts(&meter));
        }
    }
}
