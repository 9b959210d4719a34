//! Names that callers and admins write: providers, models, and patterns over models.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Provider names are part of `provider/model` and of metrics labels.
    #[error("a provider name is 1 to 64 characters of a-z 0-9 - _")]
    Provider,
    /// Model names end up in URLs, headers and logs.
    #[error("a model name is 1 to 256 printable ASCII characters without spaces")]
    Model,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $error:expr, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.into())) } else { Err($error) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

name!(
    /// The name an operator gave a provider: the part before the slash in `provider/model`.
    ProviderName,
    NameError::Provider,
    |text| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
    }
);

name!(
    /// A model as a caller or a provider names it.
    ModelName,
    NameError::Model,
    |text| (1..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
);

name!(
    /// A pattern over model names: literal but for `*`, which stands for any run of characters.
    ModelPattern,
    NameError::Model,
    |text| (1..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
);

impl ModelPattern {
    /// Whether `model` matches, in time linear in its length for each `*`.
    #[must_use]
    pub fn matches(&self, model: &str) -> bool {
        wildcard(&self.0, model)
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any characters, in time linear in the text's
/// length for each `*`.
#[must_use]
pub fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    let Some(mut rest) = rest.strip_suffix(last) else {
        return false;
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, model: &str) -> bool {
        pattern.parse::<ModelPattern>().unwrap().matches(model)
    }

    #[test]
    fn a_pattern_is_literal_but_for_stars() {
        assert!(matches("gpt-4o", "gpt-4o"));
        assert!(!matches("gpt-4o", "gpt-4o-mini"));
        assert!(matches("gpt-*", "gpt-4o"));
        assert!(matches("*", "anything"));
        assert!(matches("claude-*-4-*", "claude-opus-4-1"));
        assert!(!matches("claude-*-4-*", "claude-opus-4"));
        assert!(!matches("a*a", "a"));
        assert!(matches("*mini*", "gpt-4o-mini-2024"));
        assert!(!matches("gpt.4o", "gpt-4o"));
    }

    #[test]
    fn names_are_bounded_and_plain() {
        assert!("open-ai_2".parse::<ProviderName>().is_ok());
        assert_eq!("Open/AI".parse::<ProviderName>(), Err(NameError::Provider));
        assert_eq!("gpt 4".parse::<ModelName>(), Err(NameError::Model));
        assert_eq!("x".repeat(257).parse::<ModelName>(), Err(NameError::Model));
    }
}
