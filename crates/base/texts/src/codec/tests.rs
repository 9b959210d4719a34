//! Texts in every codec, cut at any place, and edits of them.

use super::*;
use crate::{
    frame::{Splice, apply},
    watch::Edit,
};

/// The text of pieces, decoded one after the other.
fn decoded(codec: Codec, pieces: &[&[u8]]) -> String {
    let mut state = State::default();
    let mut scratch = String::new();
    let each = pieces
        .iter()
        .map(|piece| text(codec, &mut state, piece, &mut scratch).to_owned());
    each.collect()
}

/// The pieces with edits made.
fn edited(codec: Codec, pieces: &[&[u8]], edits: &[(Range<u64>, &str)]) -> String {
    let mut state = State::default();
    let mut scratch = String::new();
    let mut pending = Pending::default();
    pending.extend(edits.iter().map(|(span, with)| Edit {
        span: span.clone(),
        with: (*with).into(),
    }));
    let mut out = Vec::new();
    let mut from = 0;
    for piece in pieces {
        let before = state;
        let to = from + text(codec, &mut state, piece, &mut scratch).len() as u64;
        let mut splices: Vec<Splice> = Vec::new();
        if pending.touches(to, state.open) {
            rewrite(codec, before, from, (0, piece), &mut pending, &mut splices);
        }
        apply(piece, &splices, &mut out);
        from = to;
    }
    String::from_utf8(out).unwrap()
}

fn every_cut(bytes: &[u8], each: impl Fn(&[&[u8]])) {
    each(&[bytes]);
    for cut in 0..=bytes.len() {
        each(&[&bytes[..cut], &bytes[cut..]]);
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    each(&single);
}

#[test]
fn what_is_no_character_belongs_to_the_next_one() {
    every_cut(b"a\xf0\x9f\x98\x80b\xff\xe2\x82c\xc3\xa9", |pieces| {
        assert_eq!(decoded(Codec::Raw, pieces), "a😀bcé");
    });
    let lone = br"a\ud83dx\ude00y\ud83d\u0041\ud83d\ude00";
    assert_eq!(decoded(Codec::Json, &[lone]), "axyA😀");
    assert_eq!(decoded(Codec::Json, &[br"\ud83d", br"\ude00"]), "😀");
    assert_eq!(
        edited(Codec::Json, &[br"a\ud83d", br"\ude00b"], &[(1..5, "-")]),
        "a-b"
    );
    assert_eq!(edited(Codec::Json, &[br"a\ud83dxb"], &[(1..2, "-")]), "a-b");
}

#[test]
fn both_levels_are_undone_wherever_they_are_cut() {
    let inner = br#"{"k\u0065y": ["a\/b\n\ud83d\uDE00\q", -1.5e3, true]}"#;
    let meant = "{\"key\": [\"a/b\n😀q\", -1.5e3, true]}";
    every_cut(inner, |pieces| {
        assert_eq!(decoded(Codec::Value, pieces), meant)
    });
    let outer = serde_json::to_string(str::from_utf8(inner).unwrap()).unwrap();
    let outer = &outer[1..outer.len() - 1];
    assert_eq!(decoded(Codec::Nested, &[outer.as_bytes()]), meant);
    // Outer escapes are whole in every piece; the inner ones may be cut.
    let cut = outer.find("\\\\u0065").unwrap() + 4;
    let (first, last) = outer.as_bytes().split_at(cut);
    assert_eq!(decoded(Codec::Nested, &[first, last]), meant);
    assert_eq!(
        decoded(Codec::Nested, &[br#"{\"a\":\"\\u00"#, br"4", br#"1\"}"#]),
        r#"{"a":"A"}"#
    );
}

#[test]
fn edits_of_arguments_leave_json() {
    let json = br#"{"a":"x secret","card":4111111111111111,"b":[true,-12.5]}"#;
    let meant = decoded(Codec::Value, &[json]);
    let at = |word: &str| {
        let start = meant.find(word).unwrap() as u64;
        start..start + word.len() as u64
    };
    let check = |span: Range<u64>, expected: &str| {
        every_cut(json, |pieces| {
            let out = edited(Codec::Value, pieces, &[(span.clone(), "[\"N\"]")]);
            let value: serde_json::Value = serde_json::from_str(&out).unwrap();
            let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
            assert_eq!(value, expected, "{pieces:?}");
        });
    };
    let whole = r#"{"a":"x secret","b":[true,-12.5],"card":"[\"N\"]"}"#;
    check(at("4111111111111111"), whole);
    check(at("4111"), whole);
    check(
        at("1111111111"),
        r#"{"a":"x secret","b":[true,-12.5],"card":4111111}"#,
    );
    check(
        at("secret"),
        r#"{"a":"x [\"N\"]","b":[true,-12.5],"card":4111111111111111}"#,
    );
    check(
        at("secret\",\"card\":41"),
        r#"{"a":"x [\"N\"]","":null,"b":[true,-12.5]}"#,
    );
}

#[test]
fn replacements_are_escaped_for_every_level() {
    let nested = br#"{\"a\":\"x\\ny\"}"#;
    let out = edited(Codec::Nested, &[nested], &[(6..9, "\"\\\n")]);
    let inner: String = serde_json::from_str(&format!("\"{out}\"")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&inner).unwrap();
    assert_eq!(value["a"], "\"\\\n");
    assert_eq!(
        edited(Codec::Json, &[br"a\u0062c"], &[(1..2, "\"")]),
        r#"a\"c"#
    );
    assert_eq!(
        edited(Codec::Raw, &[b"abc"], &[(0..1, ""), (2..3, "\"")]),
        "b\""
    );
}

#[test]
fn an_edit_that_splits_a_character_leaves_utf8() {
    assert_eq!(
        edited(Codec::Json, &["aé😀b".as_bytes()], &[(2..4, "-")]),
        "aé-b"
    );
}
