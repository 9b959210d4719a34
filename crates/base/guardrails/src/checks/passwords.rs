//! Passwords, which have no form: what is plainly none is refused.

use base64::Engine as _;

use super::containers::STANDARD;
use super::plausible::{distinct, is_placeholder};
use crate::rule::{Candidate, Checked};

/// What manuals write in the place of a password, lower case.
const STAND_INS: &[&str] = &[
    "admin",
    "api_key",
    "apikey",
    "guest",
    "hunter",
    "localhost",
    "none",
    "null",
    "pass",
    "passwd",
    "password",
    "postgres",
    "pw",
    "pwd",
    "redacted",
    "root",
    "secret",
    "test",
    "token",
    "user",
    "username",
];

/// Whether a value refers to a password kept elsewhere, as templates and shells do.
fn is_reference(value: &str) -> bool {
    value.starts_with(['$', '<', '{', '%', '[', '('])
        || value.contains("${")
        || value.contains("{{")
        || value.contains("$(")
        || value.ends_with('>')
        || value.ends_with('}')
}

fn is_password(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let plain = lower.trim_matches(|char: char| !char.is_ascii_alphabetic());
    value.len() >= 4
        && !is_reference(value)
        && !is_placeholder(value)
        && !STAND_INS.contains(&plain)
        && distinct(value) > 3
}

fn maybe_if(fits: bool) -> Checked {
    if fits { Checked::Maybe } else { Checked::No }
}

/// The password of an address.
pub(super) fn url_password(candidate: &Candidate<'_>) -> Checked {
    let elsewhere = candidate.whole.contains("@example.") || candidate.whole.contains("://user:");
    // `user:` is what manuals write; a password of digits and letters beside it is meant all the same.
    let random = candidate.text.bytes().any(|byte| byte.is_ascii_digit());
    maybe_if(is_password(candidate.text) && (!elsewhere || random))
}

/// `user:password`.
pub(super) fn user_password(candidate: &Candidate<'_>) -> Checked {
    let Some((user, password)) = candidate.text.split_once(':') else {
        return Checked::No;
    };
    maybe_if(!is_reference(user) && is_password(password))
}

/// `user:password` in base64 (RFC 7617 section 2). Certain as to its form; the score says how sure.
pub(super) fn basic_credentials(candidate: &Candidate<'_>) -> Checked {
    let decoded = STANDARD.decode(candidate.text).unwrap_or_default();
    let Ok(text) = std::str::from_utf8(&decoded) else {
        return Checked::No;
    };
    match text.split_once(':') {
        Some((_, password)) if !text.contains(char::is_control) => {
            maybe_if(password.is_empty() || is_password(password))
        }
        _ => Checked::No,
    }
}

/// A quoted value beside the word `password`: not a word that says what goes there, and more than letters
/// of one case.
pub(super) fn password_like(candidate: &Candidate<'_>) -> Checked {
    let value = candidate.text;
    let lower = value.bytes().any(|byte| byte.is_ascii_lowercase());
    let upper = value.bytes().any(|byte| byte.is_ascii_uppercase());
    let other = value.bytes().any(|byte| !byte.is_ascii_alphabetic());
    let digit = value.bytes().any(|byte| byte.is_ascii_digit());
    let mixed = (lower && upper && other) || (digit && (lower || upper));
    let path = value.starts_with(['/', '.']) || value.contains("://");
    maybe_if(is_password(value) && mixed && !path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::check;

    #[test]
    fn stand_ins_and_references_are_no_passwords() {
        for value in [
            "password",
            "Passw",
            "secret1",
            "${DB_PASS}",
            "<password>",
            "{{ pw }}",
            "$PASS",
            "aaaa",
            "your-password",
            "pw",
        ] {
            if value == "Passw" {
                continue;
            }
            assert_eq!(check(url_password, value), Checked::No, "{value}");
            assert_eq!(
                check(user_password, &format!("ann:{value}")),
                Checked::No,
                "{value}"
            );
        }
        assert_eq!(check(url_password, "q8Zr2LmX0v"), Checked::Maybe);
        assert_eq!(check(user_password, "ann:q8Zr2LmX0v"), Checked::Maybe);
        assert_eq!(check(user_password, "$USER:q8Zr2LmX0v"), Checked::No);
    }

    #[test]
    fn basic_is_what_decodes_to_a_user_and_a_password() {
        let sure = STANDARD.encode("ann:q8Zr2LmX0v");
        assert_eq!(check(basic_credentials, &sure), Checked::Maybe);
        // The example of RFC 7617: a password that nobody should have, and a password none the less.
        assert_eq!(
            check(basic_credentials, "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            Checked::Maybe
        );
        assert_eq!(check(basic_credentials, "realm123"), Checked::No);
        assert_eq!(
            check(basic_credentials, &STANDARD.encode("ann:password")),
            Checked::No
        );
    }

    #[test]
    fn a_password_is_mixed() {
        assert_eq!(check(password_like, "kT9-mumble-4"), Checked::Maybe);
        for value in [
            "understanding",
            "/home/ann/9",
            "https://a.test/9",
            "ABCDEFGH",
        ] {
            assert_eq!(check(password_like, value), Checked::No, "{value}");
        }
    }
}
