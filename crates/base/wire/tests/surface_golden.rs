//! Golden conversations of the surfaces: invented texts in the shapes that are publicly known, and
//! what must be found in them, wherever the stream is cut.
#![allow(clippy::unwrap_used, reason = "helpers of tests may stop them")]

#[path = "surface/fixture.rs"]
mod surface_fixture;

use std::collections::BTreeMap;

use proptest::prelude::*;
use surface_fixture::{Answer, Case, cases};
use tidegate_types::UsageSource;
use tidegate_wire::surface::{Meter, Piece, Surface};

/// Text by channel: what counts, and what does not.
#[derive(Debug, Default, PartialEq)]
struct Texts {
    counted: BTreeMap<String, String>,
    uncounted: BTreeMap<String, String>,
    pieces: usize,
}

impl Texts {
    fn take(&mut self, piece: &Piece<'_>) {
        let texts = if piece.counted {
            &mut self.counted
        } else {
            &mut self.uncounted
        };
        let text = texts.entry(piece.channel.to_string()).or_default();
        text.push_str(&piece.text);
        self.pieces += 1;
    }
}

fn run(mut meter: Meter, body: &[u8], cuts: &[usize]) -> (Meter, Texts) {
    let mut texts = Texts::default();
    let mut from = 0;
    for &cut in cuts.iter().chain([&body.len()]) {
        meter.push_each(&body[from..cut], &mut |piece| texts.take(&piece));
        from = cut;
    }
    meter.end_each(&mut |piece| texts.take(&piece));
    (meter, texts)
}

fn check_answer(name: &str, expected: &Answer, meter: &Meter, texts: &Texts) {
    assert_eq!(texts.counted, expected.texts, "{name}");
    assert_eq!(texts.uncounted, expected.uncounted, "{name}");
    assert_eq!(meter.model(), expected.model.as_deref(), "{name}");
    let estimate = meter.usage();
    assert_eq!(estimate.output_chars, expected.chars, "{name}");
    let flags = (
        meter.finished(),
        meter.failed(),
        meter.moved(),
        meter.unknown(),
    );
    let wanted = (expected.finished, expected.failed, expected.moved, false);
    assert_eq!(flags, wanted, "{name}: finished, failed, moved, unknown");
    assert!(!meter.cut(), "{name}");
    let usage = estimate.usage();
    match expected.usage {
        Some(wanted) => {
            let found = (usage.input, usage.cached, usage.output);
            assert_eq!(
                found,
                (wanted.input, wanted.cached, wanted.output),
                "{name}"
            );
            assert_eq!(usage.source, UsageSource::Reported, "{name}");
        }
        None => {
            assert_eq!(usage.source, UsageSource::Estimated, "{name}");
            let bytes: usize = expected.texts.values().map(String::len).sum();
            assert_eq!(usage.output, (bytes as u64).div_ceil(3), "{name}");
        }
    }
}

#[test]
fn every_fixture_reads_as_expected() {
    for case in cases() {
        let Case {
            name,
            expected,
            request,
            answer,
        } = &case;
        let surface = case.surface();
        assert_eq!(surface.name(), expected.surface, "{name}");
        let prompt = surface.request(&expected.request_type, request).unwrap();
        assert_eq!(prompt.model, expected.prompt.model, "{name}");
        assert_eq!(prompt.chars(), expected.prompt.chars, "{name}");
        assert_eq!(prompt.bytes, request.len(), "{name}");
        let pieces: Vec<_> = prompt
            .text
            .iter()
            .map(|piece| {
                let text = piece.text.clone().into_owned();
                (piece.channel.to_string(), text, piece.counted)
            })
            .collect();
        assert_eq!(pieces, expected.prompt.pieces, "{name}");

        let meter = surface.meter(&expected.answer_type).with_prompt(&prompt);
        let (meter, texts) = run(meter, answer, &[]);
        assert_eq!(meter.usage().input_chars, prompt.chars(), "{name}");
        check_answer(name, &expected.answer, &meter, &texts);
    }
}

#[test]
fn spans_hold_the_pieces_they_name() {
    let mut spans = 0;
    for case in cases() {
        let prompt = case.surface();
        let prompt = prompt.request(&case.expected.request_type, &case.request);
        for piece in prompt.unwrap().text {
            let Some(span) = piece.span else { continue };
            let raw = &case.request[span];
            let text = match raw.first() {
                Some(b'"') => serde_json::from_slice(raw).unwrap(),
                _ => String::from_utf8(raw.to_vec()).unwrap(),
            };
            assert_eq!(text, piece.text, "{}", case.name);
            spans += 1;
        }
    }
    assert!(spans >= 12, "{spans}");
}

/// A request that is a stream of its own, metered as it passes, says what the whole one says.
#[test]
fn an_upload_is_metered_as_the_request_is_read() {
    let mut streams = 0;
    for case in cases() {
        let surface = case.surface();
        if !matches!(surface, Surface::Cursor(_)) {
            continue;
        }
        let kind = &case.expected.request_type;
        let prompt = surface.request(kind, &case.request).unwrap();
        let (meter, texts) = run(surface.upload_meter(kind), &case.request, &[3, 9]);
        assert_eq!(meter.usage().input_chars, prompt.chars(), "{}", case.name);
        assert_eq!(meter.usage().output_chars, 0);
        assert_eq!(meter.model(), prompt.model.as_deref());
        assert_eq!(texts.pieces, prompt.text.len());
        streams += 1;
    }
    assert_eq!(streams, 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn cuts_change_nothing(places in proptest::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        for case in cases() {
            let mut cuts: Vec<_> =
                places.iter().map(|place| place.index(case.answer.len() + 1)).collect();
            cuts.sort_unstable();
            let surface = case.surface();
            let make = || surface.meter(&case.expected.answer_type);
            let (whole, once) = run(make(), &case.answer, &[]);
            let (meter, texts) = run(make(), &case.answer, &cuts);
            prop_assert_eq!(&texts, &once);
            prop_assert_eq!(meter.usage(), whole.usage());
            check_answer(&case.name, &case.expected.answer, &meter, &texts);
        }
    }
}
