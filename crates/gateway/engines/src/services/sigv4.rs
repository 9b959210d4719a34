//! AWS' signatures of requests (Signature Version 4), as the IAM guide describes them.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use http::HeaderName;
use tidegate_types::Timestamp;

use super::Token;
use crate::{Request, Unasked};

/// The service that Bedrock's requests are signed for, those of its runtime too.
const SERVICE: &str = "bedrock";

/// An access key of AWS.
#[derive(Debug)]
pub struct AwsKey {
    /// Its id, which is no secret.
    pub id: String,
    /// Its secret.
    pub secret: Token,
    /// The session's token, where the key is a temporary one.
    pub session: Option<Token>,
    /// The region that requests are signed for, such as `eu-west-1`.
    pub region: String,
}

impl AwsKey {
    /// Signs a POST request, as of this time: AWS takes it for some minutes.
    pub(super) fn sign(&self, request: Request, now: Timestamp) -> Result<Request, Unasked> {
        let session = self.session.as_ref().map(|token| token.expose().clone());
        let secret = self.secret.expose().clone();
        let identity = Credentials::new(&self.id, secret, session, None, "configured").into();
        let since = u64::try_from(now.micros()).map_err(|_| Unasked::Signature)?;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time(SystemTime::UNIX_EPOCH + Duration::from_micros(since))
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| Unasked::Signature)?
            .into();
        let headers = request.headers.iter();
        let headers =
            headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let body = SignableBody::Bytes(&request.body);
        let signable = SignableRequest::new("POST", &request.url, headers, body);
        let signed = sign(signable.map_err(|_| Unasked::Signature)?, &params);
        let (instructions, _) = signed.map_err(|_| Unasked::Signature)?.into_parts();
        let added: Vec<(String, String)> = instructions
            .headers()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut request = request;
        for (name, value) in added {
            let name = HeaderName::try_from(name).map_err(|_| Unasked::Header)?;
            request = request.with(name, &value, true)?;
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::services::bed;

    const URL: &str = "https://bedrock-runtime.eu-west-1.amazonaws.com/guardrail/\
         arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Aguardrail%2Fx/version/DRAFT/apply";

    /// The signatures are those of botocore 1.44.8 for the same request, key and time.
    #[test]
    fn requests_are_signed_as_amazons_own_client_signs_them() {
        let secret = ["wJalrXUtnFEMI/K7MDENG", "+bPxRfiCYEXAMPLEKEY"].concat();
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        for (session, signature) in [
            (
                None,
                "26ee45adde94d1b6de5038479cb20992fcfbfb992e044858e84b69fe001ff4ec",
            ),
            (
                Some("session"),
                "8899cf545dcba2221be1db5da406a5aa6a21f0ceb661e39783a674b28bb52288",
            ),
        ] {
            let key = AwsKey {
                id: "AKIDEXAMPLE".into(),
                secret: Token::new(secret.clone()),
                session: session.map(|token| Token::new(token.to_owned())),
                region: "eu-west-1".into(),
            };
            let body = json!({"content": [{"text": {"text": "a"}}], "source": "INPUT"});
            let request = Request::json(URL.to_owned(), &body).unwrap();
            let accept = HeaderName::from_static("accept");
            let request = request.with(accept, "application/json", false).unwrap();
            let signed = key.sign(request, now).unwrap();
            let header = bed::header(&signed, "authorization");
            assert!(header.ends_with(signature), "{header}");
            assert_eq!(bed::header(&signed, "x-amz-date"), "20260102T030405Z");
            let token = bed::header(&signed, "x-amz-security-token");
            assert_eq!(token, session.unwrap_or_default());
        }
    }
}
