//! Filters: read as they are written, printed as they are read, and judged as a plain reading of the RFC
//! judges them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{ScimKind, USER};

fn user() -> Value {
    json!({
        "id": "user_1",
        "userName": "Ada@Example.com",
        "externalId": "00uAbC",
        "active": true,
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "emails": [
            { "value": "ada@example.com", "type": "work", "primary": true },
            { "value": "ada@home.example", "type": "home" },
        ],
        "meta": { "lastModified": "2026-11-26T12:00:00Z" },
        "nickName": "",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "Engines" },
        "custom": 7,
    })
}

fn holds(text: &str) -> bool {
    let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    filter.check(&USER).unwrap();
    filter.matches(&user(), &USER)
}

#[test]
fn filters_hold_as_the_standard_says() {
    for yes in [
        "userName eq \"ada@example.COM\"",
        "USERNAME Eq \"ada@example.com\"",
        "urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"ada\"",
        "externalId eq \"00uAbC\"",
        "id eq \"user_1\"",
        "name.familyName co \"LOVE\"",
        "name pr and not (nickName pr)",
        "title eq null",
        "title ne \"x\"",
        "active eq true",
        "active eq \"True\"",
        "emails eq \"ada@home.example\"",
        "emails.type eq \"home\"",
        "emails[type eq \"work\" and value ew \"@example.com\"]",
        "emails[type eq \"work\"].value eq \"ada@example.com\"",
        "emails[primary eq \"True\"]",
        "meta.lastModified gt \"2026-11-26T12:59:59+01:00\"",
        "meta.lastModified le \"2026-11-26T12:00:00.000Z\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"engines\"",
        "custom ge 7.0 and custom lt 8",
        "title pr or userName pr and active eq true",
        "not (title pr) and (userName eq \"x\" or active eq True)",
    ] {
        assert!(holds(yes), "{yes}");
    }
    for no in [
        "externalId eq \"00uabc\"",
        "id eq \"USER_1\"",
        "emails[type eq \"home\" and value ew \"@example.com\"]",
        "emails[type eq \"work\"].value eq \"ada@home.example\"",
        "emails.type ne \"work\"",
        "userName eq 7",
        "custom eq \"7\"",
        "active ne true",
        "nickName pr",
        "(title pr or userName pr) and active eq false",
    ] {
        assert!(!holds(no), "{no}");
    }
}

#[test]
fn what_is_no_filter_is_refused() {
    let long = format!("userName eq \"{}\"", "x".repeat(LONGEST));
    let deep = "(".repeat(DEEPEST + 1) + "a pr" + &")".repeat(DEEPEST + 1);
    let wide = vec!["a pr"; MOST + 1].join(" or ");
    for bad in [
        "",
        "userName",
        "userName eq",
        "userName eq ",
        "userName eq x",
        "userName xx \"y\"",
        "userName eq \"x",
        "userName eq \"x\" and",
        "userName eq \"x\" \"y\"",
        "(userName pr",
        "userName pr)",
        "not userName pr",
        "a[b[c pr] pr]",
        "a.b[c pr]",
        "a..b pr",
        "a eq 1e999",
        "a eq \"\\x\"",
        "a eq 'x'",
        "userName\teq \"x\"",
        "[a pr]",
        "or a pr",
        long.as_str(),
        deep.as_str(),
        wide.as_str(),
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr",
    ] {
        let error = Filter::parse(bad).unwrap_err();
        assert_eq!(error.kind, ScimKind::InvalidFilter, "{bad}");
    }
    for bad in [
        "active gt false",
        "emails[primary le true]",
        "x509Certificates lt \"x\"",
    ] {
        assert!(Filter::parse(bad).unwrap().check(&USER).is_err(), "{bad}");
    }
}

#[test]
fn the_deepest_and_the_widest_are_read() {
    let deep = "(".repeat(DEEPEST) + "a pr" + &")".repeat(DEEPEST);
    assert_eq!(
        Filter::parse(&deep).unwrap(),
        Filter::Present(Attr::plain("a"))
    );
    assert!(Filter::parse(&vec!["a pr"; MOST].join(" or ")).is_ok());
}

#[test]
fn what_has_to_equal_a_text_is_found_for_the_store() {
    let found = |text: &str| {
        let filter = Filter::parse(text).unwrap();
        let found = filter.equalities().into_iter();
        found
            .map(|(attr, text)| format!("{attr}={text}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("userName eq \"x\""), ["userName=x"]);
    assert_eq!(
        found("active eq true and userName eq \"x\""),
        ["userName=x"]
    );
    assert_eq!(
        found("emails[type eq \"work\"].value eq \"x\""),
        ["emails.type=work", "emails.value=x"]
    );
    assert!(found("userName eq \"x\" or userName eq \"y\"").is_empty());
    assert!(found("not (userName eq \"x\")").is_empty());
}

fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-zA-Z0-9_-]{0,6}"
}

