//! Puts JSON together.

use std::borrow::Cow;

use super::Json;

/// The members of an object.
pub(crate) type Members<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

/// An object.
pub(crate) fn object<'a>(members: impl IntoIterator<Item = (&'static str, Json<'a>)>) -> Json<'a> {
    Json::Object(self::members(members))
}

/// The members of an object, to which others come.
pub(crate) fn members<'a>(
    members: impl IntoIterator<Item = (&'static str, Json<'a>)>,
) -> Members<'a> {
    let named = members.into_iter();
    named
        .map(|(name, value)| (Cow::Borrowed(name), value))
        .collect()
}

/// A string.
pub(crate) fn text<'a>(text: impl Into<Cow<'a, str>>) -> Json<'a> {
    Json::String(text.into())
}

/// A whole number.
pub(crate) fn count(number: u64) -> Json<'static> {
    Json::Number(number.into())
}

/// The place of something in a list.
pub(crate) fn place(index: usize) -> Json<'static> {
    count(index as u64)
}

/// A string, or `null`.
pub(crate) fn maybe<'a>(text: Option<impl Into<Cow<'a, str>>>) -> Json<'a> {
    text.map_or(Json::Null, |text| Json::String(text.into()))
}
