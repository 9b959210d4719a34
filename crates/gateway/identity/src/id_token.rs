//! What an ID token must say to count (OpenID Connect Core 1.0 §3.1.3.7), once its signature is right.

use serde_json::{Map, Value};
use subtle::ConstantTimeEq;
use tidegate_types::Timestamp;

use crate::TokenFault;

/// Clocks differ by this much, in seconds.
const LEEWAY: f64 = 60.0;

/// The longest subject, in characters (§2, `sub`).
const LONGEST_SUBJECT: usize = 255;

/// Whom a token must come from and be for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
}

/// The subject, if all else is right.
pub(crate) fn check(
    claims: &Map<String, Value>,
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<String, TokenFault> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(TokenFault::Issuer);
    }
    audience(claims, expected.client_id)?;
    times(claims, now)?;
    let nonce = text("nonce").unwrap_or_default();
    if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return Err(TokenFault::Nonce);
    }
    match text("sub") {
        Some(subject)
            if (1..=LONGEST_SUBJECT).contains(&subject.chars().count())
                && !subject.contains(char::is_control) =>
        {
            Ok(subject.to_owned())
        }
        _ => Err(TokenFault::Subject),
    }
}

/// A token for several must say that it was made for us, and none may say that it was made for another.
fn audience(claims: &Map<String, Value>, client_id: &str) -> Result<(), TokenFault> {
    let party = match claims.get("azp") {
        None => None,
        Some(Value::String(party)) => Some(party.as_str()),
        Some(_) => return Err(TokenFault::AuthorizedParty),
    };
    let (ours, several) = match claims.get("aud") {
        Some(Value::String(one)) => (one == client_id, false),
        Some(Value::Array(all)) => {
            let ours = all.iter().any(|one| one.as_str() == Some(client_id));
            (ours, all.len() > 1)
        }
        _ => (false, false),
    };
    if !ours {
        return Err(TokenFault::Audience);
    }
    match party {
        Some(party) if party != client_id => Err(TokenFault::AuthorizedParty),
        None if several => Err(TokenFault::AuthorizedParty),
        _ => Ok(()),
    }
}

fn times(claims: &Map<String, Value>, now: Timestamp) -> Result<(), TokenFault> {
    let now = now.seconds() as f64;
    let at = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => match value.as_f64() {
            Some(at) if at.is_finite() => Ok(Some(at)),
            _ => Err(TokenFault::Malformed),
        },
    };
    let (ends, made, starts) = (at("exp")?, at("iat")?, at("nbf")?);
    if ends.is_none_or(|ends| ends + LEEWAY <= now) {
        return Err(TokenFault::Expired);
    }
    let made = made.ok_or(TokenFault::Malformed)?;
    if made > now + LEEWAY || starts.is_some_and(|starts| starts > now + LEEWAY) {
        return Err(TokenFault::NotYet);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn token(change: impl FnOnce(&mut Map<String, Value>)) -> Result<String, TokenFault> {
        let claims = json!({
            "iss": "https://idp.example", "aud": "tidegate", "sub": "alice",
            "iat": NOW, "exp": NOW + 300, "nonce": "n",
        });
        let Value::Object(mut claims) = claims else {
            unreachable!("it is an object")
        };
        change(&mut claims);
        let expected = Expected {
            issuer: "https://idp.example",
            client_id: "tidegate",
            nonce: "n",
        };
        check(&claims, expected, Timestamp::from_micros(NOW * 1_000_000))
    }

    fn with(name: &str, value: Value) -> Result<String, TokenFault> {
        token(|claims| drop(claims.insert(name.to_owned(), value)))
    }

    fn without(name: &str) -> Result<String, TokenFault> {
        token(|claims| drop(claims.remove(name)))
    }

    #[test]
    fn a_token_as_it_should_be_names_its_subject() {
        assert_eq!(token(|_| {}).as_deref(), Ok("alice"));
        assert!(with("aud", json!(["tidegate"])).is_ok());
        assert!(with("azp", json!("tidegate")).is_ok());
        assert!(with("exp", json!(NOW as f64 + 0.5)).is_ok());
    }

    #[test]
    fn another_issuer_audience_party_or_sign_in_is_refused() {
        for bad in [
            json!("https://idp.example/"),
            json!("https://evil.example"),
            json!(null),
        ] {
            assert_eq!(with("iss", bad), Err(TokenFault::Issuer));
        }
        for bad in [
            json!("other"),
            json!([]),
            json!(["other"]),
            json!(7),
            json!("tidegate2"),
        ] {
            assert_eq!(with("aud", bad), Err(TokenFault::Audience));
        }
        assert_eq!(without("aud"), Err(TokenFault::Audience));
        let several = json!(["tidegate", "other"]);
        assert_eq!(
            with("aud", several.clone()),
            Err(TokenFault::AuthorizedParty)
        );
        let both = token(|claims| {
            claims.insert("aud".into(), several);
            claims.insert("azp".into(), json!("tidegate"));
        });
        assert!(both.is_ok());
        for bad in [json!("other"), json!(["tidegate"]), json!(null)] {
            assert_eq!(with("azp", bad), Err(TokenFault::AuthorizedParty));
        }
        for bad in [json!("m"), json!(""), json!(null), json!(["n"])] {
            assert_eq!(with("nonce", bad), Err(TokenFault::Nonce));
        }
        assert_eq!(without("nonce"), Err(TokenFault::Nonce));
    }

    #[test]
    fn times_count_with_a_minute_of_leeway() {
        assert!(with("exp", json!(NOW - 59)).is_ok());
        assert_eq!(with("exp", json!(NOW - 60)), Err(TokenFault::Expired));
        assert_eq!(without("exp"), Err(TokenFault::Expired));
        assert_eq!(with("exp", json!("never")), Err(TokenFault::Malformed));
        assert!(with("iat", json!(NOW + 60)).is_ok());
        assert_eq!(with("iat", json!(NOW + 61)), Err(TokenFault::NotYet));
        assert_eq!(without("iat"), Err(TokenFault::Malformed));
        assert!(with("nbf", json!(NOW + 60)).is_ok());
        assert_eq!(with("nbf", json!(NOW + 61)), Err(TokenFault::NotYet));
    }

    #[test]
    fn a_subject_is_short_and_printable() {
        let long = "x".repeat(256);
        for bad in [json!(""), json!(long), json!("a\u{0}"), json!(7)] {
            assert_eq!(with("sub", bad), Err(TokenFault::Subject));
        }
        assert_eq!(without("sub"), Err(TokenFault::Subject));
    }
}