fn attr() -> impl Strategy<Value = Attr> {
    let schema = prop_oneof![
        4 => Just(None),
        1 => Just(Some(USER.schema.id.to_owned())),
        1 => Just(Some(crate::ENTERPRISE.id.to_owned())),
    ];
    (schema, word(), proptest::option::of(word())).prop_map(|(schema, name, sub)| Attr {
        schema,
        name,
        sub,
    })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        any::<bool>().prop_map(Literal::Bool),
        Just(Literal::Null),
        any::<i64>().prop_map(|number| Literal::Number(number.into())),
        ".{0,12}".prop_map(Literal::Text),
    ]
}

fn comparison() -> impl Strategy<Value = Comparison> {
    prop::sample::select(vec![
        Comparison::Contains,
        Comparison::EndsWith,
        Comparison::Equal,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::NotEqual,
        Comparison::StartsWith,
    ])
}

fn filters(attr: BoxedStrategy<Attr>, elements: bool) -> BoxedStrategy<Filter> {
    let compare =
        (attr.clone(), comparison(), literal()).prop_map(|(a, c, l)| Filter::Compare(a, c, l));
    let leaf = prop_oneof![compare, attr.prop_map(Filter::Present)].boxed();
    let leaf = if elements {
        let inner = filters(word().prop_map(|name| Attr::plain(&name)).boxed(), false);
        let element = (word(), inner)
            .prop_map(|(name, inner)| Filter::Element(Attr::plain(&name), inner.into()));
        prop_oneof![3 => leaf, 1 => element].boxed()
    } else {
        leaf
    };
    leaf.prop_recursive(3, 12, 3, |inner| {
        let many = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            many.clone().prop_map(|parts| Filter::all(parts).unwrap()),
            many.prop_map(|parts| Filter::any(parts).unwrap()),
            inner.prop_map(|inner| Filter::Not(inner.into())),
        ]
    })
    .boxed()
}

/// Judges a filter over `a`, `b` and `c` by what each part of it comes to, with texts only: written anew,
/// from the RFC's table of operators.
fn reference(filter: &Filter, texts: &[(&str, Option<&str>)]) -> bool {
    let of = |attr: &Attr| {
        texts
            .iter()
            .find(|(name, _)| *name == attr.name)
            .and_then(|(_, text)| *text)
    };
    match filter {
        Filter::And(parts) => !parts.iter().any(|part| !reference(part, texts)),
        Filter::Or(parts) => parts.iter().any(|part| reference(part, texts)),
        Filter::Not(inner) => !reference(inner, texts),
        Filter::Present(attr) => of(attr).is_some_and(|text| !text.is_empty()),
        Filter::Element(..) => unreachable!("not generated here"),
        Filter::Compare(attr, comparison, Literal::Text(wanted)) => {
            let Some(text) = of(attr) else {
                return *comparison == Comparison::NotEqual;
            };
            let (text, wanted) = (text.to_ascii_uppercase(), wanted.to_ascii_uppercase());
            match comparison {
                Comparison::Equal => text == wanted,
                Comparison::NotEqual => text != wanted,
                Comparison::Contains => text.match_indices(&wanted).next().is_some(),
                Comparison::StartsWith => text.get(..wanted.len()) == Some(&wanted),
                Comparison::EndsWith => text.strip_suffix(&wanted).is_some(),
                Comparison::Greater => text > wanted,
                Comparison::GreaterOrEqual => text >= wanted,
                Comparison::Less => text < wanted,
                Comparison::LessOrEqual => text <= wanted,
            }
        }
        Filter::Compare(..) => unreachable!("texts only"),
    }
}

fn small() -> BoxedStrategy<Filter> {
    let attr = prop::sample::select(vec!["a", "b", "c"]).prop_map(Attr::plain);
    let compare = (attr.clone(), comparison(), "[xXyY]{0,2}")
        .prop_map(|(a, c, text)| Filter::Compare(a, c, Literal::Text(text)));
    let leaf = prop_oneof![3 => compare, 1 => attr.prop_map(Filter::Present)];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let many = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            many.clone().prop_map(|parts| Filter::all(parts).unwrap()),
            many.prop_map(|parts| Filter::any(parts).unwrap()),
            inner.prop_map(|inner| Filter::Not(inner.into())),
        ]
    })
    .boxed()
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(filter in filters(attr().boxed(), true)) {
        let text = filter.to_string();
        prop_assume!(text.len() <= LONGEST);
        prop_assert_eq!(Filter::parse(&text), Ok(filter), "{}", text);
    }

    #[test]
    fn judgement_is_that_of_the_reference(
        filter in small(),
        a in proptest::option::of("[xXyY]{0,2}"),
        b in proptest::option::of("[xXyY]{0,2}"),
    ) {
        let resource = json!({ "a": a, "b": b });
        let texts = [("a", a.as_deref()), ("b", b.as_deref()), ("c", None)];
        // By its text, so that precedence is judged too.
        let read = Filter::parse(&filter.to_string()).unwrap();
        prop_assert_eq!(read.matches(&resource, &USER), reference(&filter, &texts), "{}", filter);
    }

    #[test]
    fn any_text_is_refused_or_read(text in "[a-z .\"\\[\\]()eqandort0-9]{0,40}") {
        if let Ok(filter) = Filter::parse(&text) {
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }
    }
}
