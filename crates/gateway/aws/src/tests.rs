//! The signatures are those of botocore 1.44.8 for the same requests, keys and time.

use http::header;

use super::*;

const HOST: &str = "https://bedrock-runtime.eu-west-1.amazonaws.com";
const CLAUDE: &str = "/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse";
const PROFILE: &str = "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Aapplication-inference-profile%2Fabc/\
                       converse-stream";
const GUARDRAIL: &str =
    "/guardrail/arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Aguardrail%2Fx/version/DRAFT/apply";

fn signed(
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
    session: Option<&str>,
) -> Vec<(HeaderName, HeaderValue)> {
    let secret = ["wJalrXUtnFEMI/K7MDENG", "+bPxRfiCYEXAMPLEKEY"].concat();
    let key = AwsKey {
        id: "AKIDEXAMPLE".into(),
        secret: Secret::new(secret),
        session: session.map(|token| Secret::new(token.to_owned())),
        region: "eu-west-1".into(),
    };
    let url = format!("{HOST}{path}");
    let request = Unsent {
        method: "POST",
        url: &url,
        headers,
        body,
    };
    key.sign(&request, "2026-01-02T03:04:05Z".parse().unwrap())
        .unwrap()
}

fn value<'a>(headers: &'a [(HeaderName, HeaderValue)], name: &str) -> &'a str {
    let found = headers.iter().find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value.to_str().unwrap())
}

#[test]
fn requests_are_signed_as_amazons_own_client_signs_them() {
    let json = HeaderValue::from_static("application/json");
    let body = br#"{"messages":[]}"#;
    for (path, session, signature) in [
        (
            CLAUDE,
            None,
            "6088213b42e6abec820db1a47d242afcd3c38b8df001ecc3af6748a5ad362e74",
        ),
        (
            CLAUDE,
            Some("session"),
            "7abe4ce30e4733890df99f01873be519532054cbf830c2b670b852ce6a730018",
        ),
        (
            PROFILE,
            None,
            "da65a10d84345f45ddaf21c50232e995ce768c1a2843c71e63dd34ae146bf3a5",
        ),
        (
            PROFILE,
            Some("session"),
            "79933f9a73a0c22e2524c2c7be10d9d5a55ca88594d28f6a4ebe022be1bb73f4",
        ),
    ] {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, json.clone())]);
        let added = signed(path, &headers, body, session);
        let authorization = value(&added, "authorization");
        assert!(authorization.ends_with(signature), "{authorization}");
        assert_eq!(value(&added, "x-amz-date"), "20260102T030405Z");
        let token = value(&added, "x-amz-security-token");
        assert_eq!(token, session.unwrap_or_default());
        assert!(added.iter().all(|(_, value)| value.is_sensitive()));
    }
    let headers =
        HeaderMap::from_iter([(header::ACCEPT, json.clone()), (header::CONTENT_TYPE, json)]);
    let body = br#"{"content":[{"text":{"text":"a"}}],"source":"INPUT"}"#;
    let added = signed(GUARDRAIL, &headers, body, None);
    let signature = "26ee45adde94d1b6de5038479cb20992fcfbfb992e044858e84b69fe001ff4ec";
    assert!(value(&added, "authorization").ends_with(signature));
}

#[test]
fn what_is_no_url_is_not_signed_and_the_key_is_never_shown() {
    let key = AwsKey {
        id: "AKIDEXAMPLE".into(),
        secret: Secret::new("very-secret".to_owned()),
        session: Some(Secret::new("very-temporary".to_owned())),
        region: "eu-west-1".into(),
    };
    let headers = HeaderMap::new();
    let request = Unsent {
        method: "POST",
        url: "http://[",
        headers: &headers,
        body: b"",
    };
    let now = "2026-01-02T03:04:05Z".parse().unwrap();
    assert_eq!(key.sign(&request, now), Err(Unsigned));
    let shown = format!("{key:?}");
    assert!(!shown.contains("very-"), "{shown}");
}
