//! A rewrite changes its spans and nothing else, over random bodies: unknown members, any order,
//! escapes, white space. Bodies are made as text, so that no writer tidies them up.
#![allow(clippy::unwrap_used, reason = "helpers of tests may stop them")]

use std::collections::HashSet;

use bytes::Bytes;
use proptest::prelude::*;
use tidegate_wire::{
    Operation,
    body::{Edits, UsageSwitch, inspect, rewrite},
};

fn space() -> impl Strategy<Value = String> {
    "[ \n\r\t]{0,2}"
}

/// A JSON string as text: plain, escaped, and beyond ASCII, sometimes long.
fn quoted() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ -!#-\\[\\]-~]{0,12}",
        1 => Just(r#"\""#.to_owned()),
        1 => Just(r"\\".to_owned()),
        1 => Just(r"\n\/\u00e9\ud83d\ude00".to_owned()),
        1 => "[é€😀]{1,3}",
        1 => "[a-z ]{60,200}",
    ];
    proptest::collection::vec(piece, 0..5).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,12})(\\.[0-9]{1,3})?(e[+-]?[0-9]{1,2})?",
        quoted(),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let list = proptest::collection::vec((space(), inner.clone()), 0..5).prop_map(|items| {
            let items: Vec<_> = items.iter().map(|(s, v)| format!("{s}{v}{s}")).collect();
            format!("[{}]", items.join(","))
        });
        let object =
            proptest::collection::vec((quoted(), space(), inner), 0..5).prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(k, s, v)| format!("{s}{k}{s}:{v}{s}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            });
        prop_oneof![list, object]
    })
}

/// Members that nobody governs, each name once.
fn unknown() -> impl Strategy<Value = Vec<(String, String, String)>> {
    proptest::collection::vec(("\"x_[a-zA-Z0-9]{0,8}\"", space(), value()), 0..8).prop_map(
        |members| {
            let mut seen = HashSet::new();
            members
                .into_iter()
                .filter(|(key, _, _)| seen.insert(key.clone()))
                .collect()
        },
    )
}

/// `model` in one of its spellings.
fn model_key() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just("\"model\"".to_owned()),
        1 => Just(r#""\u006dodel""#.to_owned()),
        1 => Just(r#""mod\u0065\u006C""#.to_owned()),
    ]
}

fn member((key, s, v): &(String, String, String)) -> String {
    format!("{s}{key}{s}:{s}{v}{s}")
}

proptest! {
    #[test]
    fn only_the_model_changes(
        before in unknown(),
        after in unknown(),
        key in model_key(),
        name in "[a-z]{1,8}/[a-z0-9.-]{1,20}",
        new in "[a-z0-9.-]{1,20}",
        s in space(),
    ) {
        let names: HashSet<_> = before.iter().map(|(key, _, _)| key.clone()).collect();
        let before: String = before.iter().map(|m| member(m) + ",").collect();
        let after: String = after
            .iter()
            .filter(|(key, _, _)| !names.contains(key))
            .map(|m| ",".to_owned() + &member(m))
            .collect();
        let head = format!("{s}{{{before}{s}{key}{s}:{s}");
        let tail = format!("{s}{after}}}{s}");
        let body = Bytes::from(format!("{head}\"{name}\"{tail}"));
        for op in [Operation::Messages, Operation::Responses, Operation::Embeddings] {
            let found = inspect(op, &body).unwrap();
            prop_assert_eq!(found.model.as_ref().unwrap().value.as_str(), &name);
            let out = rewrite(&body, &found, &Edits { model: Some(&new), report_usage: true });
            let expected = format!("{head}\"{new}\"{tail}");
            prop_assert_eq!(&out[..], expected.as_bytes());
        }
        // A second `model`, however it is spelled, is always refused.
        let twice = format!("{head}\"{name}\"{after},\"model\":\"other\"}}");
        prop_assert!(inspect(Operation::Messages, twice.as_bytes()).is_err());
    }

    #[test]
    fn the_usage_switch_is_all_that_changes(members in unknown(), s in space(), on: bool) {
        let members: String = members.iter().map(|m| ",".to_owned() + &member(m)).collect();
        let options = if on { "{\"include_usage\":true}" } else { "{\"include_usage\":false}" };
        let text = |options: &str| {
            format!("{s}{{\"stream\":true{members},\"stream_options\"{s}:{s}{options}{s}}}")
        };
        let body = Bytes::from(text(options));
        let found = inspect(Operation::ChatCompletions, &body).unwrap();
        prop_assert_eq!(found.usage_switch == UsageSwitch::On, on);
        let out = rewrite(&body, &found, &Edits { model: None, report_usage: true });
        let expected = text("{\"include_usage\":true}");
        prop_assert_eq!(&out[..], expected.as_bytes());
    }

    #[test]
    fn noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        tidegate_wire::fuzzing::json_splice(&bytes);
        tidegate_wire::fuzzing::sse(&bytes);
        tidegate_wire::fuzzing::header_lines(&bytes);
        tidegate_wire::fuzzing::routes(&bytes);
    }
}
