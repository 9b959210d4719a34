//! What is read is written as it was, and nothing else is read than `serde_json` reads.

use proptest::prelude::*;

use super::*;

#[test]
fn what_is_read_is_written_as_it_was() {
    for text in [
        r#"{"z":1,"a":[true,null,-2,1.5,"é\n"],"m":{}}"#,
        "[]",
        "18446744073709551615",
    ] {
        assert_eq!(Json::read(text.as_bytes()).unwrap().text(), text);
    }
}

#[test]
fn a_name_twice_is_refused() {
    let large: String = (0..40).map(|n| format!("\"k{n}\":0,")).collect();
    for text in [
        r#"{"a":1,"a":2}"#.to_owned(),
        format!("{{{large}\"k3\":1}}"),
        format!("{{{large}\"k39\":1}}"),
    ] {
        assert!(Json::read(text.as_bytes()).is_err(), "{text}");
    }
    assert!(Json::read(format!("{{{large}\"k\":1}}").as_bytes()).is_ok());
}

#[test]
fn depth_has_an_end() {
    let deep = "[".repeat(100_000);
    assert!(Json::read(deep.as_bytes()).is_err());
}

#[test]
fn numbers_are_what_serde_reads() {
    for text in [
        "0",
        "-0",
        "-0.0",
        "7",
        "-7",
        "999999999999999999",
        "-999999999999999999",
        "9223372036854775807",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "1e3",
        "1.50",
        "1e308",
        "123456789012345678901234567890",
    ] {
        let expected: Number = serde_json::from_str(text).unwrap();
        assert_eq!(
            Json::read(text.as_bytes()).unwrap(),
            Json::Number(expected.clone()),
            "{text}"
        );
        assert_eq!(Json::Number(expected.clone()).text(), expected.to_string());
    }
    assert_eq!(Json::read(b"[1e309]"), Err(Unread::Number { at: 1 }));
}

/// What `serde_json` makes of it, as text.
fn by_serde(text: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(text).ok()?;
    Some(value.to_string())
}

proptest! {
    #[test]
    fn strings_are_written_as_serde_writes_them(text: String) {
        let json = Json::String(Cow::Borrowed(&text));
        let written = json.text();
        prop_assert_eq!(&written, &serde_json::to_string(&text).unwrap());
        prop_assert_eq!(Json::read(written.as_bytes()), Ok(json));
    }

    #[test]
    fn noise_is_read_as_serde_reads_it(bytes in proptest::collection::vec(
        prop_oneof![
            4 => proptest::sample::select(b"{}[]\",:\\u0123eE+-. tfn\n".to_vec()),
            1 => any::<u8>(),
        ], 0..40)) {
        if let Ok(json) = Json::read(&bytes) {
            let expected = by_serde(&bytes);
            let found = by_serde(json.text().as_bytes());
            prop_assert!(expected.is_some());
            prop_assert_eq!(found, expected);
        }
    }
}
