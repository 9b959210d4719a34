//! Tokens that hold something one can read: JSON in base64, an id in base64.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::rule::{Candidate, Checked};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
/// Base64 with `+` and `/`, padded or not.
pub(super) const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
/// Base64 with `-` and `_`, padded or not.
pub(super) const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

fn sure_if(fits: bool) -> Checked {
    if fits { Checked::Sure } else { Checked::No }
}

/// What the header of a token in JWS or JWE form says, if it is one: a JSON object with `alg`.
fn has_algorithm(header: &str) -> bool {
    URL_SAFE
        .decode(header)
        .ok()
        .and_then(|bytes| {
            serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes).ok()
        })
        .is_some_and(|fields| fields.get("alg").is_some_and(serde_json::Value::is_string))
}

/// A JWT: its first part decodes to a JSON object that names an algorithm (RFC 7515 section 4.1.1). What
/// stands before the first `ey`, such as GitHub's `ghs_1234_`, is not looked at.
pub(super) fn jwt_header(candidate: &Candidate<'_>) -> Checked {
    let text = candidate.text;
    let Some(token) = text.find("ey").and_then(|at| text.get(at..)) else {
        return Checked::No;
    };
    let header = token.split('.').next().unwrap_or_default();
    sure_if(has_algorithm(header))
}

/// A JWT inside base64.
pub(super) fn jwt_in_base64(candidate: &Candidate<'_>) -> Checked {
    let text = candidate.text;
    // Whole groups of four only: a match may end anywhere.
    let whole = text.get(..text.len() / 4 * 4).unwrap_or_default();
    let decoded = STANDARD
        .decode(whole)
        .or_else(|_| URL_SAFE.decode(whole))
        .unwrap_or_default();
    let header = decoded
        .split(|byte| *byte == b'.')
        .next()
        .and_then(|bytes| std::str::from_utf8(bytes).ok());
    sure_if(header.is_some_and(has_algorithm))
}

/// A Discord bot token: its first part is the bot's id in decimal, in base64.
pub(super) fn discord_token(candidate: &Candidate<'_>) -> Checked {
    let id = candidate.text.split('.').next().unwrap_or_default();
    let decoded = URL_SAFE.decode(id).unwrap_or_default();
    sure_if((17..=20).contains(&decoded.len()) && decoded.iter().all(u8::is_ascii_digit))
}

/// A Sentry organisation token: `sntrys_`, JSON with `iat` in base64, `_`, a secret.
pub(super) fn sentry_org(candidate: &Candidate<'_>) -> Checked {
    let payload = candidate.text.split('_').nth(1).unwrap_or_default();
    let fields = STANDARD.decode(payload).ok().and_then(|bytes| {
        serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes).ok()
    });
    match fields {
        Some(fields) if fields.contains_key("iat") => Checked::Sure,
        _ => Checked::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::check;

    /// The example of RFC 7515, appendix A.1: its header and payload.
    const RFC_HEADER: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";

    #[test]
    fn the_rfcs_header_is_one() {
        let token = format!("{RFC_HEADER}.eyJpc3MiOiJqb2UifQ.c2ln");
        assert_eq!(check(jwt_header, &token), Checked::Sure);
        assert_eq!(check(jwt_header, &format!("ghs_12_{token}")), Checked::Sure);
        let wrapped = STANDARD.encode(&token);
        assert_eq!(check(jwt_in_base64, &wrapped), Checked::Sure);
        assert_eq!(
            check(jwt_in_base64, wrapped.trim_end_matches('=')),
            Checked::Sure
        );
    }

    #[test]
    fn json_without_an_algorithm_is_none() {
        for header in [r#"{"typ":"JWT"}"#, r#"{"alg":1}"#, r#"["alg"]"#, "{\"alg"] {
            let token = format!("{}.e30.c2ln", URL_SAFE.encode(header));
            assert_eq!(check(jwt_header, &token), Checked::No, "{header}");
            assert_eq!(check(jwt_in_base64, &STANDARD.encode(token)), Checked::No);
        }
        assert_eq!(check(jwt_header, ""), Checked::No);
        assert_eq!(check(jwt_in_base64, "é"), Checked::No);
    }

    #[test]
    fn a_discord_token_begins_with_an_id() {
        let good = format!("{}.abcdef.rest", URL_SAFE.encode("123456789012345678"));
        assert_eq!(check(discord_token, &good), Checked::Sure);
        let bad = format!("{}.abcdef.rest", URL_SAFE.encode("12345678901234567x"));
        assert_eq!(check(discord_token, &bad), Checked::No);
    }

    #[test]
    fn a_sentry_token_says_when_it_was_made() {
        let good = format!("sntrys_{}_x", STANDARD.encode(r#"{"iat":1.5,"org":"a"}"#));
        assert_eq!(check(sentry_org, &good), Checked::Sure);
        let bad = format!("sntrys_{}_x", STANDARD.encode(r#"{"org":"a"}"#));
        assert_eq!(check(sentry_org, &bad), Checked::No);
        assert_eq!(check(sentry_org, "sntrys"), Checked::No);
    }
}
