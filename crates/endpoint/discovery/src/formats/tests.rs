//! What files say, whole and broken.

use proptest::prelude::*;

use super::parse;
use crate::{
    Format,
    tree::{Fault, Parsed, Tree},
};

fn json(text: &str) -> Parsed {
    parse(Format::Jsonc, text.as_bytes())
}

#[test]
fn comments_and_trailing_commas_are_read() {
    let parsed =
        json("// one\n{\"a\": [1, 2,], /* two */ \"b\": {\"c\": \"x\\u00e9\\\"\",},}\n// three");
    assert_eq!((parsed.fault, &parsed.cut), (None, &None));
    assert_eq!(
        parsed.tree.at(["b", "c"]).and_then(Tree::text),
        Some("xé\"")
    );
    assert_eq!(
        parsed.tree.get("a").and_then(Tree::list).map(<[Tree]>::len),
        Some(2)
    );
}

#[test]
fn what_stands_before_a_break_is_kept() {
    let parsed = json(
        "{\"s\": {\"good\": {\"command\": \"a\"}, \"bad\": {\"command\": \"b\", \"args\": [1,\n oops",
    );
    assert_eq!(parsed.fault, Some(Fault::Syntax(2)));
    let keys = |last: &str| ["s".to_owned(), last.to_owned()];
    assert!(parsed.is_whole(&keys("good")) && !parsed.is_whole(&keys("bad")));
    assert_eq!(
        parsed
            .tree
            .at(["s", "good", "command"])
            .and_then(Tree::text),
        Some("a")
    );
}

#[test]
fn of_two_keys_the_last_holds() {
    let parsed = json(r#"{"a": 1, "a": "x"}"#);
    assert_eq!(parsed.fault, Some(Fault::Twice));
    assert_eq!(parsed.tree.text_at("a"), Some("x"));
}

#[test]
fn depth_is_bounded_in_every_format() {
    for (format, text) in [
        (Format::Jsonc, "[".repeat(10_000)),
        (Format::Jsonc, "{\"a\":".repeat(10_000)),
        (Format::Toml, format!("a = {}", "[".repeat(10_000))),
        (Format::Yaml, "[".repeat(10_000)),
        (Format::Yaml, format!("{}x", "- ".repeat(10_000))),
    ] {
        assert!(parse(format, text.as_bytes()).fault.is_some(), "{format:?}");
    }
}

#[test]
fn yaml_aliases_cannot_blow_up() {
    let mut wide = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    let mut deep = "a0: &a0 [x]\n".to_owned();
    for n in 1..200 {
        let names = vec![format!("*a{}", n - 1); 10].join(", ");
        wide.push_str(&format!("a{n}: &a{n} [{names}]\n"));
        deep.push_str(&format!("a{n}: &a{n} [*a{}]\n", n - 1));
    }
    assert_eq!(
        parse(Format::Yaml, wide.as_bytes()).fault,
        Some(Fault::Many)
    );
    assert_eq!(
        parse(Format::Yaml, deep.as_bytes()).fault,
        Some(Fault::Deep)
    );
}

#[test]
fn yaml_is_read_as_editors_write_it() {
    let text = "# c\nextensions:\n  a: {enabled: true, cmd: npx, args: [-y, 'p']}\n  b:\n    enabled: false\n    port: 8\nbase: &b {x: 1}\nmore:\n  <<: *b\n  y: no\n";
    let parsed = parse(Format::Yaml, text.as_bytes());
    assert_eq!(parsed.fault, None);
    let tree = &parsed.tree;
    assert_eq!(
        tree.at(["extensions", "a", "enabled"]).and_then(Tree::bool),
        Some(true)
    );
    assert_eq!(
        tree.at(["extensions", "a", "args"]).map(Tree::texts),
        Some(vec!["-y", "p"])
    );
    assert_eq!(tree.at(["more", "x"]), Some(&Tree::Number(1.0)));
    assert_eq!(tree.at(["more", "y"]).and_then(Tree::text), Some("no"));
    let broken = parse(Format::Yaml, b"a:\n  b: c\nd: [x\ne: f\n");
    assert!(broken.fault.is_some());
    assert_eq!(broken.tree.at(["a", "b"]).and_then(Tree::text), Some("c"));
}

#[test]
fn every_encoding_of_a_file_says_the_same() {
    let text = "\u{feff}{\r\n  \"é\": \"𝄞\"\r\n}\r\n";
    let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<_>>();
    for bytes in [
        text.as_bytes().to_vec(),
        text.trim_start_matches('\u{feff}').into(),
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
    ] {
        let parsed = parse(Format::Jsonc, &bytes);
        assert_eq!(parsed.fault, None);
        assert_eq!(parsed.tree.text_at("é"), Some("𝄞"));
    }
    let parsed = parse(Format::Jsonc, b"{\"a\": \"\xff\", \"b\": 1}");
    assert_eq!(parsed.fault, Some(Fault::NoText));
    assert!(parsed.tree.get("b").is_some());
}

proptest! {
    /// Whatever `serde_json` reads, this reads to the same value.
    #[test]
    fn json_is_json(text in r#"[\[\]{}":, a1.e\\-]{0,40}"#) {
        if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
            prop_assert_eq!(json(&text).tree, super::same(value));
        }
    }

    #[test]
    fn any_bytes_are_read_somehow(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in [Format::Jsonc, Format::Toml, Format::Yaml] {
            let parsed = parse(format, &bytes);
            prop_assert!(parsed.cut.is_none() || parsed.fault.is_some());
        }
    }
}
