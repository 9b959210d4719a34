//! Disguises, and where they stood.

use std::sync::{Arc, LazyLock};

use base64::Engine;
use proptest::prelude::*;

use super::{
    Depth,
    fold::{Folded, Map},
};
use crate::{Counters, Finding, Limits, Mode, Plan, Ruleset, samples};

fn set() -> Ruleset {
    static SET: LazyLock<Ruleset> =
        LazyLock::new(|| Ruleset::compile(samples::rules(), &Limits::default()).unwrap());
    SET.clone()
}

fn deep(set: &Ruleset, text: &str, depth: Depth) -> (Vec<Finding>, Counters) {
    let plan = Plan::all(set, Mode::Hold);
    let mut scratch = set.pool().take();
    set.scan_deep(&plan, text, depth, &mut scratch)
}

/// What is found, as it stands in the text.
fn found(text: &str) -> Vec<String> {
    let findings = deep(&set(), text, Depth::default()).0;
    let spans = findings.into_iter().map(|finding| finding.span);
    spans
        .map(|span| text[span.start as usize..span.end as usize].to_owned())
        .collect()
}

#[test]
fn disguised_characters_are_seen_through() {
    assert_eq!(
        found("é sk-ab\u{200b}cd\u{2060}ef."),
        ["sk-ab\u{200b}cd\u{2060}ef"]
    );
    assert_eq!(found("ｓｋ－ａｂｃｄｅｆ!"), ["ｓｋ－ａｂｃｄｅｆ"]);
    assert_eq!(found("\u{200b}ѕk-аbсdеf\u{200b}"), ["ѕk-аbсdеf"]);
    assert_eq!(found("nr. १२३-४५-६७८०"), ["१२३-४५-६७८०"]);
    // What folding would hide is still found.
    assert_eq!(found("x\u{200b}sk-abcdef"), ["sk-abcdef"]);
}

#[test]
fn encodings_are_decoded_once() {
    let base64 = base64::engine::general_purpose::STANDARD;
    let inner = "user is: login: alice and";
    let text = format!("data: {}==, so", base64.encode(inner).trim_end_matches('='));
    let all = found(&text);
    assert_eq!(all.len(), 1, "{all:?}");
    let decoded = base64::engine::general_purpose::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
    );
    // The characters that hold the secret; whole groups of them decode to it and its neighbours.
    assert!(text.find(&all[0]).unwrap() > "data: ".len());
    assert!(decoded.decode(&all[0]).is_ok() || all[0].len() >= 7);
    let hex: String = inner.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(found(&format!("x {hex} y")), ["616c696365"]);
    assert_eq!(found("a?b=login%3a%20alice%20&c"), ["alice"]);
    assert_eq!(found("a?b=%73k%2dabcdef&c"), ["%73k%2dabcdef"]);
    let twice = base64.encode(base64.encode(inner));
    assert_eq!(found(&twice), [""; 0]);
}

#[test]
fn the_budget_is_kept_and_said() {
    let hex: String = "login: alice and some more"
        .bytes()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let small = Depth {
        decode: 20,
        ..Depth::default()
    };
    let (findings, counters) = deep(&set(), &hex, small);
    assert!(findings.is_empty());
    assert_eq!(counters.degraded, 1);
    // What is not text costs nothing of it.
    let (_, counters) = deep(&set(), &"/9f+".repeat(50), small);
    assert_eq!(counters.degraded, 0);
    let none = Depth {
        fold: false,
        decode: 0,
    };
    assert!(deep(&set(), &hex, none).0.is_empty());
}

fn disguised() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => proptest::sample::select(&samples::TEXTS[..]).prop_map(str::to_owned),
        2 => proptest::sample::select(&["\u{200b}", "ѕ", "ｋ", "é", "½", "…", "日本", "\u{feff}", "६"][..])
            .prop_map(str::to_owned),
        1 => "[a-z0-9 -]{0,5}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn places_lead_back(text in disguised()) {
        let mut map = Map::default();
        let mut folded = String::new();
        map.fold(&text, &mut folded);
        prop_assert!(map.end(folded.len() as u64) <= text.len() as u64);
        for (at, _) in folded.char_indices() {
            let start = map.start(at as u64);
            prop_assert!(text.is_char_boundary(start as usize));
            prop_assert!(map.decided(at as u64) <= start);
        }
        if let Some(again) = Folded::of(&text) {
            prop_assert_eq!(again.text(), folded);
        } else {
            prop_assert_eq!(text, folded);
        }
    }

    #[test]
    fn streams_see_through_the_same(text in disguised(), seed in 0_usize..5) {
        let set = set();
        let plan = Arc::new(Plan::all(&set, Mode::Hold));
        let depth = Depth { fold: true, decode: 0 };
        let whole = deep(&set, &text, depth).0;
        let mut stream = set.stream_deep(plan);
        let mut found = Vec::new();
        let mut decided = 0;
        for (at, each) in text.char_indices().chain([(text.len(), ' ')]) {
            if at == text.len() {
                stream.finish();
            } else {
                stream.push(&text[at..at + each.len_utf8()]);
                // Sometimes two at once are like one after the other.
                if (at + seed) % 3 == 0 {
                    continue;
                }
            }
            for finding in stream.findings() {
                prop_assert!(finding.span.start >= decided);
                found.push(finding);
            }
            prop_assert!(stream.decided() >= decided);
            decided = stream.decided();
            prop_assert!(text.is_char_boundary(decided as usize));
        }
        prop_assert_eq!(decided, text.len() as u64);
        let spans = |all: &[Finding]| -> Vec<_> {
            all.iter().map(|finding| (finding.rule, finding.span.clone())).collect()
        };
        prop_assert_eq!(spans(&found), spans(&whole));
    }
}
