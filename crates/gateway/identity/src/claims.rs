//! Where groups stand among claims. Providers disagree: `groups`, `realm_access.roles`,
//! `https://example.com/groups`; a list or one text.

use std::{fmt, str::FromStr};

use serde_json::{Map, Value};

/// The longest path, in bytes.
const LONGEST: usize = 200;

/// The longest name of a group, in bytes; longer ones are in no rule.
const LONGEST_GROUP: usize = 256;

/// Groups beyond this number are not looked at.
const MOST_GROUPS: usize = 5_000;

/// A claim, or the way to one inside of others: names with dots between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPath(String);

/// The text is no path of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the name of a claim, or names with dots between, of at most 200 bytes")]
pub struct ClaimPathError;

impl FromStr for ClaimPath {
    type Err = ClaimPathError;

    fn from_str(text: &str) -> Result<Self, ClaimPathError> {
        let printable = !text.contains(|c: char| c.is_control() || c.is_whitespace());
        if printable && (1..=LONGEST).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClaimPathError)
        }
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ClaimPath {
    /// The groups that the claims hold; `None` when there is no such claim.
    pub(crate) fn groups(&self, claims: &Map<String, Value>) -> Option<Vec<String>> {
        match find(claims, &self.0)? {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(all) => {
                let texts = all.iter().take(MOST_GROUPS).filter_map(Value::as_str);
                let short = texts.filter(|text| text.len() <= LONGEST_GROUP);
                Some(short.map(str::to_owned).collect())
            }
            _ => None,
        }
    }
}

/// A claim's own name may have dots in it, so the longest name that is there is taken first.
fn find<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(path) {
        return Some(value);
    }
    let dots = path.rmatch_indices('.');
    dots.filter_map(|(dot, _)| path.split_at_checked(dot))
        .find_map(|(name, rest)| {
            let inner = claims.get(name)?.as_object()?;
            find(inner, rest.strip_prefix('.')?)
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn groups(path: &str, claims: Value) -> Option<Vec<String>> {
        let path: ClaimPath = path.parse().unwrap();
        path.groups(claims.as_object().unwrap())
    }

    #[test]
    fn groups_are_found_where_providers_put_them() {
        let two = || Some(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(groups("groups", json!({ "groups": ["a", 7, "b"] })), two());
        let nested = json!({ "realm_access": { "roles": ["a", "b"] } });
        assert_eq!(groups("realm_access.roles", nested), two());
        let url = json!({ "https://example.com/groups": ["a", "b"] });
        assert_eq!(groups("https://example.com/groups", url), two());
        let both = json!({ "https://example.com/x": { "y": { "z": ["a", "b"] } } });
        assert_eq!(groups("https://example.com/x.y.z", both), two());
        assert_eq!(groups("g", json!({ "g": "a" })), Some(vec!["a".to_owned()]));
    }

    #[test]
    fn what_is_no_list_of_groups_is_none() {
        for other in [json!({}), json!({ "g": 7 }), json!({ "g": { "a": true } })] {
            assert_eq!(groups("g", other), None);
        }
        assert_eq!(groups("g.h", json!({ "g": ["h"] })), None);
        assert_eq!(groups("g", json!({ "g": [] })), Some(vec![]));
        let long = json!({ "g": ["x".repeat(257)] });
        assert_eq!(groups("g", long), Some(vec![]));
    }

    #[test]
    fn a_path_of_dots_ends() {
        let path = ".".repeat(LONGEST);
        assert_eq!(groups(&path, json!({ "": { "": {} } })), None);
        for bad in ["", "a b", "a\n", &"x".repeat(201)] {
            assert!(bad.parse::<ClaimPath>().is_err(), "{bad}");
        }
    }
}
