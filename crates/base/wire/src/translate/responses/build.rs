//! Puts JSON together.

use std::borrow::Cow;

use super::Json;

/// The members of an object.
pub(super) type Members<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

/// An object.
pub(super) fn object<'a, const N: usize>(members: [(&'static str, Json<'a>); N]) -> Json<'a> {
    Json::Object(self::members(members))
}

/// The members of an object, to which others come.
pub(super) fn members<'a, const N: usize>(members: [(&'static str, Json<'a>); N]) -> Members<'a> {
    let named = members.into_iter();
    named
        .map(|(name, value)| (Cow::Borrowed(name), value))
        .collect()
}

/// A string.
pub(super) fn text<'a>(text: impl Into<Cow<'a, str>>) -> Json<'a> {
    Json::String(text.into())
}

/// A whole number.
pub(super) fn count(number: u64) -> Json<'static> {
    Json::Number(number.into())
}

/// The place of something in a list.
pub(super) fn place(index: usize) -> Json<'static> {
    count(index as u64)
}

/// A string, or `null`.
pub(super) fn maybe<'a>(text: Option<impl Into<Cow<'a, str>>>) -> Json<'a> {
    text.map_or(Json::Null, |text| Json::String(text.into()))
}
