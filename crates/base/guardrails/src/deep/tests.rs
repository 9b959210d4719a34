//! Disguises, and where they stood.

use std::sync::{Arc, LazyLock};

use base64::Engine;

use super::Depth;
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
    // In each other: twice, and no more.
    let twice = base64.encode(base64.encode(inner));
    assert_eq!(found(&twice).len(), 1);
    assert_eq!(found(&base64.encode(twice)), [""; 0]);
    let address = base64.encode("https://example.com/?login%3A+alice%20and");
    assert_eq!(found(&address).len(), 0, "a plus is no space");
    let address = base64.encode("https://example.com/?login%3A%20alice%20and");
    assert_eq!(found(&address).len(), 1);
}

#[test]
fn percent_signs_are_seen_through() {
    assert_eq!(found("to anna%40example.com!"), ["anna%40example.com"]);
    // With what stands before it, outside of the word that has the sign.
    assert_eq!(found("user: al%69ce "), ["al%69ce"]);
    // A mark without width, and a letter that looks like ours.
    assert_eq!(
        found("s%E2%80%8Bk-abc%D0%B5ef"),
        ["s%E2%80%8Bk-abc%D0%B5ef"]
    );
    assert_eq!(found("100% %zz %ff %e2%82 sk-abcdef"), ["sk-abcdef"]);
}

#[test]
fn only_the_parts_that_change_are_looked_at_again() {
    let words = "nothing to be seen here, ".repeat(400);
    let text = format!("{words}a%40b.com{words}ghp_abc%64e{words}");
    let through = Depth::default().through();
    let parts: Vec<usize> = through.parts(&text).map(|part| part.text.len()).collect();
    assert_eq!(parts.len(), 2);
    assert!(parts.iter().all(|len| *len < 5_000), "{parts:?}");
    assert_eq!(found(&text).len(), 2);
    assert_eq!(through.parts(&words).count(), 0);
    // Where a part begins or ends is not where the text does.
    for spaces in 2_000..2_060 {
        let text = format!("{}sk-abcdef{}%41", "x".repeat(3_000), " ".repeat(spaces));
        assert_eq!(found(&text), [""; 0], "{spaces}");
    }
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
    let plan = Arc::new(Plan::all(&set(), Mode::Hold));
    let mut stream = set().stream_deep(Arc::clone(&plan), small);
    stream.push(&hex);
    assert_eq!(stream.counters().degraded, 1);
    stream.finish();
    assert!(stream.findings().is_empty());
    assert!(deep(&set(), &hex, Depth::NONE).0.is_empty());
    let mut stream = set().stream_deep(plan, Depth::NONE);
    stream.push(&hex);
    stream.finish();
    assert!(stream.findings().is_empty());
}
