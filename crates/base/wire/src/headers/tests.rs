//! Keys are found where SDKs put them; nothing private crosses in either direction.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;

const KEY: &str = "sk-tg-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
const OTHER: &str = "sk-tg-1123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

fn map(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    headers
}

#[test]
fn every_place_is_read() {
    let bearer = format!("Bearer {KEY}");
    let lower = format!("bearer  {KEY}");
    for pair in [
        ("authorization", bearer.as_str()),
        ("authorization", lower.as_str()),
        ("x-api-key", KEY),
        ("x-goog-api-key", KEY),
        ("api-key", KEY),
        ("x-tidegate-key", KEY),
    ] {
        assert_eq!(credential(&map(&[pair])), Ok(KEY), "{pair:?}");
    }
}

#[test]
fn a_key_of_ours_counts_beside_a_foreign_one() {
    let headers = map(&[("authorization", "Bearer eyJhbGci"), ("x-api-key", KEY)]);
    assert_eq!(credential(&headers), Ok(KEY));
    let headers = map(&[
        ("authorization", "Bearer eyJhbGci"),
        ("x-tidegate-key", KEY),
    ]);
    assert_eq!(credential(&headers), Ok(KEY));
}

#[test]
fn the_same_key_twice_is_fine_and_two_keys_are_not() {
    assert_eq!(
        credential(&map(&[("api-key", KEY), ("x-api-key", KEY)])),
        Ok(KEY)
    );
    for second in ["api-key", "x-api-key", "x-tidegate-key"] {
        let headers = map(&[("x-api-key", KEY), (second, OTHER)]);
        assert_eq!(
            credential(&headers),
            Err(CredentialError::Conflict),
            "{second}"
        );
    }
}

#[test]
fn what_is_not_ours_is_told_apart() {
    assert_eq!(credential(&map(&[])), Err(CredentialError::Missing));
    assert_eq!(
        credential(&map(&[("authorization", "Bearer ")])),
        Err(CredentialError::Missing)
    );
    let foreign = map(&[("x-api-key", "sk-ant-xyz")]);
    assert_eq!(credential(&foreign), Err(CredentialError::Foreign));
    let signature = "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/bedrock/aws4_request";
    let signed = map(&[("authorization", signature)]);
    assert_eq!(credential(&signed), Err(CredentialError::Signed));
    let both = map(&[("authorization", signature), ("x-tidegate-key", KEY)]);
    assert_eq!(credential(&both), Ok(KEY));
    let own_wins = map(&[("x-tidegate-key", "nonsense"), ("x-api-key", KEY)]);
    assert_eq!(credential(&own_wins), Err(CredentialError::Foreign));
    let long = format!("sk-tg-{}", "a".repeat(200));
    assert_eq!(
        credential(&map(&[("api-key", &long)])),
        Err(CredentialError::TooLong)
    );
}

fn passes(rule: fn(&HeaderName) -> bool, names: &'static str) -> Vec<&'static str> {
    names
        .split_whitespace()
        .filter(|name| rule(&HeaderName::from_static(name)))
        .collect()
}

#[test]
fn private_request_headers_stay() {
    let denied = "authorization x-api-key x-goog-api-key api-key x-tidegate-key connection \
        transfer-encoding te upgrade host content-length cookie forwarded x-forwarded-for \
        x-real-ip via accept-encoding expect openai-organization openai-project traceparent \
        tracestate x-http-method-override proxy-authorization sec-websocket-key x-goog-fieldmask x-amz-date x-amz-security-token \
        x-amz-content-sha256 x-amz-target smithy-protocol";
    assert_eq!(passes(forward_to_upstream, denied), [""; 0]);
    let allowed = "content-type accept anthropic-version anthropic-beta openai-beta user-agent \
        x-stainless-lang x-goog-api-client idempotency-key x-new-feature";
    let all: Vec<_> = allowed.split_whitespace().collect();
    assert_eq!(passes(forward_to_upstream, allowed), all);
}

#[test]
fn private_answer_headers_stay() {
    let denied = "set-cookie x-ratelimit-limit-requests anthropic-ratelimit-tokens-limit \
        openai-organization anthropic-organization-id cf-ray alt-svc server via \
        strict-transport-security x-envoy-upstream-service-time content-length connection \
        keep-alive x-tidegate-request-id";
    assert_eq!(passes(forward_to_client, denied), [""; 0]);
    let allowed = "content-type content-encoding retry-after retry-after-ms x-should-retry \
        request-id x-request-id openai-processing-ms openai-version cache-control";
    let all: Vec<_> = allowed.split_whitespace().collect();
    assert_eq!(passes(forward_to_client, allowed), all);
}

#[test]
fn connection_nominates() {
    let headers = map(&[
        ("connection", "keep-alive, X-Secret ,,bad name"),
        ("connection", "a"),
    ]);
    let names = nominated(&headers);
    assert!(names.contains(&HeaderName::from_static("x-secret")));
    assert!(names.contains(&HeaderName::from_static("a")));
    assert!(!names.contains(&HeaderName::from_static("keep-alive")));
    let many = (0..100)
        .map(|n| format!("h{n}"))
        .collect::<Vec<_>>()
        .join(",");
    assert!(!nominated(&map(&[("connection", &many)])).contains(&HeaderName::from_static("h99")));
}
