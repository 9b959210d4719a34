//! Every algorithm that is accepted, and every way around the signature that is known.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::Signer;

/// Made once by another implementation: keys of 2048 and 1024 bits, and what they signed.
const RSA: &str = include_str!("rsa.json");

fn open(token: &str, keys: &Keys) -> Result<Map<String, Value>, TokenFault> {
    Signed::parse(token)?.open(keys, &Algorithm::ALL)
}

fn keys(signers: &[&Signer]) -> Keys {
    let public: Vec<Value> = signers.iter().map(|signer| signer.public()).collect();
    Keys::parse(json!({ "keys": public }).to_string().as_bytes()).unwrap()
}

fn unsigned(header: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(header), part(&json!({ "sub": "ada" })))
}

#[test]
fn all_algorithms_with_public_keys_are_accepted() {
    let rsa: Value = serde_json::from_str(RSA).unwrap();
    let known = Keys::parse(RSA.as_bytes()).unwrap();
    let tokens = rsa["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 6);
    for token in tokens {
        assert_eq!(open(token.as_str().unwrap(), &known).unwrap()["sub"], "ada");
    }
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
        let signer = Signer::new(algorithm, "k");
        let token = signer.token(&json!({ "sub": "ada" }));
        assert_eq!(open(&token, &keys(&[&signer])).unwrap()["sub"], "ada");
    }
    let signer = Signer::new(Algorithm::EdDsa, "k");
    let header = json!({ "alg": "Ed25519", "kid": "k" });
    let token = signer.sign(&header, &json!({ "sub": "ada" }));
    assert!(open(&token, &keys(&[&signer])).is_ok(), "its newer name");
}

#[test]
fn short_keys_and_public_keys_as_shared_secrets_are_refused() {
    let rsa: Value = serde_json::from_str(RSA).unwrap();
    let known = Keys::parse(RSA.as_bytes()).unwrap();
    let small = rsa["small"].as_str().unwrap();
    assert_eq!(open(small, &known), Err(TokenFault::Signature));
    for shared in rsa["shared"].as_array().unwrap() {
        assert_eq!(
            open(shared.as_str().unwrap(), &known),
            Err(TokenFault::Algorithm)
        );
    }
}

#[test]
fn none_in_any_spelling_and_unknown_algorithms_are_refused() {
    for name in [
        "none", "None", "NONE", "nOnE", "", "HS256", "HS512", "ES512", "ES256K", "rs256",
    ] {
        let token = unsigned(&json!({ "alg": name }));
        assert_eq!(
            Signed::parse(&token).unwrap_err(),
            TokenFault::Algorithm,
            "{name}"
        );
    }
    // The right word, and nothing signed.
    let signer = Signer::new(Algorithm::Es256, "k");
    let empty = unsigned(&json!({ "alg": "ES256", "kid": "k" }));
    assert_eq!(open(&empty, &keys(&[&signer])), Err(TokenFault::Signature));
}

#[test]
fn a_key_fits_its_own_kind_of_algorithm_only() {
    let (p256, ed) = (
        Signer::new(Algorithm::Es256, "k"),
        Signer::new(Algorithm::EdDsa, "k"),
    );
    let claims = json!({ "sub": "ada" });
    for header in ["RS256", "PS256", "ES384", "EdDSA"] {
        let token = p256.sign(&json!({ "alg": header, "kid": "k" }), &claims);
        assert_eq!(
            open(&token, &keys(&[&p256])),
            Err(TokenFault::UnknownKey),
            "{header}"
        );
    }
    let token = ed.token(&claims);
    assert_eq!(open(&token, &keys(&[&p256])), Err(TokenFault::UnknownKey));
    assert!(open(&token, &keys(&[&p256, &ed])).is_ok());
}

#[test]
fn what_the_provider_does_not_announce_is_refused_though_the_signature_is_right() {
    let signer = Signer::new(Algorithm::EdDsa, "k");
    let token = signer.token(&json!({ "sub": "ada" }));
    let opened = Signed::parse(&token)
        .unwrap()
        .open(&keys(&[&signer]), &[Algorithm::Rs256]);
    assert_eq!(opened, Err(TokenFault::Algorithm));
}

#[test]
fn the_header_says_nothing_about_where_keys_come_from() {
    let (ours, theirs) = (
        Signer::new(Algorithm::Es256, "k"),
        Signer::new(Algorithm::Es256, "k"),
    );
    let header = json!({
        "alg": "ES256", "kid": "k", "jwk": theirs.public(), "jku": "https://evil.example/jwks",
    });
    let token = theirs.sign(&header, &json!({ "sub": "ada" }));
    assert_eq!(open(&token, &keys(&[&ours])), Err(TokenFault::Signature));
    let critical = ours.sign(
        &json!({ "alg": "ES256", "kid": "k", "crit": ["b64"], "b64": false }),
        &json!({ "sub": "ada" }),
    );
    assert_eq!(open(&critical, &keys(&[&ours])), Err(TokenFault::Critical));
}

#[test]
fn a_key_is_found_by_its_name_and_without_one_by_its_kind() {
    let (first, second) = (
        Signer::new(Algorithm::Es256, "1"),
        Signer::new(Algorithm::Es256, "2"),
    );
    let both = keys(&[&first, &second]);
    let claims = json!({ "sub": "ada" });
    assert!(open(&second.token(&claims), &both).is_ok());
    let nameless = second.sign(&json!({ "alg": "ES256" }), &claims);
    assert!(open(&nameless, &both).is_ok());
    let swapped = second.sign(&json!({ "alg": "ES256", "kid": "1" }), &claims);
    assert_eq!(open(&swapped, &both), Err(TokenFault::Signature));
    let unknown = second.sign(&json!({ "alg": "ES256", "kid": "3" }), &claims);
    assert_eq!(open(&unknown, &both), Err(TokenFault::UnknownKey));
}

#[test]
fn keys_for_other_uses_and_secrets_are_left_out_and_an_empty_set_is_refused() {
    let signer = Signer::new(Algorithm::Es256, "k");
    let mut other = signer.public();
    other["use"] = "enc".into();
    let mut wrong = signer.public();
    wrong["alg"] = "HS256".into();
    for bad in [
        json!({ "keys": [] }),
        json!({ "keys": [other, wrong] }),
        json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0", "kid": "k" }] }),
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }, 7, null] }),
        json!({ "keys": vec![signer.public(); 101] }),
        json!({ "key": [] }),
        json!([]),
    ] {
        assert!(Keys::parse(bad.to_string().as_bytes()).is_err(), "{bad}");
    }
    assert!(Keys::parse(b"<html>").is_err());
}

#[test]
fn a_changed_token_is_refused_wherever_it_was_changed() {
    let signer = Signer::new(Algorithm::EdDsa, "k");
    let known = keys(&[&signer]);
    let token = signer.token(&json!({ "sub": "ada" }));
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        assert!(
            open(&String::from_utf8(bytes).unwrap(), &known).is_err(),
            "{at}"
        );
    }
    let long = format!("{token}{}", "A".repeat(LONGEST));
    assert_eq!(open(&long, &known), Err(TokenFault::Malformed));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}", dots in "[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,4}") {
        let signer = Signer::new(Algorithm::EdDsa, "k");
        prop_assert!(open(&text, &keys(&[&signer])).is_err());
        prop_assert!(open(&dots, &keys(&[&signer])).is_err());
    }
}
