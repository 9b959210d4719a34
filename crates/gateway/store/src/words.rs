//! The words that stand for enums of the policy in the database. Never change one.

use serde::{Serialize, de::DeserializeOwned};
use tidegate_policy::{Decision, FailMode, Mode, Pinned, Treatment};

use crate::{StoreError, sql::Row};

/// An enum with a word for each variant.
pub(crate) trait Word: Copy + Sized + 'static {
    /// All variants and their words.
    const WORDS: &'static [(Self, &'static str)];
    /// Its word.
    fn word(self) -> &'static str;

    /// The variant whose word a column holds.
    fn read(row: &Row, column: usize) -> Result<Self, StoreError> {
        let word = row.text(column)?;
        let known = Self::WORDS.iter().find(|(_, known)| *known == word);
        known
            .map(|(value, _)| *value)
            .ok_or_else(|| StoreError::Broken(format!("column {column} holds an unknown word")))
    }
}

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl Word for $name {
            const WORDS: &'static [(Self, &'static str)] = &[$((Self::$variant, $word)),*];
            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

words!(Decision { Approved = "approved", Denied = "denied", Pending = "pending" });
words!(FailMode { Closed = "closed", Open = "open" });
words!(Mode { Gateway = "gateway", PassThrough = "pass_through" });
words!(Pinned { Block = "block", Bypass = "bypass" });
words!(Treatment { Governed = "governed", Ignored = "ignored" });

/// The word that a value of the device API is on the wire, which is what the database holds too.
pub(crate) fn wire(value: &impl Serialize) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(StoreError::Broken("a value is no word".into())),
    }
}

/// A value as JSON text.
pub(crate) fn json_text(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Broken(format!("a value cannot be written: {error}")))
}

/// The value in a column of JSON text.
pub(crate) fn from_json<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T, StoreError> {
    serde_json::from_str(row.text(column)?)
        .map_err(|error| StoreError::Broken(format!("column {column} cannot be read: {error}")))
}
