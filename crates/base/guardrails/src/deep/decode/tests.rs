//! What is decoded of a text, whole and cut.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use proptest::prelude::*;

use super::{Chunk, Decoder, Encoding};

/// The runs of a text: how each is written, what it says, and where its lines begin.
fn runs(text: &str) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    Decoder::new(usize::MAX).whole(text, &mut |chunk| chunks.push(chunk));
    chunks.sort_by_key(|chunk| chunk.lines[0].original);
    chunks
}

/// The same, cut into pieces of so many characters.
fn cut(text: &str, size: usize) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut join = |chunk: Chunk| {
        if chunk.begins {
            chunks.push(chunk);
            return;
        }
        let same = |begun: &&mut Chunk| begun.encoding == chunk.encoding && !begun.ends;
        let begun = chunks
            .iter_mut()
            .find(same)
            .expect("none that it belongs to");
        begun.text.push_str(&chunk.text);
        begun.lines.extend(chunk.lines);
        begun.ends = chunk.ends;
    };
    let mut decoder = Decoder::new(usize::MAX);
    let characters: Vec<char> = text.chars().collect();
    for piece in characters.chunks(size) {
        decoder.push(&piece.iter().collect::<String>(), &mut join);
    }
    decoder.finish(&mut join);
    chunks.sort_by_key(|chunk| chunk.lines[0].original);
    chunks
}

fn said(text: &str) -> Vec<(u64, String)> {
    let runs = runs(text).into_iter();
    runs.map(|run| (run.lines[0].original, run.text)).collect()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

const SECRET: &str = "the key is sk-abcdef, größer than any other";

#[test]
fn runs_are_found_wherever_they_begin() {
    for encoded in [
        STANDARD.encode(SECRET),
        STANDARD_NO_PAD.encode(SECRET),
        URL_SAFE_NO_PAD.encode(SECRET),
        hex(SECRET),
        hex(SECRET).to_uppercase(),
    ] {
        for before in [
            "",
            "x ",
            "say:",
            "a/b/",
            "foo-bar_",
            "0x",
            "/v1/items/",
            "é",
            "data=\"",
        ] {
            // "0x" begins only what is hexadecimal; the others do not begin it among digits.
            let is_hex = encoded.bytes().all(|byte| byte.is_ascii_hexdigit());
            if before == "0x" && !is_hex {
                continue;
            }
            for after in ["", " and", "=", "\"", "é", "\n"] {
                let text = format!("{before}{encoded}{after}");
                let wanted = (before.len() as u64, SECRET.to_owned());
                assert_eq!(said(&text), [wanted], "{text}");
            }
        }
    }
}

#[test]
fn what_is_no_text_is_none() {
    for text in [
        "an ordinary sentence about internationalization-and-globalization/of/things",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934c",
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "c2hvcnQgdGV4dA==",
    ] {
        assert_eq!(said(text), [], "{text}");
    }
}

#[test]
fn text_ends_where_bytes_begin() {
    let mut bytes = SECRET.as_bytes().to_vec();
    bytes.extend([0, 1, 2, 3]);
    let [(_, text)] = &said(&STANDARD.encode(bytes))[..] else {
        panic!("no run, or more");
    };
    assert_eq!(text, SECRET);
}

#[test]
fn lines_go_on() {
    let long = SECRET.repeat(5);
    for (encoded, width) in [
        (STANDARD.encode(&long), 76),
        (STANDARD.encode(&long), 64),
        (hex(&long), 60),
    ] {
        for feed in ["\n", "\r\n"] {
            let lines: Vec<&str> = encoded
                .as_bytes()
                .chunks(width)
                .map(|line| std::str::from_utf8(line).unwrap())
                .collect();
            let text = format!("it:\n{}{feed}{feed}", lines.join(feed));
            let found = runs(&text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].text, long);
            assert_eq!(found[0].lines.len(), lines.len());
            let first = &lines[0][..8];
            assert_eq!(found[0].lines[0].original, text.find(first).unwrap() as u64);
        }
        // Lines of another length are runs of their own.
        let text = encoded
            .as_bytes()
            .chunks(44)
            .map(|line| std::str::from_utf8(line).unwrap());
        let text = text.collect::<Vec<_>>().join("\n");
        assert!(runs(&text).len() > 1);
    }
}

#[test]
fn the_budget_is_for_runs() {
    let encoded = STANDARD.encode(SECRET.repeat(10));
    let mut decoder = Decoder::new(100);
    let mut text = String::new();
    let mut hand = |chunk: Chunk| text.push_str(&chunk.text);
    decoder.push(
        "what is no run costs nothing of it/and/this-neither/being/none",
        &mut hand,
    );
    assert!(!decoder.is_spent());
    decoder.push(&encoded, &mut hand);
    decoder.push(" ", &mut hand);
    decoder.push(&encoded, &mut hand);
    decoder.finish(&mut hand);
    assert!(decoder.is_spent());
    assert_eq!(text.len(), 75);
    let mut decoder = Decoder::new(0);
    decoder.whole(&encoded, &mut |chunk| panic!("{chunk:?}"));
    assert!(!decoder.is_spent(), "that was wanted");
}

fn texts() -> impl Strategy<Value = String> {
    let plain = "[ -~é€😀\n]{0,40}";
    let piece = prop_oneof![
        2 => plain.prop_map(|text| STANDARD.encode(text)),
        1 => plain.prop_map(|text| URL_SAFE_NO_PAD.encode(text)),
        2 => plain.prop_map(|text| hex(&text)),
        1 => "[A-Za-z0-9+/_-]{0,30}",
        1 => "[0-9a-f]{20,50}",
        1 => proptest::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| STANDARD.encode(bytes)),
        1 => "[a-z]{14}|\\PC{18}".prop_map(|text| URL_SAFE_NO_PAD.encode(text + "\u{85}\0")),
        1 => proptest::sample::select(&[" ", "\n", "/", "-", "é", "0x", "=", "the"][..])
            .prop_map(str::to_owned),
        1 => "[ -~\n]{20,80}".prop_map(|text| {
            let encoded = STANDARD.encode(text);
            let lines: Vec<_> = encoded.as_bytes().chunks(76).map(String::from_utf8_lossy).collect();
            lines.join("\n")
        }),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn cuts_change_nothing(text in texts(), size in 1_usize..60) {
        prop_assert_eq!(cut(&text, size), runs(&text));
    }

    /// Bytes one by one show nothing that is ahead: no run is passed by as a whole.
    #[test]
    fn what_is_passed_by_is_no_text(text in texts()) {
        prop_assert_eq!(cut(&text, 1), runs(&text));
    }

    #[test]
    fn what_was_written_is_read(text in "[ -~é€\t]{18,60}", first in "[a-zé ]{0,9}") {
        for (encoding, encoded) in [
            (Encoding::Base64, STANDARD.encode(&text)),
            (Encoding::Base64, URL_SAFE_NO_PAD.encode(&text)),
            (Encoding::Hex, hex(&text)),
        ] {
            let all = runs(&format!("{first} {encoded} "));
            let read = all.iter().any(|run| run.encoding == encoding && run.text == text);
            prop_assert!(read, "{} as {:?}: {:?}", encoded, encoding, all);
        }
    }
}
