//! A body is made to fit at the members named, and nowhere else.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const QUIRKS: &[Quirk] = &[
    top("stream_options", Act::Drop),
    top("user", Act::Drop),
    top("logprobs", Act::DropIf(&["false", "null"])),
    top("max_completion_tokens", Act::Rename("max_tokens")),
    Quirk {
        within: Within::Message,
        name: "reasoning_content",
        act: Act::Drop,
    },
    Quirk {
        within: Within::Message,
        name: "role",
        act: Act::Spell(&[("developer", "system")]),
    },
    Quirk {
        within: Within::Tool,
        name: "strict",
        act: Act::DropIf(&["false"]),
    },
];

const fn top(name: &'static str, act: Act) -> Quirk {
    Quirk {
        within: Within::Body,
        name,
        act,
    }
}

fn fitted(body: &str) -> String {
    let body = Bytes::copy_from_slice(body.as_bytes());
    String::from_utf8(fit(&body, QUIRKS).unwrap().to_vec()).unwrap()
}

fn refused_field(body: &str) -> String {
    let body = Bytes::copy_from_slice(body.as_bytes());
    fit(&body, QUIRKS).unwrap_err().field
}

#[test]
fn what_goes_takes_one_comma_along() {
    for (body, wanted) in [
        (r#"{"user":"u","a":1.50}"#, r#"{"a":1.50}"#),
        (r#"{"a":1.50 , "user":"u"}"#, r#"{"a":1.50}"#),
        (r#"{"a":1, "user" : "u", "b":2}"#, r#"{"a":1, "b":2}"#),
        (
            r#"{"user":"u","stream_options":{"x":[1]},"b":2}"#,
            r#"{"b":2}"#,
        ),
        (
            r#"{"a":1,"user":"u","stream_options":null,"b":2}"#,
            r#"{"a":1,"b":2}"#,
        ),
        (r#"{"user":"u","a":1,"stream_options":null}"#, r#"{"a":1}"#),
        (r#"{ "user":"u" ,"stream_options":null }"#, r"{  }"),
        (r#"{"us\u0065r":"u","a":1}"#, r#"{"a":1}"#),
        (
            r#"{"logprobs":false,"a":{"user":"stays"}}"#,
            r#"{"a":{"user":"stays"}}"#,
        ),
    ] {
        assert_eq!(fitted(body), wanted, "{body}");
    }
}

#[test]
fn names_and_words_are_the_providers() {
    for (body, wanted) in [
        (r#"{"max_completion_tokens": 5}"#, r#"{"max_tokens": 5}"#),
        (
            r#"{"max_completion_tokens":5,"max_tokens":5}"#,
            r#"{"max_tokens":5}"#,
        ),
        (
            r#"{"max_tokens":5,"max_completion_tokens":null}"#,
            r#"{"max_tokens":5}"#,
        ),
        (
            r#"{"messages":[{"role":"developer","content":"user"},{"reasoning_content":"t","role":"assistant"},3]}"#,
            r#"{"messages":[{"role":"system","content":"user"},{"role":"assistant"},3]}"#,
        ),
        (r#"{"messages":"developer"}"#, r#"{"messages":"developer"}"#),
        (
            r#"{"tools":[{"type":"function","function":{"name":"f","strict":false}}]}"#,
            r#"{"tools":[{"type":"function","function":{"name":"f"}}]}"#,
        ),
    ] {
        assert_eq!(fitted(body), wanted, "{body}");
    }
}

#[test]
fn what_has_to_be_there_is_put_first() {
    const PUT: &[Quirk] = &[top("v", Act::Put("\"1\"")), top("model", Act::Drop)];
    for (body, wanted) in [
        (r#"{ "model":"m","a":1}"#, r#"{"v":"1", "a":1}"#),
        (r#"{"a":1,"v":"0"}"#, r#"{"a":1,"v":"1"}"#),
        (r#"{"model":"m"}"#, r#"{"v":"1"}"#),
        ("{}", r#"{"v":"1"}"#),
    ] {
        let out = fit(&Bytes::from_static(body.as_bytes()), PUT).unwrap();
        assert_eq!(str::from_utf8(&out).unwrap(), wanted, "{body}");
    }
}

#[test]
fn what_would_not_happen_is_refused_by_its_name() {
    for (body, field) in [
        (r#"{"logprobs":true}"#, "logprobs"),
        (
            r#"{"max_completion_tokens":5,"max_tokens":6}"#,
            "max_completion_tokens",
        ),
        (
            r#"{"tools":[{"type":"x"},{"function":{"strict":true}}]}"#,
            "tools[1].function.strict",
        ),
        ("[1]", "body"),
    ] {
        assert_eq!(refused_field(body), field, "{body}");
    }
}

#[test]
fn what_fits_is_the_same_buffer() {
    let body = Bytes::from_static(br#"{"model":"m","messages":[{"role":"user"}],"logprob":true}"#);
    for quirks in [QUIRKS, &[]] {
        assert_eq!(fit(&body, quirks).unwrap().as_ptr(), body.as_ptr());
    }
}

const NAMES: [&str; 7] = [
    "user",
    "stream_options",
    "logprobs",
    "a",
    "b",
    "max_tokens",
    "max_completion_tokens",
];
const VALUES: [&str; 6] = [
    "1",
    "false",
    "null",
    r#""user""#,
    r#"{"user":[{}]}"#,
    "[1, 2]",
];

fn member() -> impl Strategy<Value = (&'static str, &'static str)> {
    (
        prop::sample::select(&NAMES[..]),
        prop::sample::select(&VALUES[..]),
    )
}

proptest! {
    /// What comes out is JSON without the members that go, and with all others as they were and in their order.
    #[test]
    fn only_what_goes_goes(members in prop::collection::vec(member(), 0..8), space in "[ \n]{0,2}") {
        let mut seen = std::collections::BTreeSet::new();
        let members: Vec<_> = members.into_iter().filter(|(name, _)| seen.insert(*name)).collect();
        let text: Vec<_> = members.iter().map(|(name, value)| format!("{space}\"{name}\"{space}:{value}")).collect();
        let body = Bytes::from(format!("{{{}{space}}}", text.join(",")));
        if let Ok(out) = fit(&body, QUIRKS) {
            let found: serde_json::Map<String, Value> = serde_json::from_slice(&out).unwrap();
            for gone in ["user", "stream_options", "logprobs", "max_completion_tokens"] {
                prop_assert!(!found.contains_key(gone));
            }
            for (name, value) in &members {
                if ["a", "b"].contains(name) {
                    prop_assert_eq!(&found[*name], &serde_json::from_str::<Value>(value).unwrap());
                }
            }
            let again = fit(&out, QUIRKS).unwrap();
            prop_assert_eq!(again, out);
        }
    }
}
