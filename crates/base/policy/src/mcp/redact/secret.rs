//! Whether a token is a credential, and whether a name is given to one.

/// Beginnings of well-known credentials, as their issuers document them.
const BEGINNINGS: &[&str] = &[
    "sk-",
    "sk_",
    "pk-",
    "pk_",
    "rk_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "gldt-",
    "glrt-",
    "xoxa-",
    "xoxb-",
    "xoxe-",
    "xoxp-",
    "xoxr-",
    "xoxs-",
    "xapp-",
    "AKIA",
    "ASIA",
    "eyJ",
    "AIza",
    "ya29.",
    "GOCSPX-",
    "npm_",
    "pypi-",
    "hf_",
    "gsk_",
    "r8_",
    "dop_v1_",
    "shpat_",
    "shpss_",
    "SG.",
    "lin_api_",
    "ntn_",
    "secret_",
    "figd_",
    "sbp_",
    "tvly-",
    "fc-",
    "pplx-",
    "xai-",
    "key-",
    "key_",
    "tok_",
    "token_",
    "dapi",
    "ATATT",
    "PMAK-",
    "phx_",
    "phc_",
    "sntrys_",
    "rnd_",
    "ctx7sk",
    "bb_live_",
    "apify_api_",
    "nvapi-",
    "whsec_",
];
/// A token that begins so has at least this many characters more.
const AFTER_BEGINNING: usize = 12;
/// A random token has at least this many characters.
const RANDOM: usize = 20;
/// And this many without a separator.
const RUN: usize = 16;

/// Parts of names that are given to credentials.
const PARTS: &[&str] = &[
    "token",
    "tokens",
    "key",
    "keys",
    "apikey",
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "secret",
    "secrets",
    "auth",
    "authorization",
    "credential",
    "credentials",
    "cred",
    "creds",
    "pat",
    "bearer",
    "cookie",
    "cookies",
    "jwt",
    "signature",
    "sig",
    "dsn",
    "otp",
    "pin",
    "session",
    "sessionid",
    "sid",
];
/// What gives a name away wherever it stands in it.
const WITHIN: &[&str] = &[
    "token",
    "apikey",
    "secret",
    "password",
    "passwd",
    "credential",
    "accesskey",
    "authkey",
    "privatekey",
    "connectionstring",
];

/// Whether what is given to this name is a credential: `--api-key`, `GITHUB_TOKEN`, `accessToken`.
pub(super) fn is_secret_name(name: &str) -> bool {
    let name = name.get(..128).unwrap_or(name);
    let squashed: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    if WITHIN.iter().any(|part| squashed.contains(part)) {
        return true;
    }
    let mut part = String::new();
    let mut before = '-';
    for c in name.chars().chain(['-']) {
        let new_word = !c.is_ascii_alphanumeric() || (c.is_uppercase() && before.is_lowercase());
        if new_word {
            if PARTS.contains(&part.as_str()) {
                return true;
            }
            part.clear();
        }
        if c.is_ascii_alphanumeric() {
            part.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    false
}

/// Whether a token (letters, digits and `-_.+=~`) is a credential by its beginning or by looking random.
pub(in crate::mcp) fn is_secret(token: &str) -> bool {
    let token = token.trim_end_matches('=');
    let begins = |start: &&str| {
        token.strip_prefix(*start).is_some_and(|rest| {
            let mixed = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
            rest.len() >= AFTER_BEGINNING && rest.bytes().any(mixed)
        })
    };
    BEGINNINGS.iter().any(begins) || is_random(token)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    Digit,
}

/// Names have words in them, so their letters and digits rarely take turns; in random text they do. The
/// limits lie three standard deviations below what random text of [`RANDOM`] characters has, and above
/// what camel case has.
fn is_random(token: &str) -> bool {
    if token.len() < RANDOM || is_uuid(token) {
        return false;
    }
    let (mut run, mut longest) = (0_usize, 0_usize);
    let (mut lower, mut upper, mut digit) = (false, false, false);
    let (mut turns, mut count) = (0_usize, 0_usize);
    let mut last = None;
    for byte in token.bytes() {
        let class = match byte {
            b'a'..=b'z' => Class::Lower,
            b'A'..=b'Z' => Class::Upper,
            b'0'..=b'9' => Class::Digit,
            _ => {
                run = 0;
                continue;
            }
        };
        run += 1;
        longest = longest.max(run);
        lower |= class == Class::Lower;
        upper |= class == Class::Upper;
        digit |= class == Class::Digit;
        turns += usize::from(last.is_some_and(|last| last != class));
        last = Some(class);
        count += 1;
    }
    // In hundredths of the places where a turn could be.
    let rate = 100 * turns / count.saturating_sub(1).max(1);
    match (lower, upper, digit) {
        (true, true, true) => rate >= 28,
        (true, true, false) => longest >= RUN && rate >= 38,
        (true, false, true) | (false, true, true) => longest >= RUN && rate >= 16,
        _ => false,
    }
}

/// RFC 9562 §4: an identifier, as in many paths.
fn is_uuid(token: &str) -> bool {
    token.len() == 36
        && token.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{is_secret, is_secret_name};

    #[test]
    fn names_of_credentials_are_known_in_every_spelling() {
        for name in [
            "token",
            "api-key",
            "apiKey",
            "API_KEY",
            "x-api-key",
            "githubToken",
            "GITHUB_PAT",
            "pass",
            "authorization",
            "client_secret",
            "AWS_SECRET_ACCESS_KEY",
            "db-password",
            "auth",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "path",
            "keyboard",
            "author",
            "host",
            "patch",
            "passive",
            "transport",
            "bypass",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn names_of_things_are_no_credentials() {
        for token in [
            "mcp-server-filesystem-readonly",
            "server-sequential-thinking",
            "modelcontextprotocol",
            "mcp-server-2024-11-05-release.2",
            "0e37df36-f698-11e6-8dd4-cb9ced3df976",
            "BAAAAAAAAAAAAAAAAAAAAAAA",
            "12345678901234567890",
            "sk-server-of-things",
            "ModelContextProtocolServer",
            "awslabs.aws-documentation-mcp-server",
        ] {
            assert!(!is_secret(token), "{token}");
        }
    }

    #[test]
    fn well_known_credentials_are_known() {
        for token in [
            concat!("gh", "p_16C7e42F292c6912E7710c838347Ae178B4a"),
            concat!("sk", "-ant-api03-a1B2c3D4e5F6g7H8"),
            concat!("AK", "IAIOSFODNN7EXAMPLE"),
            concat!("xo", "xb-123456789012-abcdef"),
            concat!("ey", "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"),
            "9f86d081884c7d659a2feaa0c55ad015",
        ] {
            assert!(is_secret(token), "{token}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn random_text_is_a_credential(token in "[A-Za-z0-9]{32,64}") {
            prop_assert!(is_secret(&token), "{token}");
        }
    }
}
