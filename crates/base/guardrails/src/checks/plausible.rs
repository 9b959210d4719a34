//! Whether a value could be a token at all, or is a word, an id, a path, a placeholder.

use crate::rule::{Candidate, Checked};

/// What placeholders and references to a secret kept elsewhere hold, lower case.
const PLACEHOLDERS: &[&str] = &[
    "0123456789",
    "1234567890",
    "abcdefgh",
    "changeme",
    "dummy",
    "example",
    "goes-here",
    "goes_here",
    "here",
    "insert",
    "placeholder",
    "process.env",
    "redacted",
    "replace",
    "sample",
    "secrets.",
    "your",
    "xxxx",
];

/// Whether a value is plainly a placeholder: one of the usual words, or few different characters.
pub(super) fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    PLACEHOLDERS.iter().any(|word| lower.contains(word)) || distinct(value) < 4
}

/// How many different bytes a value has.
pub(super) fn distinct(value: &str) -> u32 {
    let mut seen = [0_u64; 4];
    for byte in value.bytes() {
        if let Some(word) = seen.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }
    seen.iter().map(|word| word.count_ones()).sum()
}

/// `8-4-4-4-12` hex digits: an id far oftener than a secret.
fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a value reads as words: letters only between `_`, `-`, `.`, `/` (and digits at the end of a
/// word, as in `v2`), as names of variables, hosts, files and types do.
fn reads_as_words(value: &str) -> bool {
    let mut words = 0_u32;
    let mut plain = 0_u32;
    for word in value.split(['_', '-', '.', '/', '=', '+', ':', '@', '~']) {
        if word.is_empty() {
            continue;
        }
        words += 1;
        let letters = word.trim_end_matches(|char: char| char.is_ascii_digit());
        let digits = word.len() - letters.len();
        let alphabetic = letters.bytes().all(|byte| byte.is_ascii_alphabetic());
        if alphabetic && digits <= 4 && humps(letters) {
            plain += 1;
        }
    }
    plain == words
}

/// Whether letters change case as words and `CamelCase` do: every run of capitals is short or the whole,
/// and humps are at least two letters long on average.
fn humps(letters: &str) -> bool {
    let bytes = letters.as_bytes();
    let changes = bytes
        .iter()
        .zip(bytes.iter().skip(1))
        .filter(|(one, next)| one.is_ascii_lowercase() && next.is_ascii_uppercase())
        .count();
    changes == 0 || bytes.len() / (changes + 1) >= 3
}

/// Whether a value is a path: a `/` or `.` first, and a `/` after.
fn is_path(value: &str) -> bool {
    value
        .strip_prefix(['/', '.'])
        .is_some_and(|rest| rest.contains('/'))
}

/// A value beside a telling word, that is to be random: it has digits and letters (or is long hex), and is
/// no placeholder, UUID, version, path or name.
pub(super) fn token_like(candidate: &Candidate<'_>) -> Checked {
    let value = candidate.text.trim_matches(['.', ',', '=', '-', '/']);
    let letters = value.bytes().any(|byte| byte.is_ascii_alphabetic());
    let digits = value.bytes().any(|byte| byte.is_ascii_digit());
    let refused = value.len() < 8
        || !letters
        || !digits
        || is_uuid(value)
        || is_placeholder(value)
        || reads_as_words(value)
        || is_path(candidate.text)
        || value.contains("::")
        || value.contains("//") && !is_base64(candidate.text);
    if refused { Checked::No } else { Checked::Maybe }
}

/// Whole groups of base64 (RFC 4648 §4), as many as a key has: in one of them in 4,096 places stands `//`, which
/// elsewhere begins a comment or a path.
fn is_base64(text: &str) -> bool {
    let plain = text.trim_end_matches('=');
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.len() >= 24 && text.len().is_multiple_of(4) && plain.bytes().all(letter)
}

/// An AWS access key id: a prefix of four, then sixteen of A-Z and 2-7 that hold the account. Nothing in
/// them can be checked but that they are no placeholder.
pub(super) fn aws_access_key_id(candidate: &Candidate<'_>) -> Checked {
    let body = candidate.text.get(4..).unwrap_or_default();
    if body.len() != 16 || distinct(body) < 5 || body.ends_with("EXAMPLE") {
        return Checked::No;
    }
    Checked::Maybe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::check;

    #[test]
    fn random_values_are_like_tokens() {
        for value in [
            "q8Zr2LmX0vTn4KsB",
            "9f86d081884c7d659a2feaa0",
            "a1.b2C3d4E5f6G7",
            "q8Zr2LmX0vTn4//sBq8Zr2LmX0w=",
        ] {
            assert_eq!(check(token_like, value), Checked::Maybe, "{value}");
        }
    }

    #[test]
    fn words_ids_paths_and_placeholders_are_not() {
        for value in [
            "understanding",
            "customer_account_id2",
            "SecretManagerClient2",
            "123e4567-e89b-12d3-a456-426614174000",
            "/home/ann/k3y",
            "your-token-1234",
            "xxxxxxxxxxx1",
            "12345678901234",
            "std::env::var1",
            "retries1//seconds",
            "k1",
            "",
        ] {
            assert_eq!(check(token_like, value), Checked::No, "{value}");
        }
    }

    #[test]
    fn the_documented_key_id_is_a_placeholder() {
        let documented = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
        assert_eq!(check(aws_access_key_id, &documented), Checked::No);
        let other = ["AKIA", "Q3EGR7ZK2MTPW5LX"].concat();
        assert_eq!(check(aws_access_key_id, &other), Checked::Maybe);
        assert_eq!(
            check(aws_access_key_id, "AKIAAAAAAAAAAAAAAAAA"),
            Checked::No
        );
        assert_eq!(check(aws_access_key_id, "é"), Checked::No);
    }
}
