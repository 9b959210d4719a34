//! What streams see through, on every cut, is what is seen through in the whole text.

use std::sync::{Arc, LazyLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::super::{Depth, map::Map};
use crate::{
    Finding, Limits, Mode, Plan, Ruleset, deep::DeepStream, samples, scan::tests::is_held,
};

static SET: LazyLock<Ruleset> =
    LazyLock::new(|| Ruleset::compile(samples::rules(), &Limits::default()).unwrap());
static PLAN: LazyLock<Arc<Plan>> = LazyLock::new(|| Arc::new(Plan::all(&SET, Mode::Hold)));

fn stream() -> DeepStream {
    SET.stream_deep(Arc::clone(&PLAN), Depth::default())
}

fn whole(text: &str) -> Vec<Finding> {
    let mut scratch = SET.pool().take();
    SET.scan_deep(&PLAN, text, Depth::default(), &mut scratch).0
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn percent(text: &str, which: u8) -> String {
    let mut encoded = String::new();
    for (at, each) in (0..).zip(text.chars()) {
        if which >> (at % 8) & 1 == 0 {
            encoded.push(each);
            continue;
        }
        for byte in each.encode_utf8(&mut [0; 4]).bytes() {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn disguised() -> impl Strategy<Value = String> {
    let sample = || proptest::sample::select(&samples::TEXTS[..]).prop_map(str::to_owned);
    let marks = &[
        "\u{200b}", "ѕ", "ｋ", "é", "½", "…", "日本", "\u{feff}", "६", "%", "%e2", "=", "/",
    ];
    let simple = prop_oneof![
        3 => sample(),
        2 => proptest::sample::select(&marks[..]).prop_map(str::to_owned),
        1 => "[a-z0-9 -]{0,5}",
    ];
    let text = proptest::collection::vec(simple, 0..6).prop_map(|pieces| pieces.concat());
    let encoded = text.prop_recursive(2, 16, 4, |inner| {
        prop_oneof![
            2 => inner.clone().prop_map(|text| STANDARD.encode(text)),
            1 => inner.clone().prop_map(|text| hex(&text)),
            2 => (inner.clone(), any::<u8>()).prop_map(|(text, which)| percent(&text, which)),
            2 => proptest::collection::vec(inner, 0..4).prop_map(|texts| texts.join(" ")),
        ]
    });
    proptest::collection::vec(encoded, 0..4).prop_map(|texts| texts.join(" "))
}

/// The findings of a stream that is cut there, and checks what it promises.
fn cut(text: &str, pieces: impl Iterator<Item = usize>) -> Vec<Finding> {
    let mut stream = stream();
    let (mut found, mut decided, mut from) = (Vec::new(), 0, 0);
    for to in pieces.chain([text.len(), text.len()]) {
        if to == text.len() && from == to {
            stream.finish();
        } else {
            stream.push(&text[from..to]);
        }
        from = to;
        for finding in stream.findings() {
            assert!(
                finding.span.start >= decided,
                "{finding:?} after {decided} in {text:?}"
            );
            assert!(finding.span.end <= stream.decided());
            found.push(finding);
        }
        assert!(stream.decided() >= decided, "{text:?}");
        decided = stream.decided();
        assert!(
            text.is_char_boundary(usize::try_from(decided).unwrap()),
            "{text:?}"
        );
    }
    assert_eq!((decided, stream.held()), (text.len() as u64, 0));
    found
}

fn spans(all: &[Finding]) -> Vec<(u16, std::ops::Range<u64>)> {
    all.iter()
        .map(|finding| (finding.rule.0, finding.span.clone()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn cuts_change_nothing(text in disguised(), step in 1_usize..40) {
        let wanted = spans(&whole(&text));
        let each = text.char_indices().map(|(at, _)| at).filter(|at| *at > 0);
        prop_assert_eq!(&spans(&cut(&text, each.clone())), &wanted);
        prop_assert_eq!(&spans(&cut(&text, each.step_by(step))), &wanted);
    }

    #[test]
    fn places_lead_back(text in disguised()) {
        let through = Depth::default().through();
        let (mut map, mut meant) = (Map::default(), String::new());
        through.append(&text, &mut map, &mut meant);
        prop_assert!(map.end(meant.len() as u64) <= text.len() as u64);
        for (at, _) in meant.char_indices() {
            let start = map.start(at as u64);
            prop_assert!(text.is_char_boundary(start as usize));
            prop_assert!(map.decided(at as u64) <= start);
        }
        let parts: Vec<_> = through.parts(&text).collect();
        if meant == text {
            prop_assert!(parts.is_empty());
        } else {
            prop_assert_eq!(parts.len(), 1);
            prop_assert_eq!(&parts[0].text, &meant);
        }
    }
}

/// What is found in the end was not released before.
#[test]
fn nothing_of_a_finding_is_released() {
    let mut seen = 0;
    for sample in samples::TEXTS {
        let said = format!("größe so: {sample} und weiter geht es");
        for text in [
            STANDARD.encode(&said),
            hex(&said),
            percent(&said, 0b0101_1010),
            STANDARD.encode(hex(&said)),
            format!("https://example.com/x/{}", percent(&said, 0xff)),
        ] {
            for finding in whole(&text) {
                seen += 1;
                is_held(&text, &finding, |come| {
                    let mut stream = stream();
                    stream.push(come);
                    stream.decided()
                });
            }
        }
    }
    assert!(seen > 75, "only {seen} findings");
}

#[test]
fn after_a_disguise_one_stream_is_enough() {
    let mut stream = stream();
    stream.push("at first – ");
    assert!(stream.meant.is_some());
    for _ in 0..20 {
        stream.push("and so on, ");
    }
    assert!(stream.meant.is_none());
    let before = stream.len();
    stream.push("s%6b-abcdef ");
    stream.finish();
    let found = stream.findings();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].span, before..before + 11);
}

#[test]
fn prose_waits_no_longer_than_before() {
    let text =
        "The quick brown fox jumps over the lazy dog; 12 of them, 100% sure/certain. ".repeat(20);
    let (mut plain, mut deep) = (SET.stream(Arc::clone(&PLAN)), stream());
    let (mut waited, mut waits) = (0, 0);
    for each in text.chars() {
        let mut buffer = [0; 4];
        let piece = each.encode_utf8(&mut buffer);
        plain.push(piece);
        deep.push(piece);
        waited += plain.held();
        waits += deep.held();
    }
    assert!(
        waits * 10 <= waited * 12,
        "{waits}, and {waited} without the second look"
    );
}

#[test]
fn long_runs_need_little_memory() {
    let said = "all work and no play makes a dull boy. ".repeat(3_000);
    let text = STANDARD.encode(&said);
    let mut stream = stream();
    for piece in text.as_bytes().chunks(19) {
        stream.push(std::str::from_utf8(piece).unwrap());
        assert!(stream.held() < 100, "{}", stream.held());
    }
    let secret = STANDARD.encode(format!("{said}sk-abcdef {said}"));
    let mut found = Vec::new();
    let mut stream = self::stream();
    for piece in secret.as_bytes().chunks(1_024) {
        stream.push(std::str::from_utf8(piece).unwrap());
        found.append(&mut stream.findings());
    }
    stream.finish();
    assert_eq!(found.len(), 1);
    assert!(found[0].span.start > said.len() as u64 * 4 / 3 - 4);
}

#[test]
fn watching_waits_for_nothing_and_tells_once() {
    let plan = Arc::new(Plan::all(&SET, Mode::Watch));
    let text = format!(
        "a–b sk-abcdef, {} and",
        STANDARD.encode("so it says: ghp_abcde, really")
    );
    let mut stream = SET.stream_deep(plan, Depth::default());
    let mut found = Vec::new();
    for each in text.chars() {
        stream.push(each.encode_utf8(&mut [0; 4]));
        found.append(&mut stream.findings());
    }
    stream.finish();
    found.append(&mut stream.findings());
    assert_eq!(found.len(), 2, "{found:?}");
}
