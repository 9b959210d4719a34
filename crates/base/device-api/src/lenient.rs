//! Lists from a newer peer: what cannot be read is left out, and what can be counts.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny},
};

#[derive(Deserialize)]
#[serde(untagged)]
enum Maybe<T> {
    Read(T),
    #[allow(
        dead_code,
        reason = "what it holds is of no use: it is here to be passed over"
    )]
    Unread(IgnoredAny),
}

/// The entries of a list that can be read.
pub(crate) fn readable<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let entries = Vec::<Maybe<T>>::deserialize(deserializer)?;
    let read = |entry| match entry {
        Maybe::Read(entry) => Some(entry),
        Maybe::Unread(_) => None,
    };
    Ok(entries.into_iter().filter_map(read).collect())
}
