//! The words that stand for enums of the policy in the database. Never change one.

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
