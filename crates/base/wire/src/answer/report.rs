//! A usage report as it was read: small, borrowed from the answer, and lenient. What is missing, or
//! of another kind than expected, reads as [`Report::Nothing`].

use std::{borrow::Cow, fmt, ops::Index};

use serde::{
    Deserialize,
    de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::translate::Json;

/// A value of a report. Fractions and negative numbers count nothing and read as nothing, but for
/// [`Report::Fraction`], which says how long a sound was.
#[derive(Debug, Default, PartialEq)]
pub(super) enum Report<'a> {
    Count(u64),
    Fraction(f64),
    List(Vec<Report<'a>>),
    #[default]
    Nothing,
    Object(Vec<(Cow<'a, str>, Report<'a>)>),
    Word(Cow<'a, str>),
}

/// Members and elements of one level; reports have some ten.
const MOST: usize = 256;

static NOTHING: Report<'static> = Report::Nothing;

impl<'a> Report<'a> {
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        // An error is made with care, and costs; nothing to read is the usual case.
        (!text.is_empty()).then(|| serde_json::from_slice(text).ok())?
    }

    /// A report that was read already.
    pub(super) fn of(value: &'a Json<'_>) -> Self {
        match value {
            Json::Null | Json::Bool(_) => Self::Nothing,
            Json::Number(number) => match number.as_u64() {
                Some(count) => Self::Count(count),
                None if number.is_f64() => number.as_f64().map_or(Self::Nothing, Self::Fraction),
                None => Self::Nothing,
            },
            Json::String(word) => Self::Word(Cow::Borrowed(word)),
            Json::Array(list) => Self::List(list.iter().take(MOST).map(Self::of).collect()),
            Json::Object(members) => {
                let members = members.iter().take(MOST);
                let read = |(name, value): &'a (Cow<'_, str>, Json<'_>)| {
                    (Cow::Borrowed(&**name), Self::of(value))
                };
                Self::Object(members.map(read).collect())
            }
        }
    }

    pub(super) const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// Its number; 0 where it is none.
    pub(super) const fn count(&self) -> u64 {
        match self {
            Self::Count(count) => *count,
            _ => 0,
        }
    }

    /// Its number, whole or not.
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds of sound stay far below 2^53"
    )]
    pub(super) const fn number(&self) -> Option<f64> {
        match self {
            Self::Count(count) => Some(*count as f64),
            Self::Fraction(number) => Some(*number),
            _ => None,
        }
    }

    /// Its text; empty where it is none.
    pub(super) fn word(&self) -> &str {
        match self {
            Self::Word(word) => word,
            _ => "",
        }
    }

    /// Its elements; none where it is no list.
    pub(super) fn list(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            _ => &[],
        }
    }
}

impl<'a> Index<&str> for Report<'a> {
    type Output = Report<'a>;

    /// The last member of that name, as every JSON reader takes it.
    fn index(&self, key: &str) -> &Report<'a> {
        let Self::Object(members) = self else {
            return &NOTHING;
        };
        let found = members.iter().rev().find(|(name, _)| name == key);
        found.map_or(&NOTHING, |(_, value)| value)
    }
}

impl<'de> Deserialize<'de> for Report<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Report<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a usage report")
    }

    fn visit_u64<E>(self, count: u64) -> Result<Self::Value, E> {
        Ok(Report::Count(count))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Report::Fraction(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Report::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Report::Nothing)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Report::Nothing)
    }

    fn visit_borrowed_str<E>(self, word: &'de str) -> Result<Self::Value, E> {
        Ok(Report::Word(Cow::Borrowed(word)))
    }

    fn visit_str<E>(self, word: &str) -> Result<Self::Value, E> {
        Ok(Report::Word(Cow::Owned(word.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while list.len() < MOST
            && let Some(element) = from.next_element()?
        {
            list.push(element);
        }
        while from.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Report::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(8);
        while members.len() < MOST
            && let Some(Name(name)) = from.next_key()?
        {
            members.push((name, from.next_value()?));
        }
        while from.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Report::Object(members))
    }
}

/// A member's name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        from.deserialize_str(Reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_reports_read_as_nothing_where_they_are_odd() {
        let text = br#"{"a":1,"b":-1,"c":1.5,"d":null,"e":true,"f":"w\u006frd","g":[{"h":2}],
            "a":3,"\u0078":4}"#;
        let report = Report::read(text).unwrap();
        assert_eq!(
            Report::of(&Json::read(b"[1,-1,1.5,null,true,\"w\",{\"h\":2}]").unwrap()),
            Report::read(b"[1,-1,1.5,null,true,\"w\",{\"h\":2}]").unwrap()
        );
        assert_eq!(report["a"].count(), 3);
        assert_eq!(report["x"].count(), 4);
        assert_eq!(report["b"].count() + report["c"].count(), 0);
        assert_eq!(report["c"].number(), Some(1.5));
        assert!(report["d"].is_nothing() && report["nowhere"]["at"]["all"].is_nothing());
        assert_eq!(report["f"].word(), "word");
        assert_eq!(report["g"].list()[0]["h"].count(), 2);
        assert_eq!(Report::read(b"{\"a\":"), None);
    }

    #[test]
    fn a_long_list_is_cut_not_refused() {
        let text = format!("{{\"list\":[{}1],\"after\":7}}", "1,".repeat(1_000));
        let report = Report::read(text.as_bytes()).unwrap();
        assert_eq!(report["list"].list().len(), MOST);
        assert_eq!(report["after"].count(), 7);
    }
}
