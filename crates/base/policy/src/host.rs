//! Host names, in the one form in which they are compared.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Why a text is not a host name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a host name is letters, digits, hyphens and dots, at most 253 characters (RFC 1123)")]
pub struct HostError;

/// A DNS name in lower case, without a dot at the end (RFC 1123 §2.1). Never an address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Arc<str>);

impl HostName {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `parent` or lies below it.
    #[must_use]
    pub fn is_within(&self, parent: &Self) -> bool {
        self.0
            .strip_suffix(&*parent.0)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

impl FromStr for HostName {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let text = text.strip_suffix('.').unwrap_or(text);
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        let last_is_number = text
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if text.len() > 253 || last_is_number || !text.split('.').all(label) {
            return Err(HostError);
        }
        Ok(Self(text.to_ascii_lowercase().into()))
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Serialize for HostName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for HostName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::arbitrary;

    #[test]
    fn names_have_one_form() {
        let name: HostName = "API.Anthropic.com.".parse().unwrap();
        assert_eq!(name.as_str(), "api.anthropic.com");
        for bad in [
            "",
            ".",
            "a..b",
            "-a.com",
            "203.0.113.10",
            "::1",
            "a b.com",
            "a/b",
        ] {
            assert_eq!(bad.parse::<HostName>(), Err(HostError), "{bad}");
        }
        let long = "a.".repeat(127) + "com";
        assert_eq!(long.parse::<HostName>(), Err(HostError));
    }

    #[test]
    fn below_means_at_a_dot() {
        let parent: HostName = "anthropic.com".parse().unwrap();
        for (text, within) in [
            ("anthropic.com", true),
            ("api.anthropic.com", true),
            ("evilanthropic.com", false),
            ("com", false),
        ] {
            assert_eq!(text.parse::<HostName>().unwrap().is_within(&parent), within);
        }
    }

    proptest! {
        #[test]
        fn whatever_reads_is_in_its_one_form(text in "[a-zA-Z0-9._:é -]{0,40}|[a-z]{1,70}(\\.[a-z]{1,70}){0,5}") {
            if let Ok(name) = text.parse::<HostName>() {
                let one = name.as_str();
                prop_assert!(one.len() <= 253 && one.split('.').all(|label| (1..=63).contains(&label.len())));
                prop_assert_eq!(one, text.trim_end_matches('.').to_ascii_lowercase());
                prop_assert_eq!(one.parse::<HostName>(), Ok(name.clone()));
                prop_assert_eq!(text.to_ascii_uppercase().parse::<HostName>(), Ok(name.clone()));
                prop_assert!(one.parse::<std::net::IpAddr>().is_err());
                let json = serde_json::to_string(&name).unwrap();
                prop_assert_eq!(serde_json::from_str::<HostName>(&json).unwrap(), name);
            }
        }

        #[test]
        fn below_is_a_matter_of_labels(name in arbitrary::host(), parent in arbitrary::host()) {
            let labels = |host: &HostName| -> Vec<String> {
                host.as_str().split('.').map(str::to_owned).collect()
            };
            let expected = labels(&name).ends_with(&labels(&parent));
            prop_assert_eq!(name.is_within(&parent), expected);
        }
    }
}
