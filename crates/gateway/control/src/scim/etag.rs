//! Entity tags (RFC 7644 §3.14): whether a resource is still as the client knows it.

use http::{HeaderMap, HeaderName, header};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Refusal;

/// The tag of a resource by its content. Weak: the order of attributes says nothing.
pub(super) fn by_content(resource: &Value) -> String {
    let hash = Sha256::digest(resource.to_string());
    let short = hash.iter().take(8);
    short.fold("W/\"".to_owned(), |text, byte| format!("{text}{byte:02x}")) + "\""
}

/// The tag of a resource by its version.
pub(super) fn by_version(version: u64) -> String {
    format!("W/\"{version}\"")
}

/// The tag that a resource says it has.
pub(super) fn of(resource: &Value) -> Option<&str> {
    resource["meta"]["version"].as_str()
}

/// Refuses a change of a resource that is not as the client knows it.
pub(super) fn unchanged(wanted: Option<&str>, tag: &str) -> Result<(), Refusal> {
    match wanted {
        Some(wanted) if !lists(wanted, tag) => Err(Refusal::changed()),
        _ => Ok(()),
    }
}

/// Whether the client knows a resource as it is.
pub(super) fn known(headers: &HeaderMap, resource: &Value) -> bool {
    let tags = given(headers, &header::IF_NONE_MATCH);
    tags.zip(of(resource))
        .is_some_and(|(tags, tag)| lists(&tags, tag))
}

/// What a client says of tags, if it does.
pub(super) fn given(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<&str> = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// Compares weakly (RFC 9110 §8.8.3.2): tags of ours have no commas.
fn lists(tags: &str, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.split(',')
        .any(|one| one.trim() == "*" || opaque(one) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tag_is_known_in_every_way_it_is_written() {
        for known in ["W/\"7\"", "\"7\"", "\"6\", W/\"7\"", "*"] {
            assert_eq!(unchanged(Some(known), "W/\"7\""), Ok(()), "{known}");
        }
        assert_eq!(unchanged(None, "W/\"7\""), Ok(()));
        for other in ["W/\"6\"", "7", ""] {
            assert_eq!(
                unchanged(Some(other), "W/\"7\""),
                Err(Refusal::changed()),
                "{other}"
            );
        }
    }

    #[test]
    fn another_content_is_another_tag() {
        assert_eq!(
            by_content(&json!({ "a": 1 })),
            by_content(&json!({ "a": 1 }))
        );
        assert_ne!(
            by_content(&json!({ "a": 1 })),
            by_content(&json!({ "a": 2 }))
        );
    }
}
