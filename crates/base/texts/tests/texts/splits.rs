//! However a stream is cut, by the network or by the provider, the client reads the same.

use bytes::Bytes;
use proptest::prelude::*;
use tidegate_texts::{fuzzing::Words, stream::Rewriter};

use crate::{
    client::{assembled, repeated},
    provider::Way,
};

const WORD: &str = "se😀cret";
const WITH: &str = "[\"é\\S\n]";

/// Runs a stream through, cut at these places.
pub(crate) fn run(way: Way, wire: &[u8], cuts: &[usize], words: Words) -> Vec<u8> {
    let mut rewriter = Rewriter::new(way.protocol(), way.framing(), words);
    let bytes = Bytes::copy_from_slice(wire);
    let mut out = Vec::new();
    let mut from = 0;
    for &cut in cuts.iter().chain([&wire.len()]) {
        for piece in rewriter.push(bytes.slice(from..cut)).unwrap() {
            out.extend_from_slice(&piece);
        }
        from = cut;
    }
    for piece in rewriter.end().unwrap() {
        out.extend_from_slice(&piece);
    }
    assert!(!rewriter.holds());
    out
}

/// A text as this way carries it: arguments are JSON, with the word's characters in escapes.
fn carried(way: Way, text: &str) -> String {
    if !way.is_arguments() {
        return text.to_owned();
    }
    let mut inner = serde_json::to_string(&serde_json::json!({"cmd": text, "n": 12})).unwrap();
    // Inner escapes that hide the word from whoever does not undo them.
    inner = inner
        .replace('😀', "\\ud83d\\uDE00")
        .replace("cre", "\\u0063re");
    inner
}

/// What the client reads in the end.
fn said(way: Way, text: &str) -> String {
    if !way.is_arguments() {
        return text.to_owned();
    }
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(value["n"], 12);
    value["cmd"].as_str().unwrap().to_owned()
}

fn pieces<'t>(text: &'t str, cuts: &[usize]) -> Vec<&'t str> {
    let mut found = Vec::new();
    let mut from = 0;
    for &cut in cuts {
        found.push(&text[from..cut]);
        from = cut;
    }
    found.push(&text[from..]);
    found
}

fn boundaries(text: &str) -> Vec<usize> {
    text.char_indices().map(|(at, _)| at).collect()
}

const TEXT: &str = "a s se😀cr \"se😀cret\" e\u{301}\tse😀se😀cretse😀cret 👩‍👩‍👧 se😀cre";

#[test]
fn every_cut_of_the_wire_gives_the_same_bytes() {
    for way in Way::ALL {
        let text = carried(way, TEXT);
        let half = boundaries(&text)[boundaries(&text).len() / 2];
        let wire = way.send(&pieces(&text, &[3, half]));
        let whole = run(way, &wire, &[], Words::swap(WORD, WITH));
        assert_ne!(whole, wire, "{way:?}");
        for cut in 0..=wire.len() {
            let out = run(way, &wire, &[cut], Words::swap(WORD, WITH));
            assert!(out == whole, "{way:?} cut at {cut}");
        }
        let every: Vec<usize> = (1..wire.len()).collect();
        let out = run(way, &wire, &every, Words::swap(WORD, WITH));
        assert!(out == whole, "{way:?} byte by byte");
        let out = run(way, &wire, &every, Words::none(WORD));
        assert!(out == wire, "{way:?} was changed");
    }
}

#[test]
fn every_cut_of_the_text_reads_the_same() {
    for way in Way::ALL {
        let text = carried(way, TEXT);
        let expected = TEXT.replace(WORD, WITH);
        let places = boundaries(&text);
        for &first in &places {
            let mut cuts = vec![first];
            cuts.extend(places.iter().find(|&&at| at >= first + 3));
            let wire = way.send(&pieces(&text, &cuts));
            let out = run(way, &wire, &[], Words::swap(WORD, WITH));
            assert_eq!(
                said(way, &assembled(way, &out)),
                expected,
                "{way:?} {cuts:?}"
            );
            for again in repeated(way, &out) {
                assert_eq!(said(way, &again), expected, "{way:?}: a repetition differs");
            }
        }
        let wire = way.send(&pieces(&text, &places[1..]));
        let out = run(way, &wire, &[], Words::swap(WORD, WITH));
        assert_eq!(
            said(way, &assembled(way, &out)),
            expected,
            "{way:?} by characters"
        );
    }
}

#[test]
fn nothing_of_a_word_that_stops_is_sent() {
    let text = "well, se😀cr no: se😀cret and more";
    let before = text.find(WORD).unwrap();
    for way in Way::ALL {
        let text = carried(way, text);
        let places = boundaries(&text);
        for cuts in [&places[1..], &places[5..6], &[]] {
            let wire = way.send(&pieces(&text, cuts));
            let whole = run(way, &wire, &[], Words::stop(WORD));
            let got = assembled(way, &whole);
            let limit = text.find("se\\ud83d\\uDE00\\u0063ret").unwrap_or(before);
            assert!(text[..limit].starts_with(&got), "{way:?}: {got}");
            let every: Vec<usize> = (1..wire.len()).collect();
            assert!(
                run(way, &wire, &every, Words::stop(WORD)) == whole,
                "{way:?}"
            );
            if cuts.len() > 2 {
                assert!(
                    got.len() + 1 >= limit,
                    "{way:?}: what is decided waits: {got}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_text_cut_anywhere(
        parts in prop::collection::vec(
            prop_oneof![
                Just("se😀cret".to_owned()), Just("se😀".to_owned()), Just("cret".to_owned()),
                Just("\\".to_owned()), Just("\"".to_owned()), "\\PC{0,4}", "[a-z\\n\u{1}]{0,6}",
            ],
            0..8,
        ),
        seeds in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        wires in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        way in prop::sample::select(Way::ALL.to_vec()),
    ) {
        let mut plain = parts.concat();
        if way == Way::Cursor {
            // Such a text can look like a message without a schema to tell.
            plain.retain(|char| !char.is_control());
        }
        let text = carried(way, &plain);
        let places = boundaries(&text);
        let mut cuts: Vec<usize> = if places.is_empty() {
            Vec::new()
        } else {
            seeds.iter().map(|seed| *seed.get(&places)).collect()
        };
        cuts.sort_unstable();
        let wire = way.send(&pieces(&text, &cuts));
        let mut at: Vec<usize> = wires.iter().map(|seed| seed.index(wire.len())).collect();
        at.sort_unstable();
        let out = run(way, &wire, &at, Words::swap(WORD, WITH));
        prop_assert_eq!(said(way, &assembled(way, &out)), plain.replace(WORD, WITH));
        let same = run(way, &wire, &at, Words::none(WORD));
        prop_assert!(same == wire);
    }
}
