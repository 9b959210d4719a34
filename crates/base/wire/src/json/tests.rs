//! The reader accepts what serde_json accepts, and nothing else.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn accepts(bytes: &[u8]) -> Result<(), Fault> {
    let mut cursor = Cursor::new(bytes);
    cursor.skip(b"", &mut ())?;
    cursor.finish()
}

#[test]
fn grammar() {
    for good in [
        "{}",
        "[]",
        " [ ] ",
        "{\"a\":[1,2,{}],\"b\":{\"c\":null}}",
        "\"\"",
        "-0",
        "1.5e-3",
        "0",
        "true",
        "[[],{},[{}]]",
        "\"\\u00e9\\ud83d\\ude00\\/\"",
        "{\"a\":{}}",
        "\"é€😀\"",
    ] {
        assert_eq!(accepts(good.as_bytes()), Ok(()), "{good}");
    }
    for bad in [
        "",
        " ",
        "{",
        "[",
        "{]",
        "[}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "01",
        "1.",
        ".5",
        "1e",
        "+1",
        "-",
        "nul",
        "truex",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\n\"",
        "\"\t\"",
        "'a'",
        "{a:1}",
        "{} {}",
        "[1]]",
        "\u{feff}{}",
        "NaN",
        "{\"a\":1 \"b\":2}",
    ] {
        assert!(accepts(bad.as_bytes()).is_err(), "{bad}");
    }
    assert_eq!(accepts(b"\"ab\xff\""), Err(Fault::Utf8 { at: 3 }));
    assert_eq!(accepts(b"\"\xed\xa0\x80\""), Err(Fault::Utf8 { at: 1 }));
}

#[test]
fn nesting_is_bounded() {
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert_eq!(accepts(deep(128).as_bytes()), Ok(()));
    assert_eq!(accepts(deep(129).as_bytes()), Err(Fault::Depth { at: 128 }));
    let bomb = "{\"a\":".repeat(1_000_000);
    assert!(matches!(accepts(bomb.as_bytes()), Err(Fault::Depth { .. })));
}

#[test]
fn stops_are_found_at_every_place_of_a_long_string() {
    for stop in [b'"', b'\\', 0x1f, b'\n'] {
        for at in 0..300 {
            let mut bytes = vec![b'x'; 300];
            bytes[at] = stop;
            let mut quoted = vec![b'"'];
            quoted.extend_from_slice(&bytes);
            quoted.push(b'"');
            let expected: Result<Value, _> = serde_json::from_slice(&quoted);
            assert_eq!(accepts(&quoted).is_ok(), expected.is_ok(), "{stop} at {at}");
            if matches!(stop, b'"' | b'\\') {
                assert_eq!(find_quote_or_escape(&bytes, 0), at);
            }
        }
    }
}

#[test]
fn texts_decode() {
    let decode = |json: &str| {
        let mut cursor = Cursor::new(json.as_bytes());
        cursor
            .string("")
            .unwrap()
            .decode()
            .map(|text| text.into_owned())
    };
    assert_eq!(decode(r#""mod\u0065l""#).as_deref(), Ok("model"));
    assert_eq!(decode(r#""\ud83d\ude00\n\/""#).as_deref(), Ok("😀\n/"));
    assert_eq!(decode(r#""a\ud83d""#), Err(Fault::Surrogate { at: 2 }));
    assert_eq!(decode(r#""\ude00""#), Err(Fault::Surrogate { at: 1 }));
    assert_eq!(decode(r#""\ud83dA""#), Err(Fault::Surrogate { at: 1 }));
}

proptest! {
    #[test]
    fn agrees_with_serde_on_noise(bytes in proptest::collection::vec(
        prop_oneof![
            4 => proptest::sample::select(b"{}[]\",:\\u0123eE+-. tfn\n".to_vec()),
            1 => any::<u8>(),
        ], 0..40)) {
        let ours = accepts(&bytes);
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(_) => prop_assert_eq!(ours, Ok(())),
            // serde also refuses numbers out of range and half surrogate pairs.
            Err(error) => {
                let text = error.to_string();
                let stricter = text.contains("out of range") || text.contains("surrogate")
                    || text.contains("hex escape") || text.contains("code point");
                prop_assert!(ours.is_err() || stricter, "{text}");
            }
        }
    }

    #[test]
    fn strings_round_trip(text: String) {
        let mut out = Vec::new();
        push_string(&mut out, &text);
        prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text.clone());
        let mut cursor = Cursor::new(&out);
        let read = cursor.string("").unwrap().decode().unwrap();
        prop_assert_eq!(read.as_ref(), text.as_str());
        let escaped = serde_json::to_string(&text).unwrap();
        let mut cursor = Cursor::new(escaped.as_bytes());
        prop_assert_eq!(cursor.string("").unwrap().decode().unwrap(), text);
    }
}
