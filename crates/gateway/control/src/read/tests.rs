//! Reading as callers see it: all errors at once, each with its place.

use proptest::prelude::*;
use serde_json::{Value, json};
use tidegate_types::{KeyId, Timestamp};

use super::*;

read_struct! {
    #[derive(Debug)]
    struct Inner {
        list: Vec<Count>,
    }
}

read_struct! {
    #[derive(Debug)]
    struct Outer {
        name: Label,
        key: Option<KeyId>,
        until: Change<Option<Timestamp>>,
        inner: Option<Inner>,
        on: Option<bool>,
    }
}

fn read(origin: Origin, value: Value) -> Result<Outer, Vec<(String, String)>> {
    let mut reader = Reader::new(origin);
    let read = Outer::read(value, &mut reader);
    reader.finish(read).map_err(|errors| {
        let place = |e: &FieldError| e.pointer.clone().or_else(|| e.parameter.clone());
        errors
            .iter()
            .map(|e| (place(e).unwrap(), e.detail.clone()))
            .collect()
    })
}

#[test]
fn all_errors_are_collected_with_their_pointers() {
    let errors = read(
        Origin::Body,
        json!({ "key": "team_x", "inner": { "list": [1, 0, "2"] }, "a/b~c": 1, "on": "true" }),
    )
    .unwrap_err();
    let places: Vec<&str> = errors.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(
        places,
        [
            "/name",
            "/key",
            "/inner/list/1",
            "/inner/list/2",
            "/on",
            "/a~1b~0c"
        ]
    );
    assert_eq!(errors[0].1, "is required");
    assert!(errors[1].1.contains("`key_`"));
    assert!(
        errors[5]
            .1
            .contains("known are name, key, until, inner, on")
    );
}

#[test]
fn a_body_without_errors_is_the_value() {
    let body =
        json!({ "name": "n", "key": format!("key_{}", "0".repeat(26)), "inner": { "list": [2] } });
    let outer = read(Origin::Body, body).unwrap();
    assert_eq!(outer.name, Label("n".to_owned()));
    assert!(outer.key.is_some());
    assert_eq!(outer.inner.unwrap().list, [Count(2)]);
}

#[test]
fn absent_null_and_given_are_three_things() {
    let until = |value: Value| read(Origin::Body, value).unwrap().until;
    assert_eq!(until(json!({ "name": "n" })), Change::Keep);
    assert_eq!(
        until(json!({ "name": "n", "until": null })),
        Change::To(None)
    );
    let time = "2026-01-31T12:00:00Z";
    let given = until(json!({ "name": "n", "until": time }));
    assert_eq!(given, Change::To(Some(time.parse().unwrap())));
}

#[test]
fn a_query_is_text_and_a_body_is_typed() {
    assert_eq!(
        read(Origin::Query, json!({ "name": "n", "on": "true" }))
            .unwrap()
            .on,
        Some(true)
    );
    let errors = read(Origin::Query, json!({ "name": "n", "on": "yes", "x": "" })).unwrap_err();
    let places: Vec<&str> = errors.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["on", "x"]);
}

#[test]
fn errors_and_lists_are_bounded() {
    let many: Map<String, Value> = (0..500).map(|n| (format!("f{n}"), Value::Null)).collect();
    assert_eq!(
        read(Origin::Body, Value::Object(many)).unwrap_err().len(),
        MAX_ERRORS
    );
    let long = json!({ "name": "n", "inner": { "list": vec![1; 201] } });
    assert_eq!(read(Origin::Body, long).unwrap_err().len(), 1);
}

#[test]
fn a_key_given_twice_is_refused_at_any_depth() {
    assert!(strict(br#"{"a":1,"b":{"c":[{"d":1}]}}"#).is_ok());
    for twice in [
        r#"{"a":1,"a":1}"#,
        r#"{"b":[{"c":1,"c":2}]}"#,
        r#"{"a":1,"\u0061":2}"#,
    ] {
        assert!(
            strict(twice.as_bytes())
                .unwrap_err()
                .to_string()
                .contains("twice"),
            "{twice}"
        );
    }
    assert!(strict(&b"[".repeat(100_000)).is_err(), "nesting is bounded");
}

#[test]
fn labels_and_addresses_have_bounds() {
    let label = |text: &str| Label::read(json!(text), &mut Reader::new(Origin::Body)).is_some();
    assert!(label("batch jobs") && label("Zürich 漢字") && label(&"é".repeat(100)));
    for bad in ["", " x", "x ", "a\nb", &"x".repeat(101)] {
        assert!(!label(bad), "{bad:?}");
    }
    assert_eq!(
        Email::parse("Ada@Example.COM"),
        Some(Email("ada@example.com".to_owned()))
    );
    assert!(Email::parse("root@localhost").is_some());
    for bad in [
        "", "a", "@b.c", "a@", "a@b", "a@@b.c", "a b@c.d", "a@b..c", "a@.b",
    ] {
        assert_eq!(Email::parse(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn strict_reading_means_what_serde_means(text in r#"[\[\]{}:,"a0-9. truefalsn-]{0,40}"#) {
        if let Ok(value) = strict(text.as_bytes()) {
            prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
    }
}
