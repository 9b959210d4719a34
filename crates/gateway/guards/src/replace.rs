//! What stands where something was.

use std::fmt::Write;

use tidegate_governance::guardrail::Replacement;

/// How many characters a mask shows, and from what length on.
const SHOWN: usize = 4;
const LONG_ENOUGH: usize = 12;

/// A rule's name as it stands in texts: `github-pat` is `GITHUB_PAT`.
pub(crate) fn label(rule: &str) -> String {
    let letter = |c: char| match c {
        'a'..='z' => c.to_ascii_uppercase(),
        'A'..='Z' | '0'..='9' => c,
        _ => '_',
    };
    rule.chars().take(64).map(letter).collect()
}

/// The text in place of `value`. `key` is the installation's own, so that nobody else can find a value by
/// trying.
pub(crate) fn replacement(with: Replacement, label: &str, value: &str, key: &[u8; 32]) -> Box<str> {
    match with {
        Replacement::Name => format!("[{label}]"),
        Replacement::Mask => mask(value),
        Replacement::Hash => {
            let hash = blake3::keyed_hash(key, value.as_bytes());
            let mut text = format!("[{label}:");
            for byte in hash.as_bytes().iter().take(4) {
                // Writing into a string cannot fail.
                _ = write!(text, "{byte:02x}");
            }
            text.push(']');
            text
        }
    }
    .into()
}

fn mask(value: &str) -> String {
    let length = value.chars().count();
    let hidden = if length >= LONG_ENOUGH {
        length - SHOWN
    } else {
        length
    };
    let shown = value.chars().skip(hidden);
    "*".repeat(hidden).chars().chain(shown).collect()
}
